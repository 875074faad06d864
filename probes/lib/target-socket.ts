import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type Cancel, cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';

/** One request over UDP and how its reply is told from whatever else arrives. */
export interface DatagramRequest<Reply> {
  /** IP address of the target; names are resolved before. */
  readonly address: string;
  readonly port: number;
  /** The bytes of the request. Called once, just before they leave, so that they may hold the time of departure. */
  payload(): Uint8Array;
  /**
   * What a datagram from the target says, or undefined when it does not belong to this transaction: it is then
   * counted, and waiting goes on (RFC 5452 §9). Called on arrival; must not throw.
   */
  read(datagram: Buffer): Reply | undefined;
}

/**
 * How an exchange ended. `strays`: datagrams from the target that belonged to no exchange of that time.
 * `failed`: the socket's own error (a port unreachable, no route, no descriptor left), for the fault table.
 */
export type DatagramOutcome<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly latencyMs: number; readonly strays: number }
  | { readonly kind: 'failed'; readonly error: Error; readonly strays: number }
  | { readonly kind: 'aborted'; readonly strays: number };

/** The part of an exchange that its socket needs. */
interface Pending {
  send(): void;
  /** Whether the datagram was the reply to this exchange. */
  deliver(datagram: Buffer): boolean;
  fail(error: Error): void;
  abandon(): void;
}

/** The part of a socket that an exchange needs. */
interface Carrier {
  send(payload: Uint8Array): void;
  /** How many datagrams have belonged to no exchange so far. */
  strays(): number;
  ended(exchange: Pending, how: 'replied' | 'in-vain'): void;
}

class Exchange<Reply> implements Pending {
  readonly outcome: Promise<DatagramOutcome<Reply>>;
  readonly #settled = Promise.withResolvers<DatagramOutcome<Reply>>();
  readonly #straysBefore: number;
  #sentMs = 0;
  readonly #request: DatagramRequest<Reply>;
  readonly #context: ProbeContext;
  readonly #cancel: Cancel;
  readonly #carrier: Carrier;

  constructor(request: DatagramRequest<Reply>, context: ProbeContext, carrier: Carrier) {
    this.#request = request;
    this.#context = context;
    this.#cancel = cancelOf(context);
    this.#carrier = carrier;
    this.#straysBefore = carrier.strays();
    this.outcome = this.#settled.promise;
    this.#cancel.addEventListener('abort', this.abandon, { once: true });
  }

  send(): void {
    try {
      this.#sentMs = this.#context.clock.monotonicMs();
      this.#carrier.send(this.#request.payload());
    } catch (bug) {
      this.#reject(bug);
    }
  }

  deliver(datagram: Buffer): boolean {
    try {
      const reply = this.#request.read(datagram);
      if (reply === undefined) return false;
      const latencyMs = this.#context.clock.monotonicMs() - this.#sentMs;
      this.#settled.resolve({ kind: 'reply', reply, latencyMs, strays: this.#strays() });
      this.#end('replied');
    } catch (bug) {
      this.#reject(bug);
    }
    return true;
  }

  fail(error: Error): void {
    this.#settled.resolve({ kind: 'failed', error, strays: this.#strays() });
    this.#end('in-vain');
  }

  readonly abandon = (): void => {
    this.#settled.resolve({ kind: 'aborted', strays: this.#strays() });
    this.#end('in-vain');
  };

  #reject(bug: unknown): void {
    this.#settled.reject(bug);
    this.#end('in-vain');
  }

  #strays(): number {
    return this.#carrier.strays() - this.#straysBefore;
  }

  #end(how: 'replied' | 'in-vain'): void {
    this.#cancel.removeEventListener('abort', this.abandon);
    this.#carrier.ended(this, how);
  }
}

const MOST_EXCHANGES = 64;

/**
 * A connected UDP socket to one target: only a connected one is told of an unreachable port (RFC 1122 §4.1.3.3), and
 * the kernel keeps datagrams of other addresses and ports away from it. It takes 64 exchanges, and none after one
 * that failed or was aborted; it closes when it takes no more and those going on have ended.
 */
export class TargetSocket {
  readonly openedMs: number;
  /** Resolves once the descriptor is let go. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Set<Pending>();
  readonly #carrier: Carrier;
  #connected = false;
  #retired = false;
  #closing = false;
  #exchanges = 0;
  #strays = 0;

  constructor(address: string, port: number, nowMs: number) {
    this.openedMs = nowMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#carrier = {
      send: (payload) => this.#send(payload),
      strays: () => this.#strays,
      ended: (exchange, how) => {
        this.#pending.delete(exchange);
        if (how === 'in-vain') this.#retired = true;
        this.#closeWhenDone();
      },
    };
    this.#socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
      .on('connect', () => this.#sendAll())
      .on('message', (datagram) => this.#deliver(datagram))
      .on('error', (error) => this.#fail(error))
      .on('close', resolve);
    // Without a callback an error of the connect is an event like any other.
    this.#socket.connect(port, address);
  }

  /** Whether it takes no more exchanges. */
  get retired(): boolean {
    return this.#retired;
  }

  /** Starts an exchange; for its outcome see {@link DatagramOutcome}. Not to be called on a retired socket. */
  exchange<Reply>(request: DatagramRequest<Reply>, context: ProbeContext): Promise<DatagramOutcome<Reply>> {
    if (++this.#exchanges >= MOST_EXCHANGES) this.#retired = true;
    const exchange = new Exchange(request, context, this.#carrier);
    this.#pending.add(exchange);
    if (this.#connected) exchange.send();
    return exchange.outcome;
  }

  /** Takes no more exchanges. */
  retire(): void {
    this.#retired = true;
    this.#closeWhenDone();
  }

  /** Takes no more exchanges, and gives up those that go on. */
  abandon(): void {
    for (const exchange of this.#pending) exchange.abandon();
    this.retire();
  }

  #sendAll(): void {
    this.#connected = true;
    for (const exchange of this.#pending) exchange.send();
  }

  #send(payload: Uint8Array): void {
    // Without a callback the runtime drops an error that the send itself returns.
    this.#socket.send(payload, (error) => {
      if (error) this.#fail(error);
    });
  }

  #deliver(datagram: Buffer): void {
    for (const exchange of this.#pending) if (exchange.deliver(datagram)) return;
    this.#strays++;
  }

  #fail(error: Error): void {
    for (const exchange of this.#pending) exchange.fail(error);
    this.retire();
  }

  #closeWhenDone(): void {
    if (!this.#retired || this.#closing || this.#pending.size > 0) return;
    this.#closing = true;
    this.#socket.close();
  }
}
