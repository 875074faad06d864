import { connect, isIP } from 'node:net';

/** A host that is not the provider's, and a TCP port on which it listens. */
export interface Reference {
  readonly host: string;
  readonly port: number;
}

/**
 * What became of asking a reference. `alive`: it answered, from this address. `silent`: the request left and nothing
 * came back, or there was no route. `unasked`: it never got that far (name not resolved, no descriptor left), which
 * says nothing of our network.
 */
export type ReferenceAnswer =
  { readonly kind: 'alive'; readonly address: string } | { readonly kind: 'silent' | 'unasked' };

/** Asks one reference. Resolves as soon as the signal is aborted, never rejects, leaves nothing open. */
export type AskReference = (reference: Reference, signal: AbortSignal) => Promise<ReferenceAnswer>;

/** Error codes of a connection attempt that tell of the way to the reference; any other is our own machine's. */
const BY_CODE: Readonly<Record<string, 'alive' | 'silent'>> = {
  ECONNREFUSED: 'alive',
  ECONNRESET: 'alive',
  EHOSTUNREACH: 'silent',
  ENETUNREACH: 'silent',
  EHOSTDOWN: 'silent',
  ENETDOWN: 'silent',
  ETIMEDOUT: 'silent',
  EACCES: 'silent',
  EPERM: 'silent',
};

/**
 * Asks by a TCP connection, closed as soon as it stands. A refusal is an answer: someone sent the reset. At the abort,
 * a reference whose address is known counts as silent.
 */
export const askByTcp: AskReference = ({ host, port }, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ kind: 'unasked' });
      return;
    }
    let onItsWay = isIP(host) !== 0;
    const socket = connect({ host, port });
    const settle = (answer: ReferenceAnswer): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => settle({ kind: onItsWay ? 'silent' : 'unasked' });
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('lookup', (error: Error | null) => {
      onItsWay = !error;
    });
    socket.once('connect', () => settle({ kind: 'alive', address: socket.remoteAddress ?? host }));
    socket.on('error', (error) => settle(answerOf(error)));
  });

/** What an error says. A name with several addresses fails with one error for each: one that answered is enough. */
function answerOf(error: Error): ReferenceAnswer {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const found = errors.filter((each) => each instanceof Error).map(codeAndAddress);
  const alive = found.find(({ code, address }) => BY_CODE[code] === 'alive' && address !== '');
  if (alive) return { kind: 'alive', address: alive.address };
  return { kind: found.some(({ code }) => BY_CODE[code] === 'silent') ? 'silent' : 'unasked' };
}

function codeAndAddress(error: Error): { readonly code: string; readonly address: string } {
  const text = (key: 'code' | 'address'): string => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : '';
  };
  return { code: text('code'), address: text('address') };
}
