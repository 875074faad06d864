import type { Cause } from './cause.ts';
import type { CheckKey } from './observation.ts';

/**
 * What one vantage saw of a range of slots: three grow-only bitmaps. Bit i stands for slot `baseSlot + i` of the
 * enclosing {@link SlotBits}, most significant bit first within a byte (as Redis numbers them). `bad` and
 * `excluded` bits are only set where `seen` is; where both are set, excluded wins.
 */
export interface VantageBits {
  readonly vantage: string;
  readonly seen: Uint8Array;
  readonly bad: Uint8Array;
  readonly excluded: Uint8Array;
}

/**
 * The windows' answer for one check and a range of slots. A vantage that saw nothing in the range may be missing.
 * The arrays may be views of live memory: read them at once, never write to them, never keep them.
 */
export interface SlotBits extends CheckKey {
  /** Slot of bit 0; a multiple of 8, at or before the first slot asked for. */
  readonly baseSlot: number;
  readonly vantages: readonly VantageBits[];
  /**
   * The causes of the bad and excluded observations of a slot, by all vantages, or of those of one outcome alone;
   * sorted, each once.
   */
  causesAt(slot: number, outcome?: 'bad' | 'excluded'): readonly Cause[];
}

/** Whether bit i is set. Bits past the end are not. */
export function getBit(bits: Uint8Array, i: number): boolean {
  return ((bits[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0;
}

/** Sets bit i, which must lie within the array. */
export function setBit(bits: Uint8Array, i: number): void {
  bits[i >> 3] = (bits[i >> 3] ?? 0) | (0x80 >> (i & 7));
}

/** Sets bits [from, to), which must lie within the array. */
export function setBits(bits: Uint8Array, from: number, to: number): void {
  let i = from;
  while (i < to && (i & 7) !== 0) setBit(bits, i++);
  const wholeEnd = to & ~7;
  if (i < wholeEnd) {
    bits.fill(0xff, i >> 3, wholeEnd >> 3);
    i = wholeEnd;
  }
  while (i < to) setBit(bits, i++);
}
