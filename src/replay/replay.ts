import type { Config } from '../config/config.ts';
import type { PeriodKind } from '../contract/periods.ts';
import { periodAt } from '../contract/periods.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import { judgeFor, takeIn } from '../judging.ts';
import { memoryStore } from '../window/memory.ts';
import { LineError, type ObservationLine, parseObservationLine } from './observation-line.ts';

/** What is to be replayed. */
export interface ReplayRequest {
  readonly config: Config;
  /** The lines of an observation file, without their line ends. */
  readonly lines: AsyncIterable<string>;
  /** The instant to judge at: nothing at or after it is used. */
  readonly atMs: number;
  /** Periods to judge instead of those that `atMs` lies in. */
  readonly periods: Partial<Readonly<Record<PeriodKind, Period>>>;
}

/** A line of an observation file that cannot be read, with its number. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The verdicts on recorded observations, by the very code of the live judge. Throws {@link ReplayError}. */
export async function replay(request: ReplayRequest): Promise<readonly Verdict[]> {
  const { config, atMs, periods } = request;
  const store = memoryStore();
  const judge = judgeFor(config);
  for (const line of await readAll(request)) {
    const { check, vantage, fromSlot, toSlot, outcome, cause } = line;
    const endSlot = Math.min(toSlot, Math.ceil(atMs / check.intervalMs));
    if (fromSlot >= endSlot) continue;
    const key = { check: check.id, intervalMs: check.intervalMs };
    store.putSpan(key, vantage, fromSlot, endSlot, outcome, cause);
  }
  await takeIn(judge, store, atMs);
  const chosen = {
    month: periods.month ?? periodAt(config.contract, 'month', atMs),
    year: periods.year ?? periodAt(config.contract, 'year', atMs),
  };
  return [...judge.verdicts(atMs, (rules) => chosen[rules.period])];
}

/** All lines or none: a file with a bad line is not used at all. */
async function readAll({ config, lines }: ReplayRequest): Promise<readonly ObservationLine[]> {
  const checks = new Map(config.checks.map((check) => [check.id, check]));
  const read: ObservationLine[] = [];
  let number = 0;
  for await (const text of lines) {
    number++;
    if (text.trim() === '') continue;
    try {
      read.push(parseObservationLine(text, checks));
    } catch (error) {
      if (error instanceof LineError) throw new ReplayError(number, error.message);
      throw error;
    }
  }
  return read;
}
