import type { Logger } from 'pino';
import { amendmentOf, sameInputs } from '../closing/amendment.ts';
import { type BookedClosing, parseClosing } from '../closing/closing-book.ts';
import { timelineFromMs } from '../closing/judged-timeline.ts';
import { periodNamed } from '../contract/periods.ts';
import type { Clock } from '../core/clock.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import { frozenRules } from '../casework/frozen-rules.ts';
import type { JudgedCheck } from '../window/store.ts';
import type { ArchiveReader } from './archive-reader.ts';
import { timelinesAsClosed, type TimelinesAsClosed } from './archived-timelines.ts';
import type { ClosingClerk, KnownMaterial } from './closing-clerk.ts';
import { judgedTimelines } from './closing-material.ts';

const HOUR_MS = 3_600_000;

/** What closed periods are looked at again with. */
export interface SecondLookOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
  /** How far back judged timelines are kept. */
  readonly keptMs: number;
  readonly breathe: () => Promise<void>;
  /** The archive of the evidence; none when absent, undefined while there is none. Rejects as its files do. */
  readonly archive?: () => Promise<ArchiveReader | undefined>;
}

/**
 * Looks again at closed periods: what is learnt late becomes a numbered amendment beside the original. A period whose
 * timelines are no longer kept is judged anew from the archive, where that has the very ones that it was closed by; where
 * it does not, what people say of the period since is refused, which is logged once.
 */
export class SecondLook {
  readonly #options: SecondLookOptions;
  readonly #clerk: ClosingClerk;
  /** Up to where the books were taken in at the last look. */
  #saidThen = '';
  #lookedAgainMs = -Infinity;
  #lookedBackMs = -Infinity;
  readonly #rules = new Map<string, FrozenRules>();
  readonly #refused = new Set<string>();

  constructor(options: SecondLookOptions, clerk: ClosingClerk) {
    this.#options = options;
    this.#clerk = clerk;
  }

  /** Amends what has changed: when people said something, and every hour. Rejects when ledger or windows are broken. */
  async look(): Promise<void> {
    const { clock, keptMs } = this.#options;
    const nowMs = clock.wallMs();
    const keptFromMs = nowMs - keptMs;
    const isKept = ({ period }: BookedClosing): boolean =>
      timelineFromMs(Date.parse(period.from)) >= keptFromMs;
    const { true: kept = [], false: old = [] } = Object.groupBy(
      this.#clerk.latest,
      (one) => `${isKept(one)}`,
    );
    const said = JSON.stringify(this.#clerk.said.ledgers);
    if (said !== this.#saidThen || nowMs - this.#lookedAgainMs >= HOUR_MS) {
      const known: KnownTimelines = new Map();
      for (const booked of kept) await this.#lookAgain(booked, known);
      this.#saidThen = said;
      this.#lookedAgainMs = nowMs;
    }
    if (nowMs - this.#lookedBackMs < HOUR_MS) return;
    this.#lookedBackMs = nowMs;
    for (const booked of old) await this.#lookBack(booked, keptFromMs);
  }

  async #lookAgain(booked: BookedClosing, known: KnownTimelines): Promise<void> {
    const rules = await this.#rulesOf(booked);
    if (!rules) return;
    const judged = known.get(rules.digest) ?? (await this.#clerk.judged(rules));
    known.set(rules.digest, judged);
    const [period, atMs] = [periodOf(booked), Date.parse(booked.at)];
    const given = { rules, period, atMs, timelines: judgedTimelines(judged, period, atMs) };
    const inputs = this.#clerk.inputsOf(given);
    await this.#options.breathe();
    if (!sameInputs(booked.inputs, inputs)) await this.#amend(booked, given);
  }

  /** Of a period that is no longer kept only what people said may have changed: nothing is seen so late. */
  async #lookBack(booked: BookedClosing, keptFromMs: number): Promise<void> {
    const rules = await this.#rulesOf(booked);
    if (!rules) return;
    const { period, inputs: was } = booked;
    const given = { rules, period: periodOf(booked), atMs: Date.parse(booked.at) };
    const is = this.#clerk.inputsOf({ ...given, timelines: new Map() });
    await this.#options.breathe();
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
    this.#options.log.warn({ ...facts, missing: found.missing }, refused);
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
    const rules = this.#rules.get(digest) ?? (await frozenRules(digest, this.#clerk.book));
    if (rules) this.#rules.set(digest, rules);
    else
      this.#options.log.warn({ period: period.name, rules: digest }, 'the rules of a closing cannot be read');
    return rules;
  }

  async #amend({ period: { name }, number }: BookedClosing, given: KnownMaterial): Promise<void> {
    const clerk = this.#clerk;
    const before = parseClosing((await clerk.book.text(name, number)) ?? '');
    const named = periodNamed(given.rules.contract, name);
    if (!before || !named) return;
    const after = await clerk.judge(given, named, number + 1);
    const amends = amendmentOf(before, after, clerk.said.acts);
    if (!(await clerk.enter({ ...after, amends }))) return;
    const facts = { period: name, number: after.number, changes: amends.changes.length };
    this.#options.log.warn({ ...facts, verdicts: amends.figures.length }, 'a closed period was amended');
  }
}

/** By the digest of the rules: most closings have the same. */
type KnownTimelines = Map<string, readonly JudgedCheck[]>;

function periodOf({ period }: BookedClosing): Period {
  const { name, from, to, part } = period;
  return { name, fromMs: Date.parse(from), toMs: Date.parse(to), ...(part && { part }) };
}
