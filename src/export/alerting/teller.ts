import type { CancelTimer, Clock } from '../../core/clock.ts';
import type { Alertmanager, PostableAlert, PushOutcome } from './alertmanager.ts';
import { RESEND_MS } from './postable.ts';

/** What telling one Alertmanager needs. */
export interface TellerOptions {
  readonly clock: Clock;
  readonly alertmanager: Alertmanager;
  /** What there is to tell at this instant; empty while another process leads. */
  readonly alerts: () => readonly PostableAlert[];
  /** Told what became of every request. Must not throw. */
  readonly onOutcome: (alertmanager: string, outcome: PushOutcome) => void;
}

/** After a failure it is tried again this soon. */
const RETRY_MS = 5_000;

/**
 * Tells one Alertmanager all there is, again and again: each has a teller of its own, so that one that is slow or away
 * keeps nothing from the others. One request at a time; what is told is always what holds at that instant.
 */
export class Teller {
  readonly #options: TellerOptions;
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> | undefined;
  #hasNews = false;
  #isStopped = false;
  #isFailing = false;

  constructor(options: TellerOptions) {
    this.#options = options;
    this.#arm(0);
  }

  /** There is news: it is told at once, unless the last attempt failed, which sets the pace. */
  hurry(): void {
    this.#hasNews = true;
    if (!this.#isFailing && !this.#underWay) this.#arm(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#options.alertmanager.close();
    await this.#underWay;
  }

  #arm(delayMs: number): void {
    this.#cancel();
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#underWay = this.#tell();
    });
  }

  async #tell(): Promise<void> {
    const { alertmanager, alerts, onOutcome } = this.#options;
    this.#hasNews = false;
    const outcomes = await alertmanager.post(alerts());
    this.#underWay = undefined;
    if (this.#isStopped) return;
    for (const outcome of outcomes) onOutcome(alertmanager.name, outcome);
    this.#isFailing = outcomes.some(({ result }) => result !== 'accepted' && result !== 'refused');
    this.#arm(this.#isFailing ? RETRY_MS : this.#hasNews ? 0 : RESEND_MS);
  }
}
