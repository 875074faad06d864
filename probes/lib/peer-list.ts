import { BlockList, isIP } from 'node:net';

/** What a peer is written as, for messages. */
export const PEER_EXPECTED = 'an IP address or a range like 10.0.0.0/16';

/**
 * The addresses that are answered, from addresses and ranges in CIDR notation (RFC 4632, RFC 4291 §2.3). `wrong` holds
 * those that are neither.
 */
export function peerList(peers: readonly string[]): { readonly known: BlockList; readonly wrong: string[] } {
  const known = new BlockList();
  const wrong = peers.filter((peer) => !add(known, peer));
  return { known, wrong };
}

/** Whether an address is one of those, an IPv4 one also in its IPv6 form. */
export function isPeer(known: BlockList, address: string): boolean {
  return known.check(address, familyOf(address));
}

function add(known: BlockList, peer: string): boolean {
  const [address = '', prefix, ...rest] = peer.split('/');
  if (isIP(address) === 0 || rest.length > 0) return false;
  if (prefix === undefined) {
    known.addAddress(address, familyOf(address));
    return true;
  }
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= (isIP(address) === 4 ? 32 : 128))) return false;
  known.addSubnet(address, bits, familyOf(address));
  return true;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
