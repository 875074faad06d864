import { isCause, type Cause } from '../core/cause.ts';
import type { Observation, Outcome } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';
import { DamagedBytes } from './bytes.ts';

/** One observation in the journal; the series stands for check and interval. */
export interface JournalLine {
  readonly series: number;
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
  readonly evidence?: Evidence;
}

const LETTERS = { bad: 'b', excluded: 'x' } as const;

/**
 * An observation as JSON: `[series,vantage,slot]` when good, else with `"b"` or `"x"`, and the cause and the
 * evidence where there are any. Lines are joined by commas.
 */
export function journalLine(series: number, observation: Observation): string {
  const { vantage, slot, outcome, cause, evidence } = observation;
  const start = `[${series},${quoted(vantage)},${slot}`;
  if (outcome === 'good') return `${start}]`;
  const letter = `"${LETTERS[outcome]}"`;
  if (cause === undefined) return `${start},${letter}]`;
  const tail = evidence === undefined ? '' : `,${JSON.stringify(evidence)}`;
  return `${start},${letter},"${cause}"${tail}]`;
}

let last = { text: '', json: '""' };

/** As JSON. Lines one after another tell of the same vantage. */
function quoted(text: string): string {
  if (text !== last.text) last = { text, json: JSON.stringify(text) };
  return last.json;
}

/** The lines of a journal entry. Throws {@link DamagedBytes} when they are not such lines. */
export function parseJournal(lines: string): readonly JournalLine[] {
  return listOf(parsedJson(`[${lines}]`)).map(decodeLine);
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new DamagedBytes('journal line is no list');
  return value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DamagedBytes('not JSON', { cause });
  }
}

function decodeLine(row: unknown): JournalLine {
  const [series, vantage, slot, letter, cause, evidence] = listOf(row);
  if (typeof series !== 'number' || typeof vantage !== 'string' || typeof slot !== 'number') {
    throw new DamagedBytes('journal line without series, vantage or slot');
  }
  if (letter === undefined) return { series, vantage, slot, outcome: 'good' };
  if (letter !== LETTERS.bad && letter !== LETTERS.excluded) throw new DamagedBytes('outcome unknown');
  const outcome = letter === LETTERS.bad ? 'bad' : 'excluded';
  if (cause === undefined) return { series, vantage, slot, outcome };
  if (typeof cause !== 'string' || !isCause(cause)) throw new DamagedBytes('cause unknown');
  if (evidence === undefined) return { series, vantage, slot, outcome, cause };
  return { series, vantage, slot, outcome, cause, evidence: decodeEvidence(evidence) };
}

function decodeEvidence(value: unknown): Evidence {
  if (typeof value !== 'object' || value === null) throw new DamagedBytes('evidence is no object');
  const known: Record<string, string | number> = {};
  for (const [name, fact] of Object.entries(value)) {
    if (typeof fact === 'string' || typeof fact === 'number') known[name] = fact;
  }
  return known;
}
