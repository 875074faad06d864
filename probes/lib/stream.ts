import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { type Cancel, cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';

/** How TLS is spoken on a stream. */
export interface StreamTls {
  /** The trusted authorities; made once per check, for making one costs as much as a handshake. */
  readonly context: SecureContext;
  /** Whether a certificate that does not verify ends the exchange. */
  readonly verify: boolean;
  /** The name asked for (SNI) and looked for in the certificate; empty for an IP address. */
  readonly serverName: string;
  /** The protocol offered in ALPN. */
  readonly protocol: string;
}

/** One request over a connection of its own. */
export interface StreamRequest<Reply> {
  /** IP address of the target; names are resolved before. */
  readonly address: string;
  readonly port: number;
  readonly tls?: StreamTls | undefined;
  /** Sent as soon as the connection stands. */
  readonly payload?: Uint8Array | undefined;
  /**
   * What all that has arrived so far says, or undefined while more is needed. Called first with nothing, when the
   * connection stands, then at every arrival, and once more when the peer has ended the connection. What the buffer
   * holds is not overwritten by what arrives later.
   */
  read(received: Buffer, ended: boolean): Reply | undefined;
  /** Bytes; more than that without a reply ends the exchange. */
  readonly limit: number;
}

/** How long each part took, in milliseconds; `connectMs` and `tlsMs` only when completed. */
export interface StreamTiming {
  readonly connectMs?: number;
  readonly tlsMs?: number;
  /** From the connection's standing to the end, whatever it was. */
  readonly exchangeMs?: number;
  /** From the begin of the connect to the end, whatever it was. */
  readonly latencyMs: number;
}

/**
 * How an exchange ended. `failed`: the socket's own error, for the fault table. `closed`: the peer ended the
 * connection before its reply was whole, after so many bytes. `oversized`: the limit was passed.
 */
export type StreamEnd<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'closed'; readonly received: number }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'aborted' };

/** What an exchange came to, and how long it took. */
export interface StreamOutcome<Reply> {
  readonly end: StreamEnd<Reply>;
  readonly timing: StreamTiming;
}

/** What has arrived, in one piece; grows by doubling, so that a drip of single bytes costs no more than a burst. */
class Received {
  #store: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#store.subarray(0, this.#length);
  }

  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) this.#store = chunk;
    else {
      if (length > this.#store.length) this.#grow(Math.max(length, 2 * this.#length));
      chunk.copy(this.#store, this.#length);
    }
    this.#length = length;
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafe(size);
    this.#store.copy(grown, 0, 0, this.#length);
    this.#store = grown;
  }
}

class StreamExchange<Reply> {
  readonly outcome: Promise<StreamOutcome<Reply>>;
  readonly #settled = Promise.withResolvers<StreamOutcome<Reply>>();
  readonly #request: StreamRequest<Reply>;
  readonly #context: ProbeContext;
  readonly #cancel: Cancel;
  readonly #socket: Socket;
  readonly #received = new Received();
  readonly #startedMs: number;
  #connectedMs: number | undefined;
  #securedMs: number | undefined;
  #over = false;

  constructor(request: StreamRequest<Reply>, context: ProbeContext) {
    this.#request = request;
    this.#context = context;
    this.outcome = this.#settled.promise;
    this.#startedMs = context.clock.monotonicMs();
    this.#cancel = cancelOf(context);
    this.#cancel.addEventListener('abort', this.#abort, { once: true });
    this.#socket = open(request)
      .on('connect', () => this.#connected())
      .on('data', (chunk) => this.#arrived(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
      .on('end', () => this.#ended())
      .on('error', (error) => this.#end({ kind: 'failed', error }));
    if (request.tls) this.#socket.on('secureConnect', () => this.#secured());
  }

  readonly #abort = (): void => this.#end({ kind: 'aborted' });

  #connected(): void {
    this.#connectedMs = this.#context.clock.monotonicMs();
    if (!this.#request.tls) this.#stands();
  }

  #secured(): void {
    this.#securedMs = this.#context.clock.monotonicMs();
    this.#stands();
  }

  #stands(): void {
    if (this.#request.payload) this.#socket.write(this.#request.payload);
    this.#read(false);
  }

  #arrived(chunk: Buffer): void {
    this.#received.add(chunk);
    this.#read(false);
    if (this.#received.length > this.#request.limit) this.#end({ kind: 'oversized' });
  }

  #ended(): void {
    this.#read(true);
    this.#end({ kind: 'closed', received: this.#received.length });
  }

  #read(ended: boolean): void {
    if (this.#over) return;
    try {
      const reply = this.#request.read(this.#received.bytes, ended);
      if (reply !== undefined) this.#end({ kind: 'reply', reply });
    } catch (bug) {
      this.#close();
      this.#settled.reject(bug);
    }
  }

  #end(end: StreamEnd<Reply>): void {
    if (this.#over) return;
    this.#close();
    this.#settled.resolve({ end, timing: this.#timing() });
  }

  #close(): void {
    this.#over = true;
    this.#cancel.removeEventListener('abort', this.#abort);
    this.#socket.destroy();
  }

  #timing(): StreamTiming {
    const nowMs = this.#context.clock.monotonicMs();
    const latencyMs = nowMs - this.#startedMs;
    if (this.#connectedMs === undefined) return { latencyMs };
    const connectMs = this.#connectedMs - this.#startedMs;
    const standsMs = this.#request.tls ? this.#securedMs : this.#connectedMs;
    if (standsMs === undefined) return { latencyMs, connectMs };
    const tls = this.#securedMs === undefined ? {} : { tlsMs: this.#securedMs - this.#connectedMs };
    return { latencyMs, connectMs, ...tls, exchangeMs: nowMs - standsMs };
  }
}

function open({ address, port, tls }: StreamRequest<unknown>): Socket {
  const where = { host: address, port, noDelay: true, autoSelectFamily: false };
  if (!tls) return connectTcp(where);
  return connectTls({
    ...where,
    secureContext: tls.context,
    rejectUnauthorized: tls.verify,
    servername: tls.serverName,
    ALPNProtocols: [tls.protocol],
  });
}

/**
 * One request, one reply, over a connection of its own, which is closed at the end. Resolves when the reply is read,
 * when the connection fails or ends, or in the turn of the abort; after that nothing is sent. Rejects only for a
 * bug: a reader that throws.
 */
export function exchangeOverStream<Reply>(
  request: StreamRequest<Reply>,
  context: ProbeContext,
): Promise<StreamOutcome<Reply>> {
  if (cancelOf(context).aborted)
    return Promise.resolve({ end: { kind: 'aborted' }, timing: { latencyMs: 0 } });
  return new StreamExchange(request, context).outcome;
}
