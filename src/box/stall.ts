import type { Clock } from '../core/clock.ts';
import { Conduct } from './conduct.ts';
import type { BoxFault } from './fault.ts';
import { BOX_HOST, type Listener } from './listener.ts';
import type { BoxService } from './service.ts';

/** A service could not listen on its port. */
export class BoxPortError extends Error {
  override readonly name = 'BoxPortError';
  readonly service: string;
  readonly port: number;
  /** The system's error code, such as EADDRINUSE. */
  readonly code: string;

  constructor(service: string, port: number, cause: Error & { readonly code: string }) {
    const reason = REASONS[cause.code] ?? `cannot be had (${cause.code})`;
    super(
      `${service} of the region in a box: port ${port} of ${BOX_HOST} ${reason}; ` +
        'move all its ports with --port-offset N',
      { cause },
    );
    this.service = service;
    this.port = port;
    this.code = cause.code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be listened on',
};

interface Opened {
  readonly listener: Listener;
  readonly conduct: Conduct;
}

/** One service with its port: listens while it runs and is not down. Rejects with BoxPortError what cannot listen. */
export class Stall {
  #fault: BoxFault | undefined;
  readonly #service: BoxService;
  readonly #port: number;
  readonly #clock: Clock;
  #running = false;
  #open: Opened | undefined;
  /** Openings and closings follow one another. */
  #work: Promise<void> = Promise.resolve();

  constructor(service: BoxService, port: number, clock: Clock) {
    this.#service = service;
    this.#port = port;
    this.#clock = clock;
  }

  /** The fault in force. */
  get fault(): BoxFault | undefined {
    return this.#fault;
  }

  /** Breaks the service, or mends it; resolves when that is so. Throws a RangeError for a fault it does not have. */
  setFault(fault: BoxFault | undefined): Promise<void> {
    if (fault && !this.#service.faults.includes(fault))
      throw new RangeError(`${this.#service.name} has no fault ${fault}`);
    this.#fault = fault;
    return this.#settle();
  }

  /** Lets the service run, or not; resolves when that is so. */
  setRunning(running: boolean): Promise<void> {
    this.#running = running;
    return this.#settle();
  }

  #settle(): Promise<void> {
    const work = this.#work.then(() => this.#reconcile());
    this.#work = work.catch(() => {});
    return work;
  }

  async #reconcile(): Promise<void> {
    const wanted = this.#running && this.#fault !== 'down';
    if (wanted && !this.#open) await this.#listen();
    else if (!wanted && this.#open) await this.#close(this.#open);
  }

  async #listen(): Promise<void> {
    const conduct = new Conduct(this.#clock, () => this.#fault);
    try {
      this.#open = { listener: await this.#service.listen(this.#port, conduct), conduct };
    } catch (error) {
      throw isSystemError(error) ? new BoxPortError(this.#service.name, this.#port, error) : error;
    }
  }

  async #close({ listener, conduct }: Opened): Promise<void> {
    this.#open = undefined;
    conduct.end();
    await listener.close();
  }
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
