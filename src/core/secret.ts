import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { z } from 'zod';

/** Where a secret is to be had: an environment variable or a file. A secret is never written in a configuration. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** Of this process alone: fingerprints are for comparing, not for keeping. */
const FINGERPRINT_KEY = randomBytes(32);

/** Reads a reference: the value, or undefined when there is none. */
export type SecretSource = (reference: SecretReference) => string | undefined;

/**
 * A secret that was referred to. It prints as `[secret]` wherever it is put (template, JSON, inspect, log) and
 * shows its value only to {@link Secret.reveal}.
 */
export class Secret {
  readonly reference: SecretReference;
  #value: string | undefined;

  constructor(reference: SecretReference) {
    this.reference = reference;
  }

  /** Fetches the value. False when the source has none; then the configuration is to be refused. */
  resolve(source: SecretSource): boolean {
    this.#value = source(this.reference);
    return this.#value !== undefined;
  }

  /** The value. Throws when it was never resolved: a bug in the loading of the configuration. */
  reveal(): string {
    if (this.#value === undefined) throw new Error('secret used before it was resolved');
    return this.#value;
  }

  /** Changes with the value and says nothing about it to anyone who sees only this process: a keyed digest. */
  fingerprint(): string {
    return createHmac('sha256', FINGERPRINT_KEY).update(this.reveal()).digest('hex');
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Schema of a secret: `{ env: NAME }` or `{ file: /path }`, nothing else. */
export const secretSchema = z
  .union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
    error: 'expected a reference, { env: NAME } or { file: /path }: a secret is never written here',
  })
  .transform((reference): Secret => new Secret(reference));
