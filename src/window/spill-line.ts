import { isCause } from '../core/cause.ts';
import type { Outcome } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';
import { DamagedBytes } from './bytes.ts';
import type { SlotRun } from './slot-run.ts';

const LETTERS = { good: 'g', bad: 'b', excluded: 'x' } as const;

/** Runs as JSON: `[check,interval,vantage,from,to,"g"|"b"|"x",cause?,evidence?]` each. */
export function formatRuns(runs: readonly SlotRun[]): string {
  return JSON.stringify(
    runs.map(({ check, intervalMs, vantage, fromSlot, toSlot, outcome, cause, evidence }) => {
      const row = [check, intervalMs, vantage, fromSlot, toSlot, LETTERS[outcome]];
      if (cause === undefined) return row;
      return evidence === undefined ? [...row, cause] : [...row, cause, evidence];
    }),
  );
}

/** The runs of a text of {@link formatRuns}. Throws {@link DamagedBytes} when it is none. */
export function parseRuns(text: string): readonly SlotRun[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (cause) {
    throw new DamagedBytes('spilled slots are not JSON', { cause });
  }
  return listOf(rows).map(parseRun);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new DamagedBytes('spilled slots are no list');
  return value;
}

function parseRun(row: unknown): SlotRun {
  const [check, intervalMs, vantage, fromSlot, toSlot, letter, cause, evidence] = listOf(row);
  const outcome = outcomeOf(letter);
  if (
    typeof check !== 'string' ||
    typeof intervalMs !== 'number' ||
    typeof vantage !== 'string' ||
    typeof fromSlot !== 'number' ||
    typeof toSlot !== 'number' ||
    !outcome
  ) {
    throw new DamagedBytes('a spilled slot is none');
  }
  const run = { check, intervalMs, vantage, fromSlot, toSlot, outcome };
  if (cause === undefined) return run;
  if (typeof cause !== 'string' || !isCause(cause)) throw new DamagedBytes('cause unknown');
  return evidence === undefined ? { ...run, cause } : { ...run, cause, evidence: evidenceOf(evidence) };
}

function outcomeOf(letter: unknown): Outcome | undefined {
  if (letter === 'g') return 'good';
  if (letter === 'b') return 'bad';
  return letter === 'x' ? 'excluded' : undefined;
}

function evidenceOf(value: unknown): Evidence {
  if (typeof value !== 'object' || value === null) throw new DamagedBytes('evidence is no object');
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}
