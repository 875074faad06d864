import { z } from 'zod';
import { type ClosedPeriod, CLOSING_FORMAT } from '../core/closed-period.ts';
import type { Ledger, LedgerEntry, NewLedgerEntry } from '../window/ledger.ts';
import { closingText } from './closing.ts';
import { digestOfText } from './digest.ts';

const RULES = 'rules ';
const SOURCE = 'source ';

/** The name of a closing: `2026-03#0` for the original, `#1` … for amendments. */
export function closingName(period: string, number: number): string {
  return `${period}#${number}`;
}

/** A closing as it is entered into the ledger `closings`. */
export function closingEntry(closing: ClosedPeriod, atMs: number): NewLedgerEntry {
  return { key: closingName(closing.period.name, closing.number ?? 0), atMs, json: closingText(closing) };
}

/** The rules that closings were judged by, once for each digest. */
export function rulesEntry(text: string, atMs: number): NewLedgerEntry {
  return { key: `${RULES}${digestOfText(text)}`, atMs, json: text };
}

/** The text of a contract or configuration file, once for each digest. */
export function sourceEntry(text: string, atMs: number): NewLedgerEntry {
  const json = JSON.stringify({ record: 'source', text });
  return { key: `${SOURCE}${digestOfText(text)}`, atMs, json };
}

/** Where a closing is to be found, and what tells it apart. */
export interface BookedClosing {
  readonly sequence: number;
  readonly period: ClosedPeriod['period'];
  readonly number: number;
  readonly madeAt: string;
  readonly at: string;
  readonly inputs: ClosedPeriod['inputs'];
  readonly rules: ClosedPeriod['rules'];
  readonly amends: ClosedPeriod['amends'];
}

const sourceSchema = z.object({ record: z.literal('source'), text: z.string() });

/** The ledger `closings`, read as far as it goes. Keeps no verdicts in memory. */
export class ClosingBook {
  readonly #ledger: Pick<Ledger, 'entries'>;
  readonly #closings: BookedClosing[] = [];
  readonly #keys = new Map<string, number>();
  #sequence = 0;

  constructor(ledger: Pick<Ledger, 'entries'>) {
    this.#ledger = ledger;
  }

  /** Takes in what was written since. Rejects when the ledger is broken. */
  async catchUp(): Promise<void> {
    for (const entry of await this.#ledger.entries('closings', this.#sequence)) this.#take(entry);
  }

  /** All closings, in the order in which they were made. */
  get closings(): readonly BookedClosing[] {
    return this.#closings;
  }

  /** The closings of a period by its name, the original first. */
  of(period: string): readonly BookedClosing[] {
    return this.#closings.filter((one) => one.period.name === period).sort((a, b) => a.number - b.number);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The text of a closing, as it was written. */
  async text(period: string, number: number): Promise<string | undefined> {
    return this.#json(closingName(period, number));
  }

  /** The text of rules by its digest. */
  async rules(digest: string): Promise<string | undefined> {
    return this.#json(`${RULES}${digest}`);
  }

  /** The text of a contract or configuration file by its digest. */
  async source(digest: string): Promise<string | undefined> {
    const json = await this.#json(`${SOURCE}${digest}`);
    return json === undefined ? undefined : sourceSchema.safeParse(JSON.parse(json)).data?.text;
  }

  async #json(key: string): Promise<string | undefined> {
    const sequence = this.#keys.get(key);
    if (sequence === undefined) return undefined;
    const [entry] = await this.#ledger.entries('closings', sequence - 1);
    return entry?.json;
  }

  #take({ key, sequence, json }: LedgerEntry): void {
    // Two who read at once are given the same lines.
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    this.#keys.set(key, sequence);
    if (key.startsWith(RULES) || key.startsWith(SOURCE)) return;
    const closing = parseClosing(json);
    if (!closing || closing.number === null) return;
    const { period, number, madeAt, at, inputs, rules, amends } = closing;
    this.#closings.push({ sequence, period, number, madeAt, at, inputs, rules, amends });
  }
}

const closingSchema = z.looseObject({
  record: z.literal('closing'),
  format: z.literal(CLOSING_FORMAT),
  period: z.looseObject({
    name: z.string(),
    kind: z.enum(['month', 'year']),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
  }),
  number: z.int().min(0).nullable(),
  at: z.iso.datetime(),
  madeAt: z.iso.datetime(),
  verdicts: z.array(z.looseObject({ row: z.string(), scope: z.string(), reading: z.string() })),
  explanations: z.array(z.looseObject({ row: z.string() })),
  tickets: z.array(z.looseObject({ ticket: z.string() })),
  exclusions: z.array(z.looseObject({ id: z.string() })),
  rules: z.looseObject({ judged: z.string(), contracts: z.array(z.string()) }),
  inputs: z.looseObject({ checks: z.record(z.string(), z.string()) }),
});
const wholeSchema = z.custom<ClosedPeriod>((value) => closingSchema.safeParse(value).success);

/** Reads a closing; undefined when it is none, or of another layout than this version knows. */
export function parseClosing(text: string): ClosedPeriod | undefined {
  try {
    return wholeSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
