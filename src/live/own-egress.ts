import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { Classification } from '../core/expectation.ts';
import type { Reading } from '../core/reading.ts';
import { EgressGuard } from '../schedule/egress.ts';
import { askByTcp, type Reference } from '../schedule/reference.ts';
import type { FailedRun } from '../schedule/scheduled-check.ts';

/** What the watch over our own way out works with. */
export interface OwnEgressOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Hosts that are not the provider's, as this vantage is to ask them. */
  readonly references: readonly Reference[];
  /** Aborted at shutdown: all asking ends at once. */
  readonly signal: AbortSignal;
}

/** Our own way out to the network: a failure while it was gone is a hole of ours, not an outage. */
export class OwnEgress {
  readonly #guard: EgressGuard;
  readonly #log: Logger;

  constructor({ log, ...options }: OwnEgressOptions) {
    this.#guard = new EgressGuard({ ...options, ask: askByTcp });
    this.#log = log;
  }

  /** To be told of every reading, as it arrives. */
  heard(reading: Reading): void {
    this.#guard.heard(reading);
  }

  /** What a failed run is to be taken for. Never rejects. */
  async excuse({ reading, classification, startedMs, endedMs }: FailedRun): Promise<Classification> {
    if (reading.kind !== 'fault') return classification;
    const verdict = await this.#guard.judge({ fault: reading.fault, startedMs, endedMs });
    if (verdict !== 'ours') return classification;
    return {
      outcome: 'absent',
      blind: 'local-network',
      detail: `our own network was gone: ${reading.detail}`,
    };
  }

  /** Asks all references, and warns of those that cannot testify. Never rejects. */
  async prove(): Promise<void> {
    for (const { host, port } of await this.#guard.prove()) {
      this.#log.warn({ host, port }, 'this egress reference does not answer and proves nothing for now');
    }
  }
}
