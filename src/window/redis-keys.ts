import type { CheckKey } from '../core/observation.ts';
import type { LedgerName } from './ledger.ts';

/** What the names of all keys begin with, unless told. */
export const DEFAULT_PREFIX = 'vigie:';

const DAY_MS = 86_400_000;
const LAST_DAY = 8_640_000_000_000_000 / DAY_MS;

/** The four keys of what one vantage saw of one check on one day, in the order that the scripts take them. */
export type PageKeys = readonly [seen: string, bad: string, excluded: string, why: string];

/**
 * The names of all keys. What belongs to one check carries its id as the hash tag, so that one script can hold all of
 * it in a Redis Cluster:
 *
 * ```
 * <prefix>p:{check}:<interval>:<vantage>:<yyyymmdd>:s|b|x|w   seen, bad, excluded bitmaps; why, of what is not good
 * <prefix>pg:{check}:<interval>                               pages that there are
 * <prefix>ch:{check}:<interval>                               range seen, and the last changes
 * <prefix>st:{check}                                          epoch, cursor and late mark of the judge
 * <prefix>tl:{check}                                          transitions, by time
 * <prefix>lat:{check}:<yyyymm>                               latencies of a month, by day and vantage
 * <prefix>series   <prefix>judged                             every check and interval ever written; every check judged
 * <prefix>facts   <prefix>vantages   <prefix>rq:<identity>    facts, heartbeats, requests of the last second
 * <prefix>lock:<name>                                         who holds a lock
 * <prefix>{ledger:<name>}:lines|keys                          ledgers
 * ```
 *
 * Ids and vantages are written as in a URL; the empty one as a lone `%`.
 */
export class RedisKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** What every key begins with. */
  get prefix(): string {
    return this.#prefix;
  }

  get series(): string {
    return `${this.#prefix}series`;
  }

  get judged(): string {
    return `${this.#prefix}judged`;
  }

  get facts(): string {
    return `${this.#prefix}facts`;
  }

  get vantages(): string {
    return `${this.#prefix}vantages`;
  }

  request(identity: string): string {
    return `${this.#prefix}rq:${escaped(identity)}`;
  }

  lock(name: string): string {
    return `${this.#prefix}lock:${escaped(name)}`;
  }

  changes({ check, intervalMs }: CheckKey): string {
    return `${this.#prefix}ch:{${escaped(check)}}:${intervalMs}`;
  }

  pages({ check, intervalMs }: CheckKey): string {
    return `${this.#prefix}pg:{${escaped(check)}}:${intervalMs}`;
  }

  head(check: string): string {
    return `${this.#prefix}st:{${escaped(check)}}`;
  }

  transitions(check: string): string {
    return `${this.#prefix}tl:{${escaped(check)}}`;
  }

  page({ check, intervalMs }: CheckKey, vantage: string, page: number): PageKeys {
    const day = dayName(page);
    const start = `${this.#prefix}p:{${escaped(check)}}:${intervalMs}:${escaped(vantage)}:${day}:`;
    return [`${start}s`, `${start}b`, `${start}x`, `${start}w`];
  }

  /** Of a month, as `202603`. */
  latencies(check: string, month: string): string {
    return `${this.#prefix}lat:{${escaped(check)}}:${month}`;
  }

  ledger(name: LedgerName): readonly [lines: string, keys: string] {
    return [`${this.#prefix}{ledger:${name}}:lines`, `${this.#prefix}{ledger:${name}}:keys`];
  }

  /** The month of a key of latencies; undefined for any other. */
  latencyMonthOf(key: string): string | undefined {
    return /^lat:\{[^{}]+\}:(\d+)$/.exec(key.slice(this.#prefix.length))?.[1];
  }

  /** The check that a key belongs to; undefined for what belongs to none, and for keys of others. */
  checkOf(key: string): string | undefined {
    if (!key.startsWith(this.#prefix)) return undefined;
    const tag = /^(?:p|pg|ch|st|tl|lat):\{([^{}]+)\}(?::|$)/.exec(key.slice(this.#prefix.length))?.[1];
    if (tag === undefined) return undefined;
    return tag === '%' ? '' : decodeURIComponent(tag);
  }
}

/** The hash tag of a key: what decides, in a cluster, where it is kept. */
export function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
}

function escaped(name: string): string {
  return name === '' ? '%' : encodeURIComponent(name);
}

let lastDay = { page: NaN, name: '' };

/** The day of a page for people; pages of slots beyond all calendars keep their number. */
function dayName(page: number): string {
  // Nearly all pages that are written are of today.
  if (page !== lastDay.page) lastDay = { page, name: newDayName(page) };
  return lastDay.name;
}

function newDayName(page: number): string {
  if (page < 0 || page > LAST_DAY) return `n${page}`;
  const text = new Date(page * DAY_MS).toISOString();
  return text.slice(0, text.indexOf('T')).replaceAll('-', '');
}

/** The name of a page in the list of a check's pages. */
export function pageName(page: number, vantage: string): string {
  return `${page}.${vantage}`;
}

/** A page by its {@link pageName}. */
export function parsePageName(name: string): { readonly page: number; readonly vantage: string } {
  const dot = name.indexOf('.');
  return { page: Number(name.slice(0, dot)), vantage: name.slice(dot + 1) };
}

/** The name of a check and interval in the list of all. */
export function seriesName({ check, intervalMs }: CheckKey): string {
  return `${intervalMs}:${check}`;
}

/** A check and interval by its {@link seriesName}. */
export function parseSeriesName(name: string): CheckKey {
  const colon = name.indexOf(':');
  return { check: name.slice(colon + 1), intervalMs: Number(name.slice(0, colon)) };
}
