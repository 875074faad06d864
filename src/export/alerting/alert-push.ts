import { setImmediate } from 'node:timers/promises';
import { leadingReading } from '../../contract/rules.ts';
import type { Clock } from '../../core/clock.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { ClaimDeadline, SupportFigures } from '../metrics.ts';
import type { MemberMaintenance } from '../rules/maintenance.ts';
import type { AlertingSetup } from '../rules/setup.ts';
import { alertThresholds } from '../rules/thresholds.ts';
import { promiseOf } from '../rules/words.ts';
import { AlertBook } from './alert-book.ts';
import type { AlertBackground, Sightings } from './alert-texts.ts';
import {
  type AlertmanagerAddress,
  createAlertmanager,
  type PostableAlert,
  type PushOutcome,
} from './alertmanager.ts';
import { type AlertFacts, factsOf, memberKey, type ThresholdTable, thresholdTable } from './facts.ts';
import { postableAt, type Tellers } from './postable.ts';
import { Teller } from './teller.ts';

/** What pushing alerts needs. */
export interface AlertPushOptions {
  readonly clock: Clock;
  readonly setup: AlertingSetup;
  readonly alertmanagers: readonly AlertmanagerAddress[];
  /** Whether rules tell them of the same alerts; what a restart alone changes. */
  readonly tellers: Tellers;
  /** Whether this process speaks for all; one that does not knows the alerts and tells nobody. */
  readonly leads: () => boolean;
  /** Which vantages last saw each member good, and which bad, as of now. */
  readonly sightings: (setup: AlertingSetup) => (row: string, scope: string) => Sightings;
  /** Told what became of every request. Must not throw. */
  readonly onOutcome: (alertmanager: string, outcome: PushOutcome) => void;
}

interface Evaluation {
  readonly atMs: number;
  readonly verdicts: readonly Verdict[];
}

/**
 * Tells every Alertmanager of the alerts that the rules make of the same figures, with the same labels, so that both
 * together are one alert. Nothing here waits for an Alertmanager but its own teller. When it is stopped, alerts are left
 * as they are: the next process goes on with them, and if none does they end by themselves.
 */
export class AlertPush {
  readonly #options: AlertPushOptions;
  readonly #book: AlertBook;
  #setup: AlertingSetup;
  readonly #tellers: readonly Teller[];
  #thresholds: ThresholdTable = thresholdTable([]);
  #promises: ReadonlyMap<string, string> = new Map();
  #maintained: ReadonlySet<string> = new Set();
  #support: AlertFacts['support'] = { elapsed: [], warnings: [] };
  #claims: readonly ClaimDeadline[] = [];
  #told = '';
  #next: Evaluation | undefined;
  #deciding: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: AlertPushOptions) {
    const { setup, alertmanagers } = options;
    this.#options = options;
    this.#setup = setup;
    this.#book = new AlertBook(setup);
    this.#take(setup);
    this.#tellers = alertmanagers.map((address) => this.#teller(address));
  }

  /** Goes on with another contract or configuration; the Alertmanagers stay those that there were. */
  configure(setup: AlertingSetup): void {
    this.#book.configure(setup);
    this.#take(setup);
  }

  /** Which members are under declared maintenance, and which are not. */
  maintenance(members: readonly MemberMaintenance[]): void {
    this.#maintained = new Set(
      members.flatMap(({ row, scope, isActive }) => (isActive ? [memberKey(row, scope)] : [])),
    );
  }

  /** How support clocks stand. */
  support(figures: SupportFigures): void {
    this.#support = figures;
  }

  /** Until when the breaches of past periods may be claimed, all of them. */
  claims(deadlines: readonly ClaimDeadline[]): void {
    this.#claims = deadlines;
  }

  /**
   * The verdicts of an evaluation: alerts are decided anew, a turn of the loop between slices of them, and what is new is
   * told at once. Verdicts that come while others are decided wait; of several, the last.
   */
  judged(atMs: number, verdicts: readonly Verdict[]): void {
    const isBusy = this.#next !== undefined;
    this.#next = { atMs, verdicts };
    if (!isBusy) this.#deciding = this.#decide();
  }

  async #decide(): Promise<void> {
    for (let now = this.#next; now && !this.#isStopped; now = this.#next === now ? undefined : this.#next) {
      for (const _slice of this.#book.update(this.#factsOf(now))) await setImmediate();
      this.#tellNews(now.atMs);
    }
    this.#next = undefined;
  }

  #tellNews(atMs: number): void {
    const firing = this.#book.alerts(atMs).filter(({ state }) => state.phase === 'firing');
    const told = JSON.stringify([this.#options.leads(), firing.map(({ labels }) => labels)]);
    if (told === this.#told) return;
    this.#told = told;
    for (const teller of this.#tellers) teller.hurry();
  }

  #factsOf({ atMs, verdicts }: Evaluation): AlertFacts {
    return factsOf({
      atMs,
      verdicts,
      reading: leadingReading(this.#setup.contract),
      thresholdOf: this.#thresholds,
      maintained: this.#maintained,
      support: this.#support,
      claims: this.#claims,
    });
  }

  /** Ends what is under way, and tells nothing more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#deciding;
    await Promise.all(this.#tellers.map((teller) => teller.stop()));
  }

  #take(setup: AlertingSetup): void {
    this.#setup = setup;
    this.#promises = new Map(setup.contract.rows.map((row) => [row.id, promiseOf(row)]));
    this.#thresholds = thresholdTable(alertThresholds(setup));
  }

  #teller(address: AlertmanagerAddress): Teller {
    const { clock, onOutcome } = this.#options;
    return new Teller({
      clock,
      alertmanager: createAlertmanager(address, clock),
      alerts: () => this.#postable(clock.wallMs()),
      onOutcome,
    });
  }

  #postable(nowMs: number): readonly PostableAlert[] {
    if (!this.#options.leads()) return [];
    const background: AlertBackground = {
      links: this.#setup.alerting,
      promiseOf: (row) => this.#promises.get(row),
      sightingsOf: this.#options.sightings(this.#setup),
    };
    return this.#book
      .alerts(nowMs)
      .flatMap((alert) => postableAt(alert, nowMs, background, this.#options.tellers) ?? []);
  }
}
