import { createHash } from 'node:crypto';

/** SHA-256 (FIPS 180-4) of bytes or of text as UTF-8, in lower-case hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * A running digest of lines: each line's digest covers all lines before it, so that none can be altered, dropped,
 * added or moved without changing the last.
 */
export class LineChain {
  #digest = sha256('');

  /** The digest of all lines so far. */
  get digest(): string {
    return this.#digest;
  }

  /** Takes in the next line, without its line end. */
  add(line: string): void {
    this.#digest = sha256(`${this.#digest}\n${line}`);
  }
}
