import type { CheckKey } from '../core/observation.ts';
import { getBit, type SlotBits } from '../core/slots.ts';
import { DamagedBytes } from './bytes.ts';
import { fullerLatencyDay } from './latency-day.ts';
import { dayAt, type LatencyDay, type LatencyStore } from './latency-store.ts';
import { LEDGERS, type Ledger } from './ledger.ts';
import { pageShape } from './page.ts';
import type { SlotRun } from './slot-run.ts';
import type { CommitResult, JudgeCommit, JudgedCheck, Mark, SeenRange, SlotRange } from './store.ts';

/** A check and interval with the range of slots ever seen. */
export type SeenSeries = CheckKey & SeenRange;

/** One end of a copy: windows that nobody else is using, laid open. Every method rejects like those of a store. */
export interface CopyEnd {
  readonly ledger: Ledger;
  readonly latencies: LatencyStore;
  series(): Promise<readonly SeenSeries[]>;
  read(range: SlotRange): Promise<SlotBits>;
  marks(range: SlotRange): Promise<readonly Mark[]>;
  /** Records runs, and takes the range into what was ever seen. */
  put(series: SeenSeries, runs: readonly SlotRun[]): Promise<void>;
  /** Every judgement, and what is late of it. */
  judged(): Promise<readonly JudgedCheck[]>;
  late(): Promise<ReadonlyMap<string, number>>;
  commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]>;
  addLate(late: ReadonlyMap<string, number>): Promise<void>;
  facts(): Promise<ReadonlyMap<string, string>>;
  setFact(name: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** What was copied. */
export interface CopyCounts {
  readonly series: number;
  /** Slots that a vantage saw. */
  readonly slots: number;
  readonly marks: number;
  readonly judgements: number;
  readonly facts: number;
  readonly entries: number;
  /** Days of latencies of a check and vantage. */
  readonly latencyDays: number;
  /**
   * Days of a check that the target does not hold as the source does, judgements that it refused, and latencies that cannot
   * be put together.
   */
  readonly differences: readonly string[];
}

/**
 * Copies everything from one end to the other and looks whether it is there. What the target holds is kept: slots are
 * merged; where it has a judgement of its own, that is a difference; of latencies of the same hour the fuller stay.
 * Copying again changes nothing.
 */
export async function copyWindows(from: CopyEnd, to: CopyEnd): Promise<CopyCounts> {
  const counts = { series: 0, slots: 0, marks: 0, judgements: 0, facts: 0, entries: 0, latencyDays: 0 };
  const differences: string[] = [];
  for (const series of await from.series()) {
    counts.series++;
    await to.put(series, []);
    for (const range of daysOf(series)) {
      const copied = await copyDay(from, to, series, range);
      counts.slots += copied.slots;
      counts.marks += copied.marks;
      if (!copied.isWhole) differences.push(`slots of ${series.check} at ${instantOf(range)}`);
    }
  }
  for (const [check, all] of Map.groupBy(await from.series(), (one) => one.check)) {
    const copied = await copyLatencies(from.latencies, to.latencies, check, all);
    counts.latencyDays += copied.days;
    differences.push(...copied.differences);
  }
  for (const judged of await from.judged()) {
    counts.judgements++;
    const commit = { ...judged, expectedCursorMs: null, replaceFromMs: Number.MIN_SAFE_INTEGER };
    const [result] = await to.commit([commit]);
    if (result !== 'committed' && result !== 'repeated')
      differences.push(`judgement of ${judged.check}: ${result}`);
  }
  await to.addLate(await from.late());
  for (const [name, value] of await from.facts()) {
    counts.facts++;
    await to.setFact(name, value);
  }
  for (const ledger of LEDGERS) {
    const entries = await from.ledger.entries(ledger, 0);
    await to.ledger.append(ledger, entries);
    counts.entries += entries.length;
  }
  return { ...counts, differences };
}

async function copyDay(from: CopyEnd, to: CopyEnd, series: SeenSeries, range: SlotRange) {
  const bits = await from.read(range);
  const marks = bits.vantages.length > 0 ? await from.marks(range) : [];
  const runs = runsFrom(range, bits, marks);
  if (runs.length === 0) return { slots: 0, marks: 0, isWhole: true };
  await to.put(series, runs);
  const isWhole = holds(await to.read(range), bits, range) && (await to.marks(range)).length >= marks.length;
  const slots = bits.vantages.reduce((sum, { seen }) => sum + countBits(seen), 0);
  return { slots, marks: marks.length, isWhole };
}

async function copyLatencies(
  from: LatencyStore,
  to: LatencyStore,
  check: string,
  series: readonly SeenSeries[],
): Promise<{ readonly days: number; readonly differences: readonly string[] }> {
  const range = {
    checks: [check],
    fromDay: Math.min(...series.map(({ firstSlot, intervalMs }) => dayAt(firstSlot * intervalMs))),
    toDay: Math.max(...series.map(({ lastSlot, intervalMs }) => dayAt(lastSlot * intervalMs))) + 1,
  };
  const days = await from.read(range);
  const held = new Map((await to.read(range)).map((one) => [keyOf(one), one.body]));
  const merged = days.map((one) => fullerOf(one, held.get(keyOf(one))));
  await to.put(merged.filter((one) => one !== undefined));
  const differences = days
    .filter((_, i) => !merged[i])
    .map(({ day, vantage }) => `latencies of ${check} by ${vantage} on ${dateOf(day)}: cannot be read`);
  return { days: days.length - differences.length, differences };
}

/** What the target is to hold of a day that it may hold already; undefined where that cannot be made out. */
function fullerOf(one: LatencyDay, held: Uint8Array | undefined): LatencyDay | undefined {
  if (!held || Buffer.compare(held, one.body) === 0) return one;
  try {
    return { ...one, body: fullerLatencyDay(held, one.body) };
  } catch (error) {
    if (error instanceof DamagedBytes) return undefined;
    throw error;
  }
}

function keyOf({ day, vantage }: LatencyDay): string {
  return JSON.stringify([day, vantage]);
}

function* daysOf({ check, intervalMs, firstSlot, lastSlot }: SeenSeries): Generator<SlotRange> {
  const { slots } = pageShape(intervalMs);
  for (let from = Math.floor(firstSlot / slots) * slots; from <= lastSlot; from += slots) {
    yield { check, intervalMs, fromSlot: from, toSlot: from + slots };
  }
}

function instantOf({ fromSlot, intervalMs }: SlotRange): string {
  return new Date(fromSlot * intervalMs).toISOString();
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** The runs that make these bits and marks. */
export function runsFrom(
  { check, intervalMs, fromSlot, toSlot }: SlotRange,
  bits: SlotBits,
  marks: readonly Mark[],
): readonly SlotRun[] {
  const runs: SlotRun[] = [];
  for (const { vantage, seen, bad, excluded } of bits.vantages) {
    const key = { check, intervalMs, vantage };
    for (const [set, outcome] of [
      [seen, 'good'],
      [bad, 'bad'],
      [excluded, 'excluded'],
    ] as const) {
      for (const [from, to] of stretches(set, bits.baseSlot, fromSlot, toSlot)) {
        runs.push({ ...key, fromSlot: from, toSlot: to, outcome });
      }
    }
  }
  for (const { slot, ...mark } of marks) {
    runs.push({ check, intervalMs, ...mark, fromSlot: slot, toSlot: slot + 1 });
  }
  return runs;
}

function* stretches(
  bits: Uint8Array,
  baseSlot: number,
  fromSlot: number,
  toSlot: number,
): Generator<readonly [from: number, to: number]> {
  let start: number | undefined;
  for (let slot = fromSlot; slot <= toSlot; slot++) {
    const isSet = slot < toSlot && getBit(bits, slot - baseSlot);
    if (isSet && start === undefined) start = slot;
    if (!isSet && start !== undefined) {
      yield [start, slot];
      start = undefined;
    }
  }
}

function holds(is: SlotBits, wanted: SlotBits, { fromSlot, toSlot }: SlotRange): boolean {
  return wanted.vantages.every((want) => {
    const have = is.vantages.find(({ vantage }) => vantage === want.vantage);
    for (let slot = fromSlot; slot < toSlot; slot++) {
      for (const kind of ['seen', 'bad', 'excluded'] as const) {
        const isWanted = getBit(want[kind], slot - wanted.baseSlot);
        if (isWanted && !(have && getBit(have[kind], slot - is.baseSlot))) return false;
      }
    }
    return true;
  });
}

function countBits(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
