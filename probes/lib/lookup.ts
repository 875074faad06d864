import { lookup } from 'node:dns';
import { isIP } from 'node:net';

/** The family of addresses that a check asks for; `any` takes the first that the system offers. */
export type IpVersion = 4 | 6 | 'any';

type Done = (error: Error | null, address: string) => void;

/**
 * Finds the address of a host as any program of this machine would (hosts file, search domains, RFC 6724 order) and
 * takes the first. Runs that ask for the same name at the same time share one question, so that a name that hangs
 * holds one thread of the runtime's few, not one per run. The system offers no way to end a question: whoever gives
 * up stops listening.
 */
export function createLookup(): (host: string, ipVersion: IpVersion, done: Done) => void {
  const waiting = new Map<string, Done[]>();
  return (host, ipVersion, done) => {
    if (isIP(host) !== 0) {
      done(null, host);
      return;
    }
    const key = `${ipVersion} ${host}`;
    const others = waiting.get(key);
    if (others) {
      others.push(done);
      return;
    }
    waiting.set(key, [done]);
    lookup(host, { family: ipVersion === 'any' ? 0 : ipVersion, order: 'verbatim' }, (error, address) => {
      const asked = waiting.get(key) ?? [];
      waiting.delete(key);
      for (const tell of asked) tell(error, address);
    });
  };
}

export type Lookup = ReturnType<typeof createLookup>;
