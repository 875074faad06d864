/**
 * How far the bytes of a bitmap stay alike, for someone who only ever goes forward: each byte is read once, four at a
 * time where the memory allows it. A year of one check is a million bytes, and nearly all of them are alike.
 */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #value: 0x00 | 0xff;
  /** The same memory in words; undefined where it is not aligned. */
  readonly #words: Int32Array | undefined;
  #end = -1;

  constructor(bytes: Uint8Array, value: 0x00 | 0xff) {
    const { buffer, byteOffset, length } = bytes;
    this.#bytes = bytes;
    this.#value = value;
    this.#words = byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : undefined;
  }

  /**
   * The first byte at or after `from` that is another; bytes past the end are 0. Infinity when there is none. `from` must
   * not go back between calls.
   */
  endFrom(from: number): number {
    if (this.#end < from) this.#end = this.#scan(from);
    return this.#end;
  }

  #scan(from: number): number {
    const { length } = this.#bytes;
    let at = from;
    while (at < length && (at & 3) !== 0 && this.#bytes[at] === this.#value) at++;
    if ((at & 3) === 0) at = this.#skipWords(at);
    while (at < length && this.#bytes[at] === this.#value) at++;
    return at >= length && this.#value === 0x00 ? Infinity : at;
  }

  #skipWords(from: number): number {
    const words = this.#words;
    if (!words) return from;
    const alike = this.#value === 0xff ? -1 : 0;
    let word = from >> 2;
    while (word < words.length && words[word] === alike) word++;
    return Math.max(from, word << 2);
  }
}
