import { isIP } from 'node:net';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { IpVersion, Lookup } from './lookup.ts';

/** What a host came to. `resolveMs` is absent for an IP address, of which nothing is asked. */
export type Resolution =
  | { readonly kind: 'address'; readonly address: string; readonly resolveMs?: number }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'aborted' };

/** The address of a host. Resolves in the turn of the abort; the question to the system is then left to itself. */
export function resolveHost(
  lookup: Lookup,
  host: string,
  ipVersion: IpVersion,
  { signal, clock }: ProbeContext,
): Promise<Resolution> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  if (isIP(host) !== 0) return Promise.resolve({ kind: 'address', address: host });
  const startedMs = clock.monotonicMs();
  return new Promise((resolve) => {
    const abort = (): void => resolve({ kind: 'aborted' });
    signal.addEventListener('abort', abort, { once: true });
    lookup(host, ipVersion, (error, address) => {
      signal.removeEventListener('abort', abort);
      const resolveMs = clock.monotonicMs() - startedMs;
      resolve(error ? { kind: 'failed', error } : { kind: 'address', address, resolveMs });
    });
  });
}
