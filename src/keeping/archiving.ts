import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import { declaredOf } from '../closing/closed-exclusions.ts';
import type { BookedClosing, ClosingBook } from '../closing/closing-book.ts';
import { parseJudgedBy } from '../closing/judged-by.ts';
import { exclusionsIn } from './closing-material.ts';
import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import type { Clock } from '../core/clock.ts';
import { DAY_MS, seenSections, timelineSections, verdictSection } from './evidence-day.ts';
import { Archive } from '../evidence/archive.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';
import { rulesInForce, type RulesInForce } from '../casework/frozen-rules.ts';
import { foldExclusions } from '../register/exclusions.ts';
import type { Ledger, LedgerEntry, LedgerName } from '../window/ledger.ts';
import type { JudgedCheck, WindowStore } from '../window/store.ts';

/** For how many days late data is looked for. */
const DAYS_LOOKED_AT_AGAIN = 8;
const LEDGERS = ['exclusions', 'tickets', 'audit'] as const satisfies readonly LedgerName[];

/** What the archive is written from and with. */
export interface ArchivingOptions {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info'>;
  readonly files: ArchiveFiles;
  /** Signs what a closing completes; nothing is signed without. */
  readonly key: KeyObject | undefined;
  readonly store: Pick<WindowStore, 'read' | 'marks' | 'seen' | 'judged'>;
  readonly ledger: Ledger;
  readonly book: () => ClosingBook;
  readonly config: () => Config;
  readonly coversRegion: () => boolean | null;
  readonly version: string;
  /** How long after its end a day is archived. */
  readonly graceMs: () => number;
  /** How far back slots are kept. */
  readonly slotsKeptMs: number;
  readonly breathe: () => Promise<void>;
}

/**
 * Writes the archive: every UTC day that has ended, what has become known of the days before, what people said, and the
 * closings whose days are all there; then signs. What is there is never touched, so that it may be run at any time.
 */
export class Archiving {
  readonly #options: ArchivingOptions;
  #underWay: Promise<void> | undefined;

  constructor(options: ArchivingOptions) {
    this.#options = options;
  }

  /** Brings the archive up to date. Rejects with an ArchiveError when it is broken, or as its files do. */
  run(): Promise<void> {
    this.#underWay ??= this.#run().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #run(): Promise<void> {
    const { config, coversRegion, files } = this.#options;
    const inForce = rulesInForce(config(), coversRegion());
    if (!inForce) return;
    const archive = await Archive.open(files);
    const checks = await this.#checksOf(archive);
    await this.#addDays(archive, inForce, checks);
    for (const name of LEDGERS) await this.#addLedger(archive, name);
    await this.#addClosings(archive);
    await this.#sign(archive);
  }

  /** Those of the configuration, and those of the last day: what was taken out since was still seen on it. */
  async #checksOf(archive: Archive): Promise<readonly Check[]> {
    const { config, files } = this.#options;
    const { checks } = config();
    const last = archive.links.findLast(({ kind, file }) => kind === 'rules' && file.endsWith('.json'));
    const text = last && new TextDecoder().decode(await files.read(last.file));
    const former = text === undefined ? undefined : parseJudgedBy(text);
    const known = new Set(checks.map(({ id }) => id));
    return [...checks, ...(former?.checks ?? []).filter(({ id }) => !known.has(id))];
  }

  async #addDays(archive: Archive, inForce: RulesInForce, checks: readonly Check[]): Promise<void> {
    const days = await this.#daysDue(archive, checks);
    if (days.length === 0) return;
    const rules = await addRules(archive, inForce);
    const judged = await this.#judged(checks);
    for (const dayMs of days) await this.#addDay(archive, { inForce, rules, checks, judged, dayMs });
  }

  /** Starts of the days that may have something new, the oldest first. */
  async #daysDue(archive: Archive, checks: readonly Check[]): Promise<readonly number[]> {
    const { clock, graceMs, slotsKeptMs } = this.#options;
    const endMs = Math.floor((clock.wallMs() - graceMs()) / DAY_MS) * DAY_MS;
    const oldestMs = Math.ceil((clock.wallMs() - slotsKeptMs) / DAY_MS) * DAY_MS;
    const archived = archive.links.filter(({ kind }) => kind === 'day').map(({ name }) => Date.parse(name));
    const firstMs = archived[0] ?? (await this.#firstSeenMs(checks));
    if (firstMs === undefined) return [];
    const nextMs = archived.length > 0 ? (archived.at(-1) ?? 0) + DAY_MS : Math.max(firstMs, oldestMs);
    const againMs = this.#hasAmendments(archive) ? oldestMs : endMs - DAYS_LOOKED_AT_AGAIN * DAY_MS;
    const fromMs = Math.min(nextMs, Math.max(firstMs, againMs, oldestMs));
    return Array.from({ length: Math.max(0, (endMs - fromMs) / DAY_MS) }, (_, i) => fromMs + i * DAY_MS);
  }

  /** Of closings that are still to be archived: then late data may lie further back. */
  #hasAmendments(archive: Archive): boolean {
    return this.#options
      .book()
      .closings.some(({ period, number }) => number > 0 && !archive.hasClosing(period.name, number));
  }

  async #firstSeenMs(checks: readonly Check[]): Promise<number | undefined> {
    let firstMs: number | undefined;
    for (const { id, intervalMs } of checks) {
      const seen = await this.#options.store.seen({ check: id, intervalMs });
      if (seen) firstMs = Math.min(firstMs ?? Infinity, seen.firstSlot * intervalMs);
    }
    return firstMs === undefined ? undefined : Math.floor(firstMs / DAY_MS) * DAY_MS;
  }

  async #addDay(archive: Archive, asked: DayAsked): Promise<void> {
    const { store, breathe, version, log } = this.#options;
    const { inForce, rules, checks, judged, dayMs } = asked;
    const day = new Date(dayMs).toISOString().slice(0, 10);
    const exclusions = await this.#exclusionsOf(dayMs);
    const added = await archive.addDay({
      header: { day, vigie: version, rules },
      seen: await seenSections({ store, dayMs, breathe }, checks),
      said: [
        ...timelineSections(judged, dayMs),
        verdictSection({ rules: inForce.rules, judged, exclusions, dayMs, breathe }),
      ],
    });
    if (added !== 'unchanged') log.info({ day, as: added }, 'a day was archived');
  }

  async #exclusionsOf(dayMs: number) {
    const { config, ledger } = this.#options;
    const { exclusions } = foldExclusions(await ledger.entries('exclusions', 0));
    return declaredOf(exclusionsIn(config().exclusions, exclusions.values(), -Infinity, dayMs + DAY_MS));
  }

  async #judged(checks: readonly Check[]): Promise<readonly JudgedCheck[]> {
    const judged = await this.#options.store.judged(checks.map(({ id }) => id));
    return judged.filter((one) => one !== undefined);
  }

  async #addLedger(archive: Archive, name: (typeof LEDGERS)[number]): Promise<void> {
    const entries = await this.#options.ledger.entries(name, archive.ledgerSequence(name));
    const last = entries.at(-1)?.sequence ?? 0;
    await archive.addLedger(name, entries.map(entryLine), last);
  }

  async #addClosings(archive: Archive): Promise<void> {
    const book = this.#options.book();
    const lastDay = archive.links.findLast(({ kind }) => kind === 'day')?.name;
    if (lastDay === undefined) return;
    const archivedToMs = Date.parse(lastDay) + DAY_MS;
    for (const closing of book.closings)
      if (Date.parse(closing.at) <= archivedToMs) await addClosing(archive, book, closing);
  }

  async #sign(archive: Archive): Promise<void> {
    const { key, files, clock, log } = this.#options;
    const last = archive.links.findLast(({ kind }) => kind === 'closing');
    if (!key || !last) return;
    const names = (await files.list()).filter((name) => name.startsWith('signatures/'));
    const signedTo = Math.max(0, ...names.map((name) => Number(/^signatures\/(\d+)-/.exec(name)?.[1] ?? 0)));
    if (signedTo >= last.sequence) return;
    await archive.sign(last.name, clock.wallMs(), key);
    log.info({ period: last.name }, 'the archive was signed');
  }
}

interface DayAsked {
  readonly inForce: RulesInForce;
  /** Digests by name, as the header of the record has them. */
  readonly rules: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
  readonly judged: readonly JudgedCheck[];
  readonly dayMs: number;
}

async function addRules(archive: Archive, inForce: RulesInForce): Promise<Readonly<Record<string, string>>> {
  const encoder = new TextEncoder();
  const [configuration = '', ...contracts] = inForce.sources;
  const named: Record<string, string> = {
    configuration: await archive.addRules(encoder.encode(configuration)),
  };
  for (const [i, contract] of contracts.entries())
    named[i === 0 ? 'contract' : `contract.${i}`] = await archive.addRules(encoder.encode(contract));
  return { ...named, judged: await archive.addRules(encoder.encode(inForce.text), 'json') };
}

/** With the rules that it was judged by. */
async function addClosing(archive: Archive, book: ClosingBook, closing: BookedClosing): Promise<void> {
  const { period, number, rules } = closing;
  if (archive.hasClosing(period.name, number)) return;
  const encoder = new TextEncoder();
  for (const digest of [rules.configuration, ...rules.contracts]) {
    const text = await book.source(digest);
    if (text !== undefined) await archive.addRules(encoder.encode(text));
  }
  const judgedBy = await book.rules(rules.judged);
  if (judgedBy !== undefined) await archive.addRules(encoder.encode(judgedBy), 'json');
  const text = await book.text(period.name, number);
  if (text !== undefined) await archive.addClosing(period.name, number, text);
}

/** A line of a ledger as the archive keeps it. */
function entryLine({ sequence, key, atMs, json }: LedgerEntry): string {
  return JSON.stringify({ sequence, key, at: new Date(atMs).toISOString(), json });
}
