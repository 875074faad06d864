import type { Clock } from '../core/clock.ts';
import { Conduct } from './conduct.ts';
import type { Estate } from './estate.ts';
import type { BoxFault } from './fault.ts';
import { BOX_HOST, type Listener } from './listener.ts';
import type { BoxServer, BoxService } from './service.ts';

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

/** What the services of one box have in common. */
export interface StallOptions {
  readonly clock: Clock;
  /** Added to every port. */
  readonly portOffset: number;
  readonly estate: Estate;
}

/**
 * One service: with a door, listens while it runs and is not down; without one, is kept as its fault wants it while it
 * runs. Rejects with BoxPortError what cannot listen.
 */
export class Stall {
  #fault: BoxFault | undefined;
  readonly #service: BoxService;
  readonly #options: StallOptions;
  #running = false;
  #open: Opened | undefined;
  /** Openings and closings follow one another. */
  #work: Promise<void> = Promise.resolve();

  constructor(service: BoxService, options: StallOptions) {
    this.#service = service;
    this.#options = options;
  }

  /** Its port, with the offset; undefined for a service without a door. */
  get port(): number | undefined {
    const { port } = this.#service;
    return port === undefined ? undefined : port + this.#options.portOffset;
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
    const service = this.#service;
    const { clock, estate, portOffset } = this.#options;
    if (service.port === undefined) {
      if (this.#running) await service.settle(this.#fault, estate, clock);
      return;
    }
    const wanted = this.#running && this.#fault !== 'down';
    if (wanted && !this.#open) await this.#listen(service, service.port + portOffset);
    else if (!wanted && this.#open) await this.#close(this.#open);
  }

  async #listen({ name, listen }: BoxServer, port: number): Promise<void> {
    const { clock, estate } = this.#options;
    const conduct = new Conduct(clock, () => this.#fault);
    try {
      this.#open = { listener: await listen(port, conduct, estate), conduct };
    } catch (error) {
      throw isSystemError(error) ? new BoxPortError(name, port, error) : error;
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
