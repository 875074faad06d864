import { WindowStoreError } from './store-error.ts';

/** Decoding of replies; each throws a {@link WindowStoreError} `corrupt` when Redis holds what we never write. */
export function asInteger(value: unknown): number {
  const number = typeof value === 'number' ? value : Number(asText(value));
  if (!Number.isSafeInteger(number)) throw damaged('a whole number');
  return number;
}

/** A text, from a string or from its bytes. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  throw damaged('a text');
}

/** A text, or undefined for nil. */
export function asOptionalText(value: unknown): string | undefined {
  return value === null ? undefined : asText(value);
}

/** Bytes. */
export function asBytes(value: unknown): Uint8Array {
  if (Buffer.isBuffer(value)) return value;
  throw damaged('bytes');
}

/** A list. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw damaged('a list');
}

/** A list of texts. */
export function asTexts(value: unknown): readonly string[] {
  return asList(value).map(asText);
}

/** What is stored cannot be what was written. */
export function damaged(expected: string): WindowStoreError {
  return new WindowStoreError('corrupt', `the shared windows hold something else than ${expected}`);
}
