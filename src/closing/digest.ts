import { createHash } from 'node:crypto';

/** SHA-256 (FIPS 180-4) of a text as UTF-8, in lower-case hexadecimal digits. */
export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of a value as JSON, with its members in the order that they were put in. */
export function digestOf(value: unknown): string {
  return digestOfText(JSON.stringify(value));
}
