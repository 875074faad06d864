import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { BoundExchange } from './bound-exchange.ts';
import type { BoundOutcome, BoundRequest, Endpoint, PendingExchange } from './bound-exchange.ts';

/**
 * One local UDP port, bound to an address of this machine for itself alone: a program that has it is not disturbed,
 * for a second socket with the right to share it would take that one's datagrams. As long as all requests go to one
 * peer the socket is connected to it, since only then is it told of an unreachable port (RFC 1122 §4.1.3.3); from the
 * first request to another on it is open to all, and a closed port is then seen as silence.
 */
export class BoundPort {
  /** Resolves once the descriptor is let go. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Set<PendingExchange>();
  readonly #peer: Endpoint | undefined;
  #exclusive: boolean;
  #connected = false;
  #ready = false;
  #closing = false;
  #bindError: Error | undefined;

  /** `peer`: whom to connect to; nobody when absent. */
  constructor(local: Endpoint, peer: Endpoint | undefined) {
    this.#peer = peer;
    this.#exclusive = peer !== undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#socket = createSocket('udp4')
      .on('listening', () => this.#bound())
      .on('message', (datagram, from) => this.#deliver(datagram, from.address))
      .on('error', (error) => this.#fail(error))
      .on('close', resolve);
    this.#socket.bind({ ...local, exclusive: true });
  }

  /** Must be told of every peer before a request to it: opens the port to all when it is another one. */
  admit(peer: Endpoint | undefined): void {
    if (peer?.address === this.#peer?.address && peer?.port === this.#peer?.port) return;
    this.#exclusive = false;
    this.#disconnect();
  }

  /** One request; for its outcome see {@link BoundOutcome}. After an abort nothing is sent. */
  exchange<Reply>(request: BoundRequest<Reply>, context: ProbeContext): Promise<BoundOutcome<Reply>> {
    const exchange = new BoundExchange(request, context, () => this.#pending.delete(exchange));
    this.#pending.add(exchange);
    if (cancelOf(context).aborted) exchange.end({ kind: 'aborted' });
    else if (this.#bindError) exchange.end({ kind: 'unbound', error: this.#bindError });
    else if (this.#ready) this.#transmit(exchange);
    return exchange.outcome;
  }

  /** Sends a message that nobody answers. Resolves when the system has it, or will not take it. */
  tell(to: Endpoint, payload: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#send(to, payload, () => resolve());
      void this.closed.then(resolve);
    });
  }

  /** Gives up what goes on and lets go of the port. */
  close(): void {
    this.#closing = true;
    for (const exchange of this.#pending) exchange.end({ kind: 'aborted' });
    this.#socket.close();
  }

  #bound(): void {
    this.#socket.setBroadcast(true);
    if (!this.#peer || !this.#exclusive) {
      this.#begin();
      return;
    }
    // An error of the connect comes again with the first message, where it belongs to a request.
    this.#socket.connect(this.#peer.port, this.#peer.address, (error?: Error) => {
      if (this.#closing) return;
      this.#connected = error === undefined;
      if (!this.#exclusive) this.#disconnect();
      this.#begin();
    });
  }

  #begin(): void {
    this.#ready = true;
    for (const exchange of this.#pending) this.#transmit(exchange);
  }

  #disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#socket.disconnect();
  }

  #transmit(exchange: PendingExchange): void {
    exchange.departs();
    this.#send(exchange.to, exchange.payload, (error) => {
      if (error && this.#pending.has(exchange)) exchange.end({ kind: 'failed', error });
    });
  }

  #send({ address, port }: Endpoint, payload: Uint8Array, done: (error: Error | null) => void): void {
    if (this.#connected) this.#socket.send(payload, done);
    else this.#socket.send(payload, port, address, done);
  }

  #deliver(datagram: Buffer, from: string): void {
    for (const exchange of this.#pending) if (exchange.deliver(datagram, from)) return;
    for (const exchange of this.#pending) exchange.stray();
  }

  #fail(error: Error): void {
    if (!this.#ready) this.#bindError = error;
    const kind = this.#ready ? 'failed' : 'unbound';
    for (const exchange of this.#pending) exchange.end({ kind, error });
  }
}
