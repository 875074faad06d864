import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Cancel } from '../../src/core/cancellation.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Connection } from './http-dial.ts';
import type { Lane, LaneLoad } from './http-lane.ts';
import { type HttpPhase, type HttpPhases, PhaseWatch } from './http-phases.ts';

/** One request, ready to be sent any number of times. */
export interface HttpRequest {
  readonly options: Dispatcher.DispatchOptions;
  /** Bytes of body beyond which reading stops. */
  readonly maxBody: number;
  /** Whether the body is wanted, or only its length. */
  readonly keepBody: boolean;
}

/** The answer, read to its end. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  /** Empty unless it was wanted. */
  readonly body: Buffer;
}

/** How an exchange ended. */
export type HttpEnd =
  | { readonly kind: 'answered'; readonly response: HttpResponse }
  /** `begun`: some of an answer had arrived. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly begun: boolean }
  | { readonly kind: 'oversized' }
  | { readonly kind: 'aborted' };

/** An exchange that is over, with what was learnt on the way. */
export interface HttpExchange {
  readonly end: HttpEnd;
  readonly latencyMs: number;
  readonly phases: Readonly<HttpPhases>;
  /** Where it ended. */
  readonly phase: HttpPhase | undefined;
  /** Undefined when there was none. */
  readonly connection: Connection | undefined;
}

/**
 * Sends a request through a lane and reads the answer. Never rejects for what the other side does. When it is
 * aborted it resolves at once, and lane and connection are gone; after anything but a whole answer as well.
 * `done` is told whether the lane may be used again.
 */
export function exchange(
  lane: Lane,
  request: HttpRequest,
  cancel: Cancel,
  clock: Clock,
  done: (reusable: boolean) => void,
): Promise<HttpExchange> {
  return new Promise((resolve) => {
    const running = new RunningExchange(lane, request, clock, (result) => {
      cancel.removeEventListener('abort', abort);
      done(result.end.kind === 'answered');
      resolve(result);
    });
    const abort = (): void => running.end({ kind: 'aborted' });
    cancel.addEventListener('abort', abort, { once: true });
    lane.carry(request.options, running);
  });
}

/** Undici's handler for one request. */
class RunningExchange implements LaneLoad {
  readonly watch: PhaseWatch;
  readonly #lane: Lane;
  readonly #request: HttpRequest;
  readonly #settle: (result: HttpExchange) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #bodyBytes = 0;
  #connection: Connection | undefined;
  #over = false;

  constructor(lane: Lane, request: HttpRequest, clock: Clock, settle: (result: HttpExchange) => void) {
    this.watch = new PhaseWatch(clock);
    this.#lane = lane;
    this.#request = request;
    this.#settle = settle;
  }

  onRequestStart(): void {
    this.#connection = this.#lane.connection;
    this.watch.enter('ttfb');
  }

  onResponseStarted(): void {
    this.watch.enter('transfer');
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > this.#request.maxBody) this.end({ kind: 'oversized' });
    else if (this.#request.keepBody) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const response = {
      status: this.#status,
      headers: this.#headers,
      bodyBytes: this.#bodyBytes,
      body: Buffer.concat(this.#chunks),
    };
    this.end({ kind: 'answered', response });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end({ kind: 'failed', error, begun: this.watch.phase === 'transfer' });
  }

  end(end: HttpEnd): void {
    if (this.#over) return;
    this.#over = true;
    const latencyMs = this.watch.stop();
    if (end.kind === 'answered') this.#lane.release(this.#request.options.reset !== true);
    else void this.#lane.discard();
    this.#settle({
      end,
      latencyMs,
      phases: this.watch.phases,
      phase: this.watch.phase,
      connection: this.#connection,
    });
  }
}
