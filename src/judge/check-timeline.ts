import type { SlotBits } from '../core/slots.ts';
import type { Transition } from '../core/timeline.ts';
import { RunList, UNKNOWN, UP } from './runs.ts';
import { readSlots, type SlotRules, watermarkMs } from './slot-reader.ts';

/** How long after a step the cursor may stay behind a slot that is up and has ended. */
const CURSOR_STAYS_MS = 60_000;

/**
 * The judged life of one check: runs of D, U, X and ? from its first observation on (sla-math §2, §3). What lies
 * before the cursor is settled; what lies after it is judged anew at every step, since slots may be pending.
 */
export class CheckTimeline {
  readonly rules: SlotRules;
  readonly runs = new RunList();
  #cursorMs: number | undefined;
  #unsavedFromMs: number | undefined;
  #isTouched = true;
  /** When the mere passing of time changes what was judged. */
  #dueMs = -Infinity;

  constructor(rules: SlotRules) {
    this.rules = rules;
  }

  /** Where judging goes on; undefined before the first observation. */
  get cursorMs(): number | undefined {
    return this.#cursorMs;
  }

  /** What is stored ends here; undefined while there is nothing to store. */
  get unsavedFromMs(): number | undefined {
    return this.#unsavedFromMs;
  }

  /** When the first observation was due; undefined before there is one. */
  get beginMs(): number | undefined {
    const cursor = this.#cursorMs;
    return cursor === undefined ? undefined : Math.min(cursor, this.runs.first?.fromMs ?? cursor);
  }

  /** Up to where the state is known without a gap; what comes later is pending. */
  get horizonMs(): number | undefined {
    const cursor = this.#cursorMs;
    if (cursor === undefined) return undefined;
    let horizon = cursor;
    for (let i = this.runs.indexAfter(cursor); ; i++) {
      const run = this.runs.at(i);
      if (!run || run.fromMs > horizon) return horizon;
      horizon = run.toMs;
    }
  }

  /** Says that slots may have changed since they were judged. */
  touch(): void {
    this.#isTouched = true;
  }

  /** Whether judging at `nowMs` could come to anything else than it did last; not before the first observation. */
  isDue(nowMs: number): boolean {
    return this.#cursorMs !== undefined && (this.#isTouched || nowMs >= this.#dueMs);
  }

  /**
   * Puts back what was judged before: transitions in order of time, and the cursor they reach to. Where the interval
   * has changed since, judging goes on with the next whole slot, and the rest of the cut one is unknown.
   */
  restore(transitions: readonly Transition[], cursorMs: number): void {
    this.runs.truncate(-Infinity);
    transitions.forEach((transition, i) => {
      this.runs.append(transition.atMs, transitions[i + 1]?.atMs ?? cursorMs, transition);
    });
    this.#cursorMs = Math.ceil(cursorMs / this.rules.intervalMs) * this.rules.intervalMs;
    this.touch();
    this.runs.append(cursorMs, this.#cursorMs, UNKNOWN);
    this.#unsavedFromMs = cursorMs;
  }

  /** Starts at the first observation, or goes back to an earlier slot whose bits have changed since. */
  rewind(atMs: number): void {
    const at = Math.floor(atMs / this.rules.intervalMs) * this.rules.intervalMs;
    if (this.#cursorMs === undefined || at < this.#cursorMs) this.#cursorMs = at;
    this.#unsavedFromMs = Math.min(this.#unsavedFromMs ?? at, at);
    this.touch();
  }

  /**
   * Judges the slots from the cursor to `nowMs`. The bits must cover them. Returns the earliest instant at which
   * anything but up time has changed since the last step; undefined when nothing has.
   */
  advance(bits: SlotBits, nowMs: number): number | undefined {
    const from = this.#cursorMs;
    if (from === undefined || from >= nowMs) return undefined;
    // A slot that begins at this very instant may have been seen, and is not judged yet.
    this.#isTouched = nowMs % this.rules.intervalMs === 0;
    const wasQuiet = this.#quietSince(from);
    this.runs.truncate(from);
    this.#judge(bits, from, nowMs);
    return wasQuiet && this.#quietSince(from) ? undefined : from;
  }

  #judge(bits: SlotBits, from: number, nowMs: number): void {
    const { intervalMs } = this.rules;
    const endSlot = Math.ceil(nowMs / intervalMs);
    const beganMs = Math.floor(nowMs / intervalMs) * intervalMs;
    let settled = true;
    this.#dueMs = watermarkMs(endSlot, this.rules);
    readSlots(bits, this.rules, from / intervalMs, endSlot, nowMs, (first, end, kind) => {
      const endMs = end * intervalMs;
      if (kind === 'pending') {
        this.#dueMs = Math.min(this.#dueMs, watermarkMs(first, this.rules));
        settled = false;
        return;
      }
      // A slot that is up is up to its end, and nobody looks further than now; any other grows with the time.
      const toMs = kind === UP ? endMs : Math.min(endMs, nowMs);
      if (toMs < endMs) this.#dueMs = -Infinity;
      // Nothing more may be seen of a check for hours: what is known of the slot is to be stored at its end all the same.
      else if (endMs > nowMs) this.#dueMs = Math.min(this.#dueMs, Math.max(endMs, nowMs + CURSOR_STAYS_MS));
      this.runs.append(first * intervalMs, toMs, kind);
      if (settled) this.#cursorMs = Math.min(endMs, beganMs);
      settled &&= endMs <= nowMs;
    });
  }

  #quietSince(atMs: number): boolean {
    for (let i = this.runs.indexAfter(atMs); ; i++) {
      const run = this.runs.at(i);
      if (!run) return true;
      if (run.state !== 'U' || run.contested) return false;
    }
  }

  /** The end of the last slot that nothing is awaited for any more, at `nowMs`, seen or not. */
  settledEndMs(nowMs: number): number {
    const { intervalMs } = this.rules;
    let slot = Math.floor(nowMs / intervalMs);
    while (watermarkMs(slot, this.rules) > nowMs) slot--;
    return (slot + 1) * intervalMs;
  }

  /**
   * The settled states that began at or after {@link unsavedFromMs}, as they are stored; a state that began before
   * is stored already.
   */
  unsavedTransitions(): readonly Transition[] {
    const { unsavedFromMs } = this;
    const cursor = this.#cursorMs;
    if (unsavedFromMs === undefined || cursor === undefined) return [];
    return this.runs
      .since(unsavedFromMs)
      .filter((run) => run.fromMs >= unsavedFromMs && run.fromMs < cursor)
      .map(({ fromMs, state, causes, contested }) => ({ atMs: fromMs, state, causes, contested }));
  }

  /** Says that everything before the cursor is stored. */
  markSaved(): void {
    this.#unsavedFromMs = this.#cursorMs;
  }
}
