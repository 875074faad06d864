import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';

/** What is wrong with a line, in words that name the field and what was expected. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/** The members of one line of JSON Lines; each is looked at when it is asked for. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads a line that must be one JSON object. Throws {@link LineError}. */
export function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LineError('not a complete JSON object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LineError('expected a JSON object');
  }
  return { ...value };
}

/** A field that must be a string. Throws {@link LineError}. */
export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new LineError(`"${name}" is ${shown(value)}, expected a string`);
  return value;
}

/** A field that must be an instant since 1970, in milliseconds. Throws {@link LineError}. */
export function instantField(fields: Fields, name: string): number {
  const instant = parseInstant(textField(fields, name));
  if (instant === undefined || instant < 0) {
    throw new LineError(`"${name}" is ${shown(fields[name])}, expected ${INSTANT_EXPECTED}, since 1970`);
  }
  return instant;
}

/** A value as a message quotes it, cut when it is long. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
