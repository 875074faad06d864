import type { Logger } from 'pino';
import { amendmentOf, sameInputs } from '../closing/amendment.ts';
import {
  type BookedClosing,
  ClosingBook,
  closingEntry,
  parseClosing,
  rulesEntry,
  sourceEntry,
} from '../closing/closing-book.ts';
import { inputsOf } from '../closing/closing.ts';
import { timelineFromMs } from '../closing/judged-timeline.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { timelinesAsClosed, type TimelinesAsClosed } from './archived-timelines.ts';
import {
  actsOf,
  closingMaterial,
  judgedTimelines,
  type MaterialSources,
  SaidBooks,
  timelineLines,
} from './closing-material.ts';
import type { Config } from '../config/config.ts';
import { type NamedPeriod, periodNamed } from '../contract/periods.ts';
import { spanNamed } from '../contract/rule-history.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Clock } from '../core/clock.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';
import { judgedClosing } from './judged-closing.ts';
import { type EndedPeriod, endedPeriods, graceOf } from './due-periods.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { frozenRules, rulesInForce } from '../casework/frozen-rules.ts';
import type { Ledger } from '../window/ledger.ts';
import type { JudgedCheck, WindowStore } from '../window/store.ts';

const HOUR_MS = 3_600_000;

/** What the desk works with. */
export interface ClosingDeskOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly ledger: Ledger;
  readonly store: Pick<WindowStore, 'judged'>;
  readonly version: string;
  /** How far back judged timelines are kept. */
  readonly keptMs: number;
  readonly config: () => Config;
  readonly coversRegion: () => boolean | null;
  readonly breathe: () => Promise<void>;
  /** The archive of the evidence; none when absent, undefined while there is none. Rejects as its files do. */
  readonly archive?: () => Promise<ArchiveReader | undefined>;
  /** Told of every closing once it is in the ledger, with its text. Its failures are its own. */
  readonly onClosed: (closing: ClosedPeriod, text: string) => Promise<void>;
}

/**
 * Closes periods that are over, once, and looks again at those that are closed: what is learnt late becomes a numbered
 * amendment beside the original. What it wrote is never written otherwise; two desks on one ledger write one closing.
 * A period whose timelines are no longer kept is judged anew from the archive, where that has the very ones that it was
 * closed by; where it does not, what people say of the period since is refused, which is logged once.
 */
export class ClosingDesk {
  readonly #options: ClosingDeskOptions;
  readonly #book: ClosingBook;
  readonly #said: SaidBooks;
  #underWay: Promise<void> | undefined;
  #sinceMs: number | undefined;
  #lookedAgainMs = -Infinity;
  #lookedBackMs = -Infinity;
  readonly #rules = new Map<string, FrozenRules>();
  readonly #refused = new Set<string>();

  constructor(options: ClosingDeskOptions) {
    this.#options = options;
    this.#book = new ClosingBook(options.ledger);
    this.#said = new SaidBooks(options.ledger);
  }

  /** The ledger of closings, as far as the last look read it. */
  get book(): ClosingBook {
    return this.#book;
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
    if (!named || !inForce) return undefined;
    await this.#said.catchUp();
    const { rules } = inForce;
    const judged = await this.#judged(rules);
    const nowMs = this.#options.clock.wallMs();
    const period = spanNamed(config, named);
    if (!period) return undefined;
    const atMs = Math.min(nowMs, period.toMs + graceOf(config));
    const timelines = judgedTimelines(judged, period, atMs);
    return this.#judge({ rules, period, atMs, timelines }, named, null);
  }

  /** A closing, the latest unless a number is given, or what a period comes to that is not closed. */
  async closing(name: string, number?: number): Promise<ClosedPeriod | undefined> {
    await this.#book.catchUp();
    const chosen = number ?? this.#book.of(name).at(-1)?.number;
    if (chosen === undefined) return this.provisional(name);
    const text = await this.#book.text(name, chosen);
    return text === undefined ? undefined : parseClosing(text);
  }

  /** How checks were judged within [fromMs, toMs): transitions as lines of JSON. */
  async timelines(checks: readonly string[], fromMs: number, toMs: number): Promise<readonly string[]> {
    return timelineLines(await this.#options.store.judged(checks), fromMs, toMs);
  }

  async #look(): Promise<void> {
    const { clock } = this.#options;
    await this.#book.catchUp();
    const isNew = await this.#said.catchUp();
    for (const due of await this.#due()) await this.#close(due);
    const nowMs = clock.wallMs();
    const keptFromMs = nowMs - this.#options.keptMs;
    const isKept = ({ period }: BookedClosing): boolean =>
      timelineFromMs(Date.parse(period.from)) >= keptFromMs;
    const { true: kept = [], false: old = [] } = Object.groupBy(this.#latest(), (one) => `${isKept(one)}`);
    if (isNew || nowMs - this.#lookedAgainMs >= HOUR_MS) {
      this.#lookedAgainMs = nowMs;
      const known: KnownTimelines = new Map();
      for (const booked of kept) await this.#lookAgain(booked, known);
    }
    if (nowMs - this.#lookedBackMs < HOUR_MS) return;
    this.#lookedBackMs = nowMs;
    for (const booked of old) await this.#lookBack(booked, keptFromMs);
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
      ({ period }) => this.#book.of(period.name).length === 0,
    );
  }

  async #firstSeenMs(): Promise<number | undefined> {
    if (this.#sinceMs !== undefined) return this.#sinceMs;
    const { store, config } = this.#options;
    const judged = await store.judged(config().checks.map(({ id }) => id));
    const firsts = judged.flatMap((one) => one?.transitions[0]?.atMs ?? []);
    if (firsts.length > 0) this.#sinceMs = firsts.reduce((a, b) => Math.min(a, b));
    return this.#sinceMs;
  }

  async #close({ named, period }: EndedPeriod): Promise<void> {
    const { clock, config, coversRegion, ledger, log } = this.#options;
    const inForce = rulesInForce(config(), coversRegion());
    if (!inForce) return;
    const { rules, text, sources } = inForce;
    const judged = await this.#judged(rules);
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
    const closing = await this.#judge({ rules, period, atMs, timelines }, named, 0);
    if (await this.#enter(closing)) log.info({ period: period.name }, 'a period was closed');
  }

  /** The last closing of each period. */
  #latest(): readonly BookedClosing[] {
    const latest = new Map<string, BookedClosing>();
    for (const booked of this.#book.closings) latest.set(booked.period.name, booked);
    return [...latest.values()];
  }

  async #lookAgain(booked: BookedClosing, known: KnownTimelines): Promise<void> {
    const rules = await this.#rulesOf(booked);
    if (!rules) return;
    const judged = known.get(rules.digest) ?? (await this.#judged(rules));
    known.set(rules.digest, judged);
    const [period, atMs] = [periodOf(booked), Date.parse(booked.at)];
    const given = { rules, period, atMs, timelines: judgedTimelines(judged, period, atMs) };
    const inputs = this.#inputsOf(given);
    await this.#options.breathe();
    if (!sameInputs(booked.inputs, inputs)) await this.#amend(booked, given);
  }

  /** Of a period that is no longer kept only what people said may have changed: nothing is seen so late. */
  async #lookBack(booked: BookedClosing, keptFromMs: number): Promise<void> {
    const { log, breathe } = this.#options;
    const rules = await this.#rulesOf(booked);
    if (!rules) return;
    const { period, inputs: was } = booked;
    const given = { rules, period: periodOf(booked), atMs: Date.parse(booked.at) };
    const is = this.#inputsOf({ ...given, timelines: new Map() });
    await breathe();
    const changed = (['exclusions', 'tickets'] as const).filter((what) => was[what] !== is[what]);
    const key = JSON.stringify([period.name, is.exclusions, is.tickets]);
    if (changed.length === 0 || this.#refused.has(key)) return;
    const found = await this.#asClosed(booked);
    if (found?.ok) await this.#amend(booked, { ...given, timelines: found.timelines });
    if (found?.ok !== false) return;
    this.#refused.add(key);
    const needed = instantJson(timelineFromMs(Date.parse(period.from)));
    const facts = { period: period.name, changed, needed, keptFrom: instantJson(keptFromMs) };
    const refused = 'a closed period is not amended: what it was judged from is no longer kept';
    log.warn({ ...facts, missing: found.missing }, refused);
  }

  /** Undefined when the archive fails: it is asked again. */
  async #asClosed(booked: BookedClosing): Promise<TimelinesAsClosed | undefined> {
    const { log, archive, breathe } = this.#options;
    try {
      return await timelinesAsClosed(booked, await archive?.(), breathe);
    } catch (error) {
      const period = booked.period.name;
      log.warn({ err: error, period }, 'a closed period is not amended yet: the archive cannot be read');
      return undefined;
    }
  }

  /** Rules never change: they are read once. */
  async #rulesOf({ period, rules: { judged: digest } }: BookedClosing): Promise<FrozenRules | undefined> {
    const rules = this.#rules.get(digest) ?? (await frozenRules(digest, this.#book));
    if (rules) this.#rules.set(digest, rules);
    else
      this.#options.log.warn({ period: period.name, rules: digest }, 'the rules of a closing cannot be read');
    return rules;
  }

  async #amend(booked: BookedClosing, given: KnownMaterial): Promise<void> {
    const { log } = this.#options;
    const { name } = booked.period;
    const before = parseClosing((await this.#book.text(name, booked.number)) ?? '');
    const named = namedOf(booked, given.rules);
    if (!before || !named) return;
    const after = await this.#judge(given, named, booked.number + 1);
    const amends = amendmentOf(before, after, actsOf(this.#said.said.audit));
    if (await this.#enter({ ...after, amends })) {
      const facts = { period: name, number: after.number, changes: amends.changes.length };
      log.warn({ ...facts, verdicts: amends.figures.length }, 'a closed period was amended');
    }
  }

  /** Whether it was not there before. */
  async #enter(closing: ClosedPeriod): Promise<boolean> {
    const { ledger, clock, onClosed } = this.#options;
    const entry = closingEntry(closing, clock.wallMs());
    const [isNew = false] = await ledger.append('closings', [entry]);
    await this.#book.catchUp();
    if (isNew) await onClosed(closing, entry.json);
    return isNew;
  }

  async #judged({ judgedBy: { checks } }: FrozenRules): Promise<readonly JudgedCheck[]> {
    const judged = await this.#options.store.judged(checks.map(({ id }) => id));
    return judged.filter((one) => one !== undefined);
  }

  #inputsOf(given: KnownMaterial): ClosedPeriod['inputs'] {
    return inputsOf({ ...closingMaterial(this.#sources(given)), period: given.period });
  }

  #sources(known: KnownMaterial): MaterialSources {
    return { ...known, configured: this.#options.config().exclusions, said: this.#said.said };
  }

  #judge(known: KnownMaterial, named: NamedPeriod, number: number | null): Promise<ClosedPeriod> {
    const { clock, version: vigie, breathe } = this.#options;
    const material = closingMaterial(this.#sources(known));
    const madeAtMs = clock.wallMs();
    return judgedClosing({ ...known, ...material, named, number, madeAtMs, vigie, breathe });
  }
}

/** By the digest of the rules: most closings have the same. */
type KnownTimelines = Map<string, readonly JudgedCheck[]>;
type KnownMaterial = Omit<MaterialSources, 'configured' | 'said'>;

function periodOf({ period }: BookedClosing): Period {
  const { name, from, to, part } = period;
  return { name, fromMs: Date.parse(from), toMs: Date.parse(to), ...(part && { part }) };
}

function namedOf({ period }: BookedClosing, { contract }: FrozenRules): NamedPeriod | undefined {
  return periodNamed(contract, period.name);
}
