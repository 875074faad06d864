import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const SOCKET_RESOURCE = /^(?:TCP|UDP|TLS|Pipe|GetAddrInfo|QueryA)/;

function socketDescriptors(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        const target = readlinkSync(`/proc/self/fd/${fd}`);
        return target.startsWith('socket:') ? [target] : [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/**
 * The network handles of this process: those the runtime says keep it alive and, on Linux, every socket descriptor,
 * so that an unreferenced socket is seen as well. Sorted.
 */
export function openHandles(): readonly string[] {
  const resources = process.getActiveResourcesInfo().filter((name) => SOCKET_RESOURCE.test(name));
  return [...resources, ...socketDescriptors()].sort();
}

/** The handles that are open now and were not before, after waiting up to a second for them to close. */
export async function handlesLeft(before: readonly string[]): Promise<readonly string[]> {
  for (let round = 0; ; round++) {
    const known = [...before];
    const left = openHandles().filter((handle) => {
      const at = known.indexOf(handle);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    if (left.length === 0 || round >= 50) return left;
    await pause(20);
  }
}
