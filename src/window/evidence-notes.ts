import { strongerMark } from '../core/observation.ts';
import type { Evidence } from '../core/reading.ts';
import { sameBlame, type Blame } from './mark-runs.ts';
import type { Mark } from './store.ts';

/** The evidence of one mark. */
export interface EvidenceNote extends Blame {
  readonly vantage: string;
  readonly slot: number;
  readonly evidence: Evidence;
}

/**
 * Which evidence stands for a slot: that of the stronger mark; between marks that say the same, the evidence whose
 * text sorts first. Commutative and idempotent, like {@link strongerMark}.
 */
export function standingNote(a: EvidenceNote, b: EvidenceNote): EvidenceNote {
  if (!sameBlame(a, b)) return strongerMark(a, b);
  return textOf(a.evidence) <= textOf(b.evidence) ? a : b;
}

function textOf(evidence: Evidence): string {
  return JSON.stringify(Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The marks with their evidence, where a note says the same as the mark. */
export function withEvidence(marks: readonly Mark[], notes: Iterable<EvidenceNote>): readonly Mark[] {
  const standing = new NotesOfSlots();
  for (const note of notes) standing.add(note);
  return marks.map((mark) => {
    const note = standing.of(mark.slot, mark.vantage);
    return note && sameBlame(note, mark) ? { ...mark, evidence: note.evidence } : mark;
  });
}

/** The standing note of each slot and vantage. */
export class NotesOfSlots {
  readonly #notes = new Map<number, Map<string, EvidenceNote>>();

  add(note: EvidenceNote): void {
    const ofSlot = this.#notes.get(note.slot) ?? new Map<string, EvidenceNote>();
    const known = ofSlot.get(note.vantage);
    this.#notes.set(note.slot, ofSlot.set(note.vantage, known ? standingNote(known, note) : note));
  }

  of(slot: number, vantage: string): EvidenceNote | undefined {
    return this.#notes.get(slot)?.get(vantage);
  }

  *within(fromSlot: number, toSlot: number): Generator<EvidenceNote> {
    for (const [slot, ofSlot] of this.#notes) {
      if (slot >= fromSlot && slot < toSlot) yield* ofSlot.values();
    }
  }

  /** Forgets all slots before one. */
  dropBefore(firstKept: number): void {
    for (const slot of this.#notes.keys()) if (slot < firstKept) this.#notes.delete(slot);
  }
}
