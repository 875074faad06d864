/** Stored bytes that cannot be what was written. */
export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes';
}

/** Collects numbers (LEB128, unsigned), texts (length and UTF-8) and raw bytes. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  number(value: number): void {
    let rest = value;
    const room = this.#room(8);
    while (rest >= 0x80) {
      room[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    room[this.#length++] = rest;
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written so far, as a copy. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(more: number): Uint8Array {
    if (this.#length + more > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** Reads back what a {@link ByteWriter} wrote. Every method throws {@link DamagedBytes} past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new DamagedBytes('bytes end within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
      if (scale > 2 ** 45) throw new DamagedBytes('number too large');
    }
  }

  text(): string {
    return new TextDecoder().decode(this.raw(this.number()));
  }

  raw(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new DamagedBytes('bytes end too early');
    return this.#bytes.subarray(from, this.#at);
  }

  /** Throws unless everything was read. */
  end(): void {
    if (!this.done) throw new DamagedBytes('bytes left over');
  }
}
