import type { Config } from '../config/config.ts';
import { periodAt, type PeriodKind } from '../contract/periods.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import { judgeFor, takeIn } from '../casework/judging.ts';
import type { Judge } from '../judge/judge.ts';
import { parseObservationLine } from './observation-line.ts';
import { type Owed, penaltiesOn } from './penalties.ts';
import { readLines } from './read-lines.ts';
import { RecordedWindows } from './recorded-windows.ts';

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

/** A judge that has taken a record in, and what it took it from. */
export interface Replayed {
  readonly judge: Judge;
  readonly windows: RecordedWindows;
}

/** Has recorded observations judged, by the very code of the live judge. Throws `ReplayError`. */
export async function replayed(request: Omit<ReplayRequest, 'periods'>): Promise<Replayed> {
  const { config, atMs } = request;
  const judge = judgeFor(config);
  const checks = new Map(config.checks.map((check) => [check.id, check]));
  const lines = await readLines(request.lines, (text) => parseObservationLine(text, checks));
  const windows = new RecordedWindows(lines, atMs);
  for (const check of judge.checks) await takeIn(judge, windows.storeOf(check), atMs, { checks: [check] });
  return { judge, windows };
}

/** Verdicts on a record, and what is owed for them. */
export interface ReplayedVerdicts {
  readonly verdicts: readonly Verdict[];
  readonly owed: Owed;
}

/**
 * The verdicts on recorded observations: of the current periods, or of those that are named and the current ones of the
 * other kind, in all their parts. With them what is owed by the terms of the contract file. Throws `ReplayError`.
 */
export async function replayInFull(request: ReplayRequest): Promise<ReplayedVerdicts> {
  const { config, atMs, periods } = request;
  const { judge } = await replayed(request);
  const named = periods.month ?? periods.year;
  const wholeOf = named && ((kind: PeriodKind) => periods[kind] ?? periodAt(config.contract, kind, atMs));
  const verdicts = [...judge.verdicts(atMs, wholeOf)];
  return { verdicts, owed: penaltiesOn(judge, verdicts, atMs, wholeOf) };
}

/** The verdicts alone. Throws `ReplayError`. */
export async function replay(request: ReplayRequest): Promise<readonly Verdict[]> {
  return (await replayInFull(request)).verdicts;
}
