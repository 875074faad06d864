import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { contentOf } from './s3-objects.ts';

/** An object written once, to see whether it is kept. */
export interface Sentinel {
  /** From 0. */
  readonly index: number;
  /** When it was written, in ms since the epoch, whole seconds. */
  readonly madeMs: number;
  /** SHA-256 of its content, in hexadecimal. */
  readonly digest: string;
  /** Its key in the bucket, which says all of this. */
  readonly key: string;
  /** For people: index and instant. */
  readonly name: string;
}

/**
 * The set of sentinels that one seed stands for: keys and contents follow from it, so that a monitor that knows the seed
 * needs no memory of its own, and another seed is another set.
 */
export interface SentinelSet {
  readonly count: number;
  /** Length of each, in bytes. */
  readonly bytes: number;
  /** How the keys of its sentinels begin. */
  readonly prefix: string;
  readonly manifestKey: string;
  content(index: number): Buffer;
  /** The sentinel of an index, written at an instant (ms since the epoch). */
  sentinel(index: number, madeMs: number): Sentinel;
  /** What a key says; undefined when it is not that of a sentinel of this set. */
  decodeKey(key: string): Sentinel | undefined;
  /** The list of what was written, signed with the seed. */
  encodeManifest(sentinels: readonly Sentinel[]): Buffer;
  /** The sentinels listed; undefined when the list is not one that was signed with the seed. */
  decodeManifest(body: Uint8Array): readonly Sentinel[] | undefined;
}

const SET_ID_LENGTH = 16;
const KEY = /^(\d{4})-(\d{8}T\d{6}Z)-([0-9a-f]{64})$/;

/** A set of `count` sentinels of `bytes` each under a prefix, which the seed stands for. */
export function sentinelSet(prefix: string, seed: string, count: number, bytes: number): SentinelSet {
  const derive = (purpose: string): string => createHmac('sha256', seed).update(purpose).digest('hex');
  const home = `${prefix}${derive(`set ${count} ${bytes}`).slice(0, SET_ID_LENGTH)}/`;
  const sign = (text: string): string => derive(`manifest\n${text}`);
  const content = (index: number): Buffer => contentOf(derive(`sentinel ${index}`), bytes);
  const decodeKey = (key: string): Sentinel | undefined => {
    const parts = key.startsWith(home) ? KEY.exec(key.slice(home.length)) : null;
    if (!parts) return undefined;
    const [, index = '', instant = '', digest = ''] = parts;
    const madeMs = msOf(instant);
    if (Number.isNaN(madeMs) || Number(index) >= count) return undefined;
    return { index: Number(index), madeMs, digest, key, name: `${index}-${instant}` };
  };
  return {
    count,
    bytes,
    prefix: home,
    manifestKey: `${home}manifest`,
    content,
    sentinel(index, madeMs) {
      const name = `${String(index).padStart(4, '0')}-${instantOf(madeMs)}`;
      const digest = createHash('sha256').update(content(index)).digest('hex');
      const made = Math.floor(madeMs / 1_000) * 1_000;
      return { index, madeMs: made, digest, name, key: `${home}${name}-${digest}` };
    },
    decodeKey,
    encodeManifest(sentinels) {
      const text = sentinels.map(({ key }) => `${key}\n`).join('');
      return Buffer.from(`${text}${sign(text)}\n`);
    },
    decodeManifest(body) {
      const lines = Buffer.from(body).toString('latin1').split('\n');
      const signature = lines.at(-2) ?? '';
      const keys = lines.slice(0, -2);
      if (!equal(signature, sign(keys.map((key) => `${key}\n`).join('')))) return undefined;
      const sentinels = keys.map(decodeKey).filter((sentinel) => sentinel !== undefined);
      return sentinels.length === keys.length ? sentinels : undefined;
    },
  };
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** An instant in ISO 8601, basic form, whole seconds: no character that a key could not hold. */
function instantOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}

function msOf(instant: string): number {
  return Date.parse(instant.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
