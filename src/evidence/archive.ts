import type { KeyObject } from 'node:crypto';
import type { ArchiveFiles } from './archive-files.ts';
import { CHAIN_FILE, type Link, linkAfter, linkLine, type NewLink, readChain } from './chain.ts';
import { compressLines } from './compressed.ts';
import { type DayHeader, dayRecord, type DaySection } from './day-record.ts';
import { LineChain, sha256 } from './digest.ts';
import { keyName, signStatement } from './signature.ts';

/** The chain of an archive is not as it was written: nothing is added to it. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** A day as it is to be archived. */
export interface DayToArchive {
  readonly header: Omit<DayHeader, 'amendment'>;
  /** What was seen: late data is noticed by these. */
  readonly seen: readonly DaySection[];
  /** What was judged and said, for the record. */
  readonly said: readonly DaySection[];
}

/** `unchanged`: it is there already, and nothing was seen of it since. */
export type ArchivedAs = 'day' | 'amendment' | 'unchanged';

/**
 * An append-only archive: every file is linked to all before it by its digest. Nothing is ever changed: what is learnt
 * late is added as an amendment. One writer at a time.
 */
export class Archive {
  readonly #files: ArchiveFiles;
  readonly #links: Link[];

  private constructor(files: ArchiveFiles, links: readonly Link[]) {
    this.#files = files;
    this.#links = [...links];
  }

  /** Throws {@link ArchiveError} when its chain is broken. */
  static async open(files: ArchiveFiles): Promise<Archive> {
    const text = new TextDecoder().decode(await files.read(CHAIN_FILE));
    const { links, fault } = readChain(text);
    if (fault) throw new ArchiveError(`${CHAIN_FILE}:${fault.line}: ${fault.what}`);
    return new Archive(files, links);
  }

  get links(): readonly Link[] {
    return this.#links;
  }

  /** Archives a day, or what has become known of it since. What is seen is gone through twice. */
  async addDay(day: DayToArchive): Promise<ArchivedAs> {
    const name = day.header.day;
    const earlier = this.#links.filter((link) => link.name === name && isDay(link));
    if (earlier.at(-1)?.seen === (await digestOfSections(day.seen))) return 'unchanged';
    const amendment = earlier.length;
    const digest = new SeenDigest();
    const record = dayRecord({ ...day.header, amendment }, [...digest.over(day.seen), ...day.said]);
    const content = await compressLines(record);
    const suffix = amendment === 0 ? '' : `.${amendment}`;
    const file = `days/${name.slice(0, 7)}/${name}${suffix}.jsonl.zst`;
    const kind = amendment === 0 ? 'day' : 'amendment';
    await this.#add({ kind, name, file, seen: digest.value }, content);
    return kind;
  }

  /** Keeps the contents of a configuration or contract file, or of rules, once; returns the digest that names it. */
  async addRules(content: Uint8Array, extension: 'yaml' | 'json' = 'yaml'): Promise<string> {
    const name = sha256(content);
    const isKnown = this.#links.some((link) => link.kind === 'rules' && link.name === name);
    if (!isKnown) await this.#add({ kind: 'rules', name, file: `rules/${name}.${extension}` }, content);
    return name;
  }

  /** Up to which line a ledger is archived; 0 when none of it is. */
  ledgerSequence(ledger: string): number {
    const last = this.#links.findLast((link) => link.kind === 'ledger' && link.name === ledger);
    return last ? lastLineOf(last.file) : 0;
  }

  /** Adds lines of a ledger, JSON each, that follow on those that are archived; `last` is the number of the last one. */
  async addLedger(ledger: string, lines: readonly string[], last: number): Promise<void> {
    if (lines.length === 0 || last <= this.ledgerSequence(ledger)) return;
    const file = `ledgers/${ledger}/${String(last).padStart(8, '0')}.jsonl.zst`;
    await this.#add({ kind: 'ledger', name: ledger, file }, await compressLines(lines));
  }

  /** Whether a closing is archived; `number` 0 is the original, amendments count from 1. */
  hasClosing(period: string, number: number): boolean {
    const file = closingFile(period, number);
    return this.#links.some((link) => link.file === file);
  }

  /** Adds what a closed period came to, once. */
  async addClosing(period: string, number: number, json: string): Promise<void> {
    if (this.hasClosing(period, number)) return;
    const file = closingFile(period, number);
    await this.#add({ kind: 'closing', name: period, file }, new TextEncoder().encode(json));
  }

  /** Signs the archive as it stands. Does nothing while it is empty. */
  async sign(period: string, signedAtMs: number, key: KeyObject): Promise<void> {
    const last = this.#links.at(-1);
    if (!last) return;
    const { sequence, chain } = last;
    const signedAt = new Date(signedAtMs).toISOString();
    const signed = signStatement({ statement: 'vigie archive', period, sequence, chain, signedAt }, key);
    const file = `signatures/${String(sequence).padStart(8, '0')}-${keyName(key).slice(0, 16)}.json`;
    await this.#files.write(file, new TextEncoder().encode(`${JSON.stringify(signed, undefined, 2)}\n`));
  }

  /** The file comes first: a link without its file would read as a loss. */
  async #add(about: Omit<NewLink, 'sha256' | 'bytes'>, content: Uint8Array): Promise<void> {
    await this.#files.write(about.file, content);
    const link = linkAfter(this.#links, { ...about, sha256: sha256(content), bytes: content.byteLength });
    const text = [...this.#links, link].map((one) => `${linkLine(one)}\n`).join('');
    await this.#files.write(CHAIN_FILE, new TextEncoder().encode(text));
    this.#links.push(link);
  }
}

function isDay({ kind }: Link): boolean {
  return kind === 'day' || kind === 'amendment';
}

/** Object stores write `@` in several ways. */
function closingFile(period: string, number: number): string {
  return `closings/${period.replace('@', '_')}${number === 0 ? '' : `.${number}`}.json`;
}

function lastLineOf(file: string): number {
  return Number(/(\d+)\.jsonl\.zst$/.exec(file)?.[1] ?? 0);
}

/** The digest of what was seen, taken while it passes. */
class SeenDigest {
  readonly #chain = new LineChain();

  get value(): string {
    return this.#chain.digest;
  }

  over(sections: readonly DaySection[]): readonly DaySection[] {
    return sections.map(({ name, lines }) => ({ name, lines: this.#passing(name, lines) }));
  }

  async *#passing(name: string, lines: DaySection['lines']): AsyncGenerator<string, void, void> {
    this.#chain.add(JSON.stringify(name));
    for await (const line of lines) {
      this.#chain.add(line);
      yield line;
    }
  }
}

async function digestOfSections(sections: readonly DaySection[]): Promise<string> {
  const digest = new SeenDigest();
  for (const { lines } of digest.over(sections)) for await (const _ of lines);
  return digest.value;
}
