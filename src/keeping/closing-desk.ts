import type { Logger } from 'pino';
import { type ClosingBook, parseClosing, rulesEntry, sourceEntry } from '../closing/closing-book.ts';
import { periodNamed } from '../contract/periods.ts';
import { spanNamed } from '../contract/rule-history.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import { rulesInForce } from '../casework/frozen-rules.ts';
import { ClosingClerk, type ClosingClerkOptions } from './closing-clerk.ts';
import { judgedTimelines, timelineLines } from './closing-material.ts';
import { type EndedPeriod, endedPeriods, graceOf } from './due-periods.ts';
import { SecondLook, type SecondLookOptions } from './second-look.ts';

const HOUR_MS = 3_600_000;

/** What the desk works with. */
export interface ClosingDeskOptions extends ClosingClerkOptions, SecondLookOptions {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly coversRegion: () => boolean | null;
}

/**
 * Closes periods that are over, once, and looks again at those that are closed. What it wrote is never written otherwise;
 * two desks on one ledger write one closing.
 */
export class ClosingDesk {
  readonly #options: ClosingDeskOptions;
  readonly #clerk: ClosingClerk;
  readonly #second: SecondLook;
  #underWay: Promise<void> | undefined;
  /** The first transition of all, as it stood at an instant of the monotonic clock. */
  #first: { readonly atMs: number; readonly askedMs: number } | undefined;

  constructor(options: ClosingDeskOptions) {
    this.#options = options;
    this.#clerk = new ClosingClerk(options);
    this.#second = new SecondLook(options, this.#clerk);
  }

  /** The ledger of closings, as far as the last look read it. */
  get book(): ClosingBook {
    return this.#clerk.book;
  }

  /** Closes what is due, and amends what has changed. Rejects when ledger or windows are broken. */
  look(): Promise<void> {
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** What a period that is not closed comes to so far; undefined when the name is none, or no rules are kept. */
  async provisional(name: string): Promise<ClosedPeriod | undefined> {
    const config = this.#options.config();
    const named = periodNamed(config.contract, name);
    const inForce = rulesInForce(config, this.#options.coversRegion());
    const period = named && spanNamed(config, named);
    if (!named || !inForce || !period) return undefined;
    await this.#clerk.catchUp();
    const { rules } = inForce;
    const judged = await this.#clerk.judged(rules);
    const atMs = Math.min(this.#options.clock.wallMs(), period.toMs + graceOf(config));
    const timelines = judgedTimelines(judged, period, atMs);
    return this.#clerk.judge({ rules, period, atMs, timelines }, named, null);
  }

  /** A closing, the latest unless a number is given, or what a period comes to that is not closed. */
  async closing(name: string, number?: number): Promise<ClosedPeriod | undefined> {
    await this.book.catchUp();
    const chosen = number ?? this.book.of(name).at(-1)?.number;
    if (chosen === undefined) return this.provisional(name);
    const text = await this.book.text(name, chosen);
    return text === undefined ? undefined : parseClosing(text);
  }

  /** How checks were judged within [fromMs, toMs): transitions as lines of JSON. */
  async timelines(checks: readonly string[], fromMs: number, toMs: number): Promise<readonly string[]> {
    return timelineLines(await this.#options.store.judged(checks), fromMs, toMs);
  }

  async #look(): Promise<void> {
    await this.#clerk.catchUp();
    for (const due of await this.#due()) await this.#close(due);
    await this.#second.look();
  }

  /** Those whose time has come and that are not in the ledger. */
  async #due(): Promise<readonly EndedPeriod[]> {
    const { clock, config, keptMs } = this.#options;
    const { contract, formerContracts = [] } = config();
    const sinceMs = await this.#firstSeenMs();
    if (sinceMs === undefined) return [];
    const nowMs = clock.wallMs() - graceOf(config());
    const horizonMs = Math.max(sinceMs, clock.wallMs() - keptMs);
    return endedPeriods({ contract, formerContracts, sinceMs: horizonMs, nowMs }).filter(
      ({ period }) => this.book.of(period.name).length === 0,
    );
  }

  /** Asked for anew every hour: a life may be extended back. */
  async #firstSeenMs(): Promise<number | undefined> {
    const { clock, store, config } = this.#options;
    const nowMs = clock.monotonicMs();
    if (this.#first && nowMs - this.#first.askedMs < HOUR_MS) return this.#first.atMs;
    const judged = await store.judged(config().checks.map(({ id }) => id));
    const firsts = judged.flatMap((one) => one?.transitions[0]?.atMs ?? []);
    if (firsts.length > 0) this.#first = { atMs: firsts.reduce((a, b) => Math.min(a, b)), askedMs: nowMs };
    return this.#first?.atMs;
  }

  async #close({ named, period }: EndedPeriod): Promise<void> {
    const { clock, config, coversRegion, ledger, log } = this.#options;
    const inForce = rulesInForce(config(), coversRegion());
    if (!inForce) return;
    const { rules, text, sources } = inForce;
    const judged = await this.#clerk.judged(rules);
    const atMs = period.toMs + graceOf(config());
    // The judge is on its way: after a start it has to catch up first.
    if (judged.some(({ cursorMs }) => cursorMs < atMs) && clock.wallMs() < atMs + HOUR_MS) return;
    if (judged.every(({ cursorMs }) => cursorMs < atMs)) return;
    const nowMs = clock.wallMs();
    await ledger.append('closings', [
      ...sources.map((one) => sourceEntry(one, nowMs)),
      rulesEntry(text, nowMs),
    ]);
    const timelines = judgedTimelines(judged, period, atMs);
    const closing = await this.#clerk.judge({ rules, period, atMs, timelines }, named, 0);
    if (await this.#clerk.enter(closing)) log.info({ period: period.name }, 'a period was closed');
  }
}
