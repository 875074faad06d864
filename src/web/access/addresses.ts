import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Tells of an address whether it is among addresses and networks (`10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`). */
export function addressSet(networks: readonly string[]): (address: string) => boolean {
  const set = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    set.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && set.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  };
}

/** An IPv4 address that came by a socket of both families as what it is; others as they are. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}

/**
 * Who is at the far end: the last address of `X-Forwarded-For` that is no trusted proxy's, as each proxy adds the one it
 * was reached from at the end. Whatever stands before it could be anyone's invention.
 */
export function farEnd(
  peer: string,
  forwardedFor: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let farthest = plainAddress(peer);
  for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
    const address = plainAddress(hop.trim());
    if (!isTrusted(farthest) || isIP(address) === 0) break;
    farthest = address;
  }
  return farthest;
}

/** What one household holds: an IPv4 address, or the /64 that an IPv6 address is in. */
export function householdOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const ending = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - ending.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...ending];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Whether only this machine can reach what listens at a host. */
export function isLoopback(host: string): boolean {
  const address = plainAddress(host.replace(/^\[(.*)\]$/, '$1'));
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}
