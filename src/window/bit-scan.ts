/** The first bit in [from, to) that is set (or, with `wanted` false, that is not); `to` when there is none. */
export function nextBit(bits: Uint8Array, from: number, to: number, wanted: boolean): number {
  const dull = wanted ? 0x00 : 0xff;
  let i = from;
  while (i < to) {
    const byte = bits[i >> 3] ?? 0;
    if (byte === dull) {
      i = (i | 7) + 1;
      continue;
    }
    const found = ((wanted ? byte : ~byte) << (24 + (i & 7))) >>> 0;
    if (found !== 0) return Math.min(to, i + Math.clz32(found));
    i = (i | 7) + 1;
  }
  return to;
}

/** The first bit that is set in `bits` and not in `base`; undefined when there is none. */
export function firstBeyond(bits: Uint8Array, base: Uint8Array): number | undefined {
  for (let i = 0; i < bits.length; i++) {
    const extra = (bits[i] ?? 0) & ~(base[i] ?? 0);
    if (extra !== 0) return i * 8 + Math.clz32(extra << 24);
  }
  return undefined;
}
