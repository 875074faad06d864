import { z } from 'zod';
import { parseClosing } from '../closing/closing-book.ts';
import { TimelineReader } from '../closing/judged-timeline.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Transition } from '../core/timeline.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';
import { CHAIN_FILE, type Link, readChain } from '../evidence/chain.ts';
import { linesIn, UnpackError } from '../evidence/compressed.ts';
import { type DayHeader, headerOf } from '../evidence/day-record.ts';
import { seenObservations } from '../evidence/seen-record.ts';
import type { KeptRules } from '../casework/frozen-rules.ts';
import type { LedgerEntry } from '../window/ledger.ts';

/** A day of an archive. */
export interface ArchivedDay {
  readonly header: DayHeader;
  /** By check: its states from the start of the day, or from its first observation. */
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
}

/** A closing as it lies in the archive. */
export interface ArchivedClosing {
  readonly link: Link;
  readonly text: string;
  /** Undefined when it cannot be understood. */
  readonly closing: ClosedPeriod | undefined;
}

/** The contents of an archive, read as they are asked for; whether they are as they were written is for others to say. */
export class ArchiveReader {
  readonly links: readonly Link[];
  readonly #files: ArchiveFiles;
  readonly #days = new Map<string, ArchivedDay | undefined>();

  private constructor(files: ArchiveFiles, links: readonly Link[]) {
    this.#files = files;
    this.links = links;
  }

  /** Reads the chain, as far as it holds. */
  static async open(files: ArchiveFiles): Promise<ArchiveReader> {
    const chain = new TextDecoder().decode(await files.read(CHAIN_FILE));
    return new ArchiveReader(files, readChain(chain).links);
  }

  /** The files of the days as they were known when the chain had so many links: of each day the latest, in order. */
  daysAsOf(sequence: number): readonly Link[] {
    const latest = new Map<string, Link>();
    for (const link of this.links)
      if (link.sequence < sequence && (link.kind === 'day' || link.kind === 'amendment'))
        latest.set(link.name, link);
    return [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How a day was judged; undefined when its file cannot be read. Kept, since every later closing asks again. */
  async day({ file }: Link): Promise<ArchivedDay | undefined> {
    if (!this.#days.has(file)) this.#days.set(file, await this.#readDay(file));
    return this.#days.get(file);
  }

  /** What was seen on a day, as lines of observations (interfaces.md). */
  observations({ file }: Link): AsyncGenerator<string, void, void> {
    return seenObservations(this.#lines(file));
  }

  async closings(): Promise<readonly ArchivedClosing[]> {
    const closings: ArchivedClosing[] = [];
    for (const link of this.links.filter(({ kind }) => kind === 'closing')) {
      const text = new TextDecoder().decode(await this.#files.read(link.file));
      closings.push({ link, text, closing: parseClosing(text) });
    }
    return closings;
  }

  /** The lines of a ledger, as far as they are archived. */
  async ledger(name: string): Promise<readonly LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for (const { file } of this.links.filter((link) => link.kind === 'ledger' && link.name === name))
      for await (const line of this.#lines(file)) entries.push(...entryOf(line));
    return entries;
  }

  /** The rules and sources that are archived. */
  get kept(): KeptRules {
    const textOf = async (digest: string): Promise<string | undefined> => {
      const link = this.links.find((one) => one.kind === 'rules' && one.name === digest);
      const content = link && (await this.#files.read(link.file));
      return content && new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
    };
    return { rules: textOf, source: textOf };
  }

  async #readDay(file: string): Promise<ArchivedDay | undefined> {
    let header: DayHeader | undefined;
    const timelines = new TimelineReader();
    for await (const line of this.#lines(file)) {
      header ??= headerOf(line);
      timelines.take(line);
    }
    return header && { header, timelines: timelines.timelines };
  }

  /** None of what cannot be unpacked: that is told by the verification of the archive. */
  async *#lines(file: string): AsyncGenerator<string, void, void> {
    const content = await this.#files.read(file);
    if (!content) return;
    try {
      yield* linesIn(content);
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
    }
  }
}

const entrySchema = z.object({
  sequence: z.int().min(1),
  key: z.string(),
  at: z.iso.datetime(),
  json: z.string(),
});

function entryOf(line: string): readonly LedgerEntry[] {
  const read = entrySchema.safeParse(parsed(line)).data;
  if (!read) return [];
  const { at, ...entry } = read;
  return [{ ...entry, atMs: Date.parse(at) }];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
