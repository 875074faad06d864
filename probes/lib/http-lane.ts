import { Client, type Dispatcher, errors } from 'undici';
import { type Connection, dial, type DialTarget } from './http-dial.ts';
import type { PhaseWatch } from './http-phases.ts';

/** What a lane carries: one request's handler, with the watch that its connection is timed by. */
export interface LaneLoad extends Dispatcher.DispatchHandler {
  readonly watch: PhaseWatch;
}

const KEPT_FOR_MS = 3_600_000;

// One for all: undici would make one for each connection, whose stack costs as much as the rest of its end.
const RUN_OVER = new errors.InformationalError('the run is over');

/**
 * An undici client for one connection at a time, used again and again by one run after another. As only one run is
 * in a lane, its connector knows whose phases it measures, and an abort touches nobody else. A lane without a
 * connection holds nothing of the system's. (An undici Agent would make a new pool and client for every run, since
 * it drops those whose connection has ended: twice the cost.)
 */
export class Lane {
  readonly #client: Client;
  readonly #target: DialTarget;
  readonly #live: Set<Lane>;
  #load: LaneLoad | undefined;
  #connection: Connection | undefined;
  #cancelDial: (() => void) | undefined;

  /** `live` is told of this lane for as long as it is in use or connected. */
  constructor(origin: string, target: DialTarget, live: Set<Lane>) {
    this.#target = target;
    this.#live = live;
    this.#client = new Client(origin, {
      connect: (_options, done) => this.#dial(done),
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEPT_FOR_MS,
      keepAliveMaxTimeout: KEPT_FOR_MS,
    });
  }

  /** The connection in use, or kept from the last run. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Sends one request; the lane is taken until {@link release} or {@link discard}. */
  carry(request: Dispatcher.DispatchOptions, load: LaneLoad): void {
    this.#load = load;
    this.#live.add(this);
    this.#client.dispatch(request, load);
  }

  /** Ends the use of the lane after an answer that was read to its end, and the connection unless it is kept. */
  release(keep: boolean): void {
    this.#load = undefined;
    if (!keep) this.#connection?.socket.destroy(RUN_OVER);
    if (!this.#connection) this.#live.delete(this);
  }

  /** Ends the lane with whatever it is doing: from now on it sends nothing. Resolves when it is closed. */
  async discard(): Promise<void> {
    this.#cancelDial?.();
    this.#live.delete(this);
    await this.#client.destroy();
  }

  #dial(done: (...result: [Error, null] | [null, Connection['socket']]) => void): void {
    const load = this.#load;
    if (!load) {
      done(new Error('a lane without a request has no use for a connection'), null);
      return;
    }
    this.#cancelDial = dial(this.#target, load.watch, (error, connection) => {
      this.#cancelDial = undefined;
      if (error) {
        done(error, null);
      } else {
        this.#keep(connection);
        done(null, connection.socket);
      }
    });
  }

  #keep(connection: Connection): void {
    this.#connection = connection;
    connection.socket.once('close', () => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      if (!this.#load) this.#live.delete(this);
    });
  }
}
