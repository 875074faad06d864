import { type BookedClosing, ClosingBook, closingEntry } from '../closing/closing-book.ts';
import { inputsOf } from '../closing/closing.ts';
import type { Config } from '../config/config.ts';
import type { NamedPeriod } from '../contract/periods.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Clock } from '../core/clock.ts';
import type { FrozenRules } from '../casework/frozen-judging.ts';
import type { Ledger } from '../window/ledger.ts';
import type { JudgedCheck, WindowStore } from '../window/store.ts';
import { type ClosingMaterial, closingMaterial, type MaterialSources } from './closing-material.ts';
import { judgedClosing } from './judged-closing.ts';
import { type Said, SaidBooks } from './said-books.ts';

/** What closings are made and entered with. */
export interface ClosingClerkOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly store: Pick<WindowStore, 'judged'>;
  readonly version: string;
  readonly config: () => Config;
  readonly breathe: () => Promise<void>;
  /** Told of every closing once it is in the ledger, with its text. Its failures are its own. */
  readonly onClosed: (closing: ClosedPeriod, text: string) => Promise<void>;
}

/** What a closing is judged from, but for what people said. */
export type KnownMaterial = Omit<MaterialSources, 'configured' | 'said'>;

/** Makes closings from the windows and of what the books say, and enters them: those of periods that are over, and amendments. */
export class ClosingClerk {
  readonly #options: ClosingClerkOptions;
  readonly #said: SaidBooks;
  /** The ledger of closings, as far as it was read. */
  readonly book: ClosingBook;

  constructor(options: ClosingClerkOptions) {
    this.#options = options;
    this.book = new ClosingBook(options.ledger);
    this.#said = new SaidBooks(options.ledger);
  }

  /** What people said, as far as it was read. */
  get said(): Said {
    return this.#said.said;
  }

  /** The last closing of each period. */
  get latest(): readonly BookedClosing[] {
    const latest = new Map<string, BookedClosing>();
    for (const booked of this.book.closings) latest.set(booked.period.name, booked);
    return [...latest.values()];
  }

  /** Takes in what was written since. Rejects when the ledger is broken. */
  async catchUp(): Promise<void> {
    await this.book.catchUp();
    await this.#said.catchUp();
  }

  /** How the checks of the rules were judged; those that were not are not there. */
  async judged({ judgedBy: { checks } }: FrozenRules): Promise<readonly JudgedCheck[]> {
    const judged = await this.#options.store.judged(checks.map(({ id }) => id));
    return judged.filter((one) => one !== undefined);
  }

  /** What names all that a closing would be made from. */
  inputsOf(known: KnownMaterial): ClosedPeriod['inputs'] {
    return inputsOf({ ...this.#material(known), period: known.period });
  }

  /** What the period comes to; null for the number while it is not closed. */
  judge(known: KnownMaterial, named: NamedPeriod, number: number | null): Promise<ClosedPeriod> {
    const { clock, version: vigie, breathe } = this.#options;
    const madeAtMs = clock.wallMs();
    return judgedClosing({ ...known, ...this.#material(known), named, number, madeAtMs, vigie, breathe });
  }

  /** Writes a closing down; whether it was not there before. Rejects when the ledger is broken. */
  async enter(closing: ClosedPeriod): Promise<boolean> {
    const { ledger, clock, onClosed } = this.#options;
    const entry = closingEntry(closing, clock.wallMs());
    const [isNew = false] = await ledger.append('closings', [entry]);
    await this.book.catchUp();
    if (isNew) await onClosed(closing, entry.json);
    return isNew;
  }

  #material(known: KnownMaterial): ClosingMaterial {
    const { exclusions: configured } = this.#options.config();
    return closingMaterial({ ...known, configured, said: this.said });
  }
}
