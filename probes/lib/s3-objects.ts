import { createHash } from 'node:crypto';

/** An object of ours: its key and what it must hold. */
export interface OwnObject {
  readonly key: string;
  readonly content: Buffer;
}

/** Bytes that look random and follow from a seed (SHAKE256, FIPS 202). */
export function contentOf(seed: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

const SEED_WORDS = 4;

/**
 * An object for one run. Its key says when it was made (13 digits, ms since the epoch), so that what a crash leaves
 * behind can be told by its age.
 */
export function runObject(prefix: string, bytes: number, nowMs: number, random: () => number): OwnObject {
  const words = Array.from({ length: SEED_WORDS }, () => Math.floor(random() * 2 ** 32));
  const seed = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  const instant = String(nowMs).padStart(13, '0');
  return { key: `${runPrefix(prefix)}${instant}-${seed}`, content: contentOf(seed, bytes) };
}

/** How the keys of all {@link runObject}s begin. */
export function runPrefix(prefix: string): string {
  return `${prefix}run-`;
}

const RUN_KEY = /^run-(\d{13})-[0-9a-f]{32}$/;

/** When a run object was made, in ms since the epoch; undefined for a key that is not one of ours. */
export function runMadeMs(prefix: string, key: string): number | undefined {
  const made = key.startsWith(prefix) ? RUN_KEY.exec(key.slice(prefix.length))?.[1] : undefined;
  return made === undefined ? undefined : Number(made);
}

/** The object that stays, for runs that only read: the same for all who ask for the same size under the same prefix. */
export function standingObject(prefix: string, bytes: number): OwnObject {
  const content = contentOf('vigie standing object', bytes);
  const digest = createHash('sha256').update(content).digest('hex');
  return { key: `${prefix}standing-${digest}`, content };
}
