import { type Cancel, cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';

/** An IPv4 address with a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** One message from a bound port, and how its reply is told from whatever else arrives there. */
export interface BoundRequest<Reply> {
  readonly to: Endpoint;
  /** Whether anyone may reply; else only the address that is asked. */
  readonly fromAnyone: boolean;
  readonly payload: Uint8Array;
  /** What a datagram says, or undefined when it does not belong to this request. Called on arrival; must not throw. */
  read(datagram: Buffer): Reply | undefined;
}

/**
 * How a request ended. `unbound`: the port could not be had, by the system's error. `failed`: by an error of the
 * network or of the other side.
 */
export type BoundEnd<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'unbound'; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'aborted' };

/** A request that is over. */
export interface BoundOutcome<Reply> {
  readonly end: BoundEnd<Reply>;
  /** From the departure of the message, or from the call when nothing left. */
  readonly latencyMs: number;
  /** Datagrams that arrived meanwhile and belonged to no request. */
  readonly strays: number;
}

/** What a port needs to know of a request that goes on. */
export interface PendingExchange {
  readonly to: Endpoint;
  readonly payload: Uint8Array;
  /** The message leaves now. */
  departs(): void;
  /** Whether the datagram was the reply to this request. */
  deliver(datagram: Buffer, from: string): boolean;
  stray(): void;
  end(end: Exclude<BoundEnd<never>, { kind: 'reply' }>): void;
}

/** One request at a bound port. Ends once: by its reply, by an error, or in the turn of the abort. */
export class BoundExchange<Reply> implements PendingExchange {
  /** Rejects only for a bug: a reader that throws. */
  readonly outcome: Promise<BoundOutcome<Reply>>;
  readonly #settled = Promise.withResolvers<BoundOutcome<Reply>>();
  readonly #request: BoundRequest<Reply>;
  readonly #context: ProbeContext;
  readonly #cancel: Cancel;
  readonly #over: () => void;
  #sentMs: number;
  #strays = 0;

  /** `over` is called at the end. */
  constructor(request: BoundRequest<Reply>, context: ProbeContext, over: () => void) {
    this.#request = request;
    this.#context = context;
    this.#over = over;
    this.#sentMs = context.clock.monotonicMs();
    this.outcome = this.#settled.promise;
    this.#cancel = cancelOf(context);
    this.#cancel.addEventListener('abort', this.#abort, { once: true });
  }

  get to(): Endpoint {
    return this.#request.to;
  }

  get payload(): Uint8Array {
    return this.#request.payload;
  }

  departs(): void {
    this.#sentMs = this.#context.clock.monotonicMs();
  }

  deliver(datagram: Buffer, from: string): boolean {
    if (!this.#request.fromAnyone && from !== this.to.address) return false;
    try {
      const reply = this.#request.read(datagram);
      if (reply === undefined) return false;
      this.#settle({ kind: 'reply', reply });
    } catch (bug) {
      this.#settled.reject(bug);
      this.#leave();
    }
    return true;
  }

  stray(): void {
    this.#strays++;
  }

  end(end: Exclude<BoundEnd<never>, { kind: 'reply' }>): void {
    this.#settle(end);
  }

  readonly #abort = (): void => this.#settle({ kind: 'aborted' });

  #settle(end: BoundEnd<Reply>): void {
    const latencyMs = this.#context.clock.monotonicMs() - this.#sentMs;
    this.#settled.resolve({ end, latencyMs, strays: this.#strays });
    this.#leave();
  }

  #leave(): void {
    this.#cancel.removeEventListener('abort', this.#abort);
    this.#over();
  }
}
