import type { Cause } from '../core/cause.ts';
import { getBit, type SlotBits, type VantageBits } from '../core/slots.ts';
import type { SlotState } from '../core/timeline.ts';
import { ByteCursor } from './byte-cursor.ts';
import { slotState } from './quorum.ts';
import { type RunKind, UNKNOWN, UP } from './runs.ts';

/** What is known of a check when its slots are judged. */
export interface SlotRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** All vantages that are expected; bits of others are not looked at. */
  readonly vantages: readonly string[];
  /** How many objects a good slot vouches for; 1 when absent. */
  readonly objects?: number;
}

/** When a slot stops waiting for its vantages: slot end + max(timeout, T) (sla-math §2). */
export function watermarkMs(slot: number, rules: SlotRules): number {
  return (slot + 1) * rules.intervalMs + Math.max(rules.timeoutMs, rules.intervalMs);
}

/**
 * Judges slots [fromSlot, toSlot) one after the other and calls `emit` for each stretch that is alike, in order;
 * `pending` stretches included. Stretches that follow one another may be alike.
 */
export function readSlots(
  bits: SlotBits,
  rules: SlotRules,
  fromSlot: number,
  toSlot: number,
  nowMs: number,
  emit: (fromSlot: number, toSlot: number, kind: RunKind | 'pending') => void,
): void {
  const expected = rules.vantages.map((name) => bits.vantages.find((vantage) => vantage.vantage === name));
  // Live there are a few slots to judge, and no whole byte among them.
  const stretches =
    toSlot - fromSlot < 8
      ? undefined
      : new AlikeBytes(expected, bits.baseSlot, { toSlot, settledSlot: settledSlot(rules, nowMs) });
  let slot = fromSlot;
  while (slot < toSlot) {
    const end = stretches?.from(slot);
    if (end === undefined) {
      emit(slot, slot + 1, judgeSlot(bits, expected, slot, watermarkMs(slot, rules) <= nowMs));
      slot++;
    } else {
      emit(slot, end.slot, end.kind);
      slot = end.slot;
    }
  }
}

/** The first slot that still waits for its vantages at an instant. */
function settledSlot({ intervalMs, timeoutMs }: SlotRules, nowMs: number): number {
  return Math.floor((nowMs - Math.max(timeoutMs, intervalMs)) / intervalMs);
}

type Expected = readonly (VantageBits | undefined)[];

/** Stretches of whole bytes in which all slots are good for everyone, or unseen by everyone: nearly all are. */
class AlikeBytes {
  readonly #up: readonly ByteCursor[];
  readonly #unseen: readonly ByteCursor[];
  readonly #baseSlot: number;
  readonly #upLimit: number;
  readonly #unseenLimit: number;

  constructor(
    expected: Expected,
    baseSlot: number,
    limits: { readonly toSlot: number; readonly settledSlot: number },
  ) {
    const seen = expected.flatMap((vantage) => vantage ?? []);
    this.#up = seen.flatMap((vantage) => [
      new ByteCursor(vantage.seen, 0xff),
      new ByteCursor(vantage.bad, 0x00),
      new ByteCursor(vantage.excluded, 0x00),
    ]);
    this.#unseen = seen.map((vantage) => new ByteCursor(vantage.seen, 0x00));
    this.#baseSlot = baseSlot;
    const wholeBytes = (slot: number): number => Math.floor((slot - baseSlot) / 8);
    this.#upLimit = seen.length < expected.length ? -Infinity : wholeBytes(limits.toSlot);
    this.#unseenLimit = wholeBytes(Math.min(limits.toSlot, limits.settledSlot));
  }

  /** How far from a slot on; undefined when not even one byte is alike. Slots must not go back between calls. */
  from(slot: number): { readonly slot: number; readonly kind: RunKind } | undefined {
    const offset = slot - this.#baseSlot;
    if ((offset & 7) !== 0) return undefined;
    const byte = offset >> 3;
    const up = nearest(this.#up, byte, this.#upLimit);
    if (up > byte) return { slot: this.#baseSlot + up * 8, kind: UP };
    const unseen = nearest(this.#unseen, byte, this.#unseenLimit);
    return unseen > byte ? { slot: this.#baseSlot + unseen * 8, kind: UNKNOWN } : undefined;
  }
}

function nearest(cursors: readonly ByteCursor[], from: number, limit: number): number {
  let end = limit;
  for (const cursor of cursors) {
    if (end <= from) return end;
    end = Math.min(end, cursor.endFrom(from));
  }
  return end;
}

function judgeSlot(bits: SlotBits, expected: Expected, slot: number, past: boolean): RunKind | 'pending' {
  let good = 0;
  let bad = 0;
  let excluded = 0;
  const i = slot - bits.baseSlot;
  for (const vantage of expected) {
    if (!vantage || !getBit(vantage.seen, i)) continue;
    if (getBit(vantage.excluded, i)) excluded++;
    else if (getBit(vantage.bad, i)) bad++;
    else good++;
  }
  const state = slotState({ good, bad, excluded }, expected.length, past);
  if (state === 'pending') return 'pending';
  const contested = good > 0 && bad > 0;
  if (!contested && state === 'U') return UP;
  if (!contested && state === '?') return UNKNOWN;
  return { state, contested, causes: causesOf(bits, slot, state) };
}

/** A slot that is down is not explained by what another vantage was refused for, nor the other way round. */
function causesOf(bits: SlotBits, slot: number, state: SlotState): readonly Cause[] {
  if (state === 'D') return bits.causesAt(slot, 'bad');
  return state === 'X' ? bits.causesAt(slot, 'excluded') : [];
}
