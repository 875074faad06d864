import { LineChain } from './digest.ts';

/** What stands at the head of a day's record. */
export interface DayHeader {
  /** The UTC day, `2026-03-01`. */
  readonly day: string;
  /** 0 for the first record of a day; amendments count from 1. */
  readonly amendment: number;
  readonly vigie: string;
  /** Digests of the configuration and contract files in force, by name; the archive holds their contents. */
  readonly rules: Readonly<Record<string, string>>;
}

/** A part of a day's record that is checked on its own: what one vantage saw of one check, or one kind of entries. */
export interface DaySection {
  readonly name: string;
  /** Lines of JSON without line ends. May be gone through more than once. */
  readonly lines: Iterable<string> | AsyncIterable<string>;
}

/** The version of the record's layout. */
export const RECORD_FORMAT = 1;

/**
 * The lines of a day's record: the header, the sections with a checkpoint after each, and the seal. Checkpoints and
 * seal carry the running digest of all lines before them, so that an alteration is found, and found in its section.
 */
export async function* dayRecord(
  header: DayHeader,
  sections: AsyncIterable<DaySection> | Iterable<DaySection>,
): AsyncGenerator<string, void, void> {
  const chain = new LineChain();
  let count = 0;
  const taken = (line: string): string => {
    chain.add(line);
    count++;
    return line;
  };
  yield taken(JSON.stringify({ record: 'day', format: RECORD_FORMAT, ...header }));
  for await (const { name, lines } of sections) {
    for await (const line of lines) yield taken(line);
    yield taken(JSON.stringify({ record: 'checkpoint', section: name, lines: count, digest: chain.digest }));
  }
  yield JSON.stringify({ record: 'seal', lines: count, digest: chain.digest });
}

/** Where and how a record is not what was written. Lines count from 1. */
export interface RecordFault {
  readonly fromLine: number;
  readonly toLine: number;
  /** The section in which it lies; null when that is not in a section. */
  readonly section: string | null;
  readonly what: 'altered' | 'cut-short' | 'not-a-record' | 'goes-on-after-seal';
}

/** The record's own lines as opposed to observations and entries. */
interface Marker {
  readonly record: 'checkpoint' | 'seal';
  readonly section: string | null;
  readonly lines: number;
  readonly digest: string;
}

/** What there is to say of a day's record: its faults, in order; none when it is as it was written. */
export async function checkRecord(
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<readonly RecordFault[]> {
  const chain = new LineChain();
  let [count, intactTo, sealAt] = [0, 0, 0];
  for await (const line of lines) {
    count++;
    if (sealAt > 0) continue;
    const marker = markerOf(line);
    const isIntact = marker?.digest === chain.digest && marker.lines === count - 1;
    if (marker && !isIntact)
      return [{ fromLine: intactTo + 1, toLine: count, section: marker.section, what: 'altered' }];
    if (marker) intactTo = count;
    if (marker?.record === 'seal') sealAt = count;
    else chain.add(line);
  }
  if (sealAt === count && count > 0) return [];
  if (sealAt > 0) return [{ fromLine: sealAt + 1, toLine: count, section: null, what: 'goes-on-after-seal' }];
  const what = count === 0 ? 'not-a-record' : 'cut-short';
  return [{ fromLine: intactTo + 1, toLine: count, section: null, what }];
}

function markerOf(line: string): Marker | undefined {
  if (!line.startsWith('{"record":"checkpoint"') && !line.startsWith('{"record":"seal"')) return undefined;
  const fields = parsed(line);
  const { record, section = null, lines, digest } = fields;
  if (record !== 'checkpoint' && record !== 'seal') return undefined;
  return {
    record,
    section: typeof section === 'string' ? section : null,
    lines: typeof lines === 'number' ? lines : -1,
    digest: typeof digest === 'string' ? digest : '',
  };
}

/** The header of a day's record from its first line; undefined when it is none that this version knows. */
export function headerOf(line: string): DayHeader | undefined {
  const { record, format, day, amendment, vigie, rules } = parsed(line);
  if (record !== 'day' || format !== RECORD_FORMAT || typeof day !== 'string') return undefined;
  if (typeof rules !== 'object' || rules === null) return undefined;
  return {
    day,
    amendment: Number(amendment),
    vigie: String(vigie),
    rules: Object.fromEntries(Object.entries(rules).map(([name, digest]) => [name, String(digest)])),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
