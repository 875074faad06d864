import type { Observation } from '../core/observation.ts';
import { journalLine } from './journal-line.ts';
import type { Judgements } from './judgements.ts';
import type { Series } from './series.ts';
import type { Batch } from './sqlite-messages.ts';

/** What was changed in memory and is still to be written. */
export class Outbox {
  readonly #judgements: Judgements;
  readonly #facts: ReadonlyMap<string, string>;
  readonly #newSeries: Series[] = [];
  readonly #lines: string[] = [];
  #characters = 0;
  /** The earliest changed transition of each check that was judged; Infinity when only its cursor moved. */
  readonly #judged = new Map<string, number>();
  readonly #late = new Set<string>();
  readonly #changedFacts = new Set<string>();

  constructor(judgements: Judgements, facts: ReadonlyMap<string, string>) {
    this.#judgements = judgements;
    this.#facts = facts;
  }

  /** Length of the lines that wait. */
  get characters(): number {
    return this.#characters;
  }

  /** Whether nothing waits, cursors included. */
  get isEmpty(): boolean {
    const waiting = this.#lines.length + this.#judged.size + this.#late.size + this.#changedFacts.size;
    return waiting + this.#newSeries.length === 0;
  }

  series(series: Series): void {
    this.#newSeries.push(series);
  }

  observed(series: Series, observation: Observation): void {
    const line = journalLine(series.id, observation);
    this.#lines.push(line);
    this.#characters += line.length;
  }

  judged(check: string, changedFromMs: number): void {
    this.#judged.set(check, Math.min(changedFromMs, this.#judged.get(check) ?? Infinity));
  }

  late(check: string): void {
    this.#late.add(check);
  }

  fact(name: string): void {
    this.#changedFacts.add(name);
  }

  /**
   * Empties the box. Checks of which only the cursor moved stay behind unless `cursors` is asked for: after a crash
   * the judge goes on from an earlier cursor and comes to the same transitions. Undefined when nothing is to be written.
   */
  take(cursors: boolean): Batch | undefined {
    const batch = {
      series: this.#newSeries.splice(0).map(({ id, check, intervalMs, firstSlot, lastSlot }) => ({
        id,
        check,
        intervalMs,
        firstSlot,
        lastSlot,
      })),
      lines: this.#lines.splice(0).join(','),
      judgements: this.#takeJudgements(cursors),
      late: this.#takeLate(),
      facts: Array.from(this.#changedFacts, (name) => [name, this.#facts.get(name) ?? ''] as const),
    };
    this.#characters = 0;
    this.#changedFacts.clear();
    const { lines, series, judgements, late, facts } = batch;
    return lines.length + series.length + judgements.length + late.length + facts.length > 0
      ? batch
      : undefined;
  }

  #takeJudgements(cursors: boolean): Batch['judgements'] {
    const taken: Batch['judgements'][number][] = [];
    for (const [check, changedFromMs] of this.#judged) {
      const head = this.#judgements.head(check);
      if (!head || (changedFromMs === Infinity && !cursors)) continue;
      this.#judged.delete(check);
      const transitions =
        changedFromMs === Infinity ? [] : this.#judgements.transitionsFrom(check, changedFromMs);
      taken.push({ ...head, changedFromMs, transitions });
    }
    return taken;
  }

  #takeLate(): Batch['late'] {
    const taken = Array.from(this.#late, (check) => [check, this.#judgements.lateMs(check) ?? null] as const);
    this.#late.clear();
    return taken;
  }
}
