import type { CheckKey } from '../core/observation.ts';
import { pageShape } from './page.ts';
import { type RedisKeys, parsePageName } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';
import { bytesWithin, readPage, type ReadPage } from './redis-pages.ts';
import { asInteger, asList, asOptionalText, asTexts } from './redis-reply.ts';
import { CHANGES_KEPT } from './redis-scripts.ts';
import { UnreadChanges } from './redis-unread.ts';
import { WindowStoreError } from './store-error.ts';
import type { SeenRange, SlotRange } from './store.ts';

const PAGES_A_CALL = 12;
/** A page list that is another at every try is no page list. */
const TRIES = 20;

interface PagePlace {
  readonly page: number;
  readonly vantage: string;
}

/** What is known here of the pages of one check and interval. */
interface View {
  rev: number;
  pages: readonly PagePlace[];
  readonly unread: UnreadChanges;
}

/** Part of a range: as many pages as one call takes. */
interface Part {
  readonly range: number;
  readonly places: readonly PagePlace[];
  readonly since: number | undefined;
}

/** Reads slots. Page lists are remembered, and asked for again when one has changed. */
export class RedisReader {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #views = new Map<string, Map<number, View>>();

  constructor(link: RedisLink, keys: RedisKeys) {
    this.#link = link;
    this.#keys = keys;
  }

  /** What was read, and not, of a check, by interval. */
  *unread(check: string): Generator<readonly [intervalMs: number, unread: UnreadChanges]> {
    for (const [intervalMs, { unread }] of this.#views.get(check) ?? []) yield [intervalMs, unread];
  }

  /** The pages of each range. `judging`: what changes behind these ranges later is to be noticed. */
  async read(ranges: readonly SlotRange[], judging: boolean): Promise<readonly (readonly ReadPage[])[]> {
    const answers: ReadPage[][] = ranges.map(() => []);
    let open = [...ranges.keys()].filter((i) => !isEmpty(ranges[i]));
    for (let tries = 0; open.length > 0; tries++) {
      if (tries > TRIES)
        throw new WindowStoreError('broken', 'the page lists of the shared windows do not settle');
      const parts = open.flatMap((i) => this.#partsOf(ranges, i));
      const replies = await this.#link.sendAll(parts.map((part) => this.#command(ranges, part)));
      open = this.#takeIn(ranges, parts, replies, answers, judging);
    }
    return answers;
  }

  async seen(key: CheckKey): Promise<SeenRange | undefined> {
    const name = this.#keys.changes(key);
    const reply = await this.#link.ask({ key: name, add: (to) => to.hmget(name, 'first', 'last') });
    const [first, last] = asList(reply).map(asOptionalText);
    if (first === undefined || last === undefined) return undefined;
    return { firstSlot: asInteger(first), lastSlot: asInteger(last) };
  }

  /** The pages of a check and interval that begin before an instant (ms). */
  async pagesBefore(key: CheckKey, beforeMs: number): Promise<readonly PagePlace[]> {
    const { slots } = pageShape(key.intervalMs);
    const firstKept = Math.floor(Math.floor(beforeMs / key.intervalMs) / slots);
    return (await this.pages(key)).filter(({ page }) => page < firstKept);
  }

  /** All pages of a check and interval. */
  async pages(key: CheckKey): Promise<readonly PagePlace[]> {
    const name = this.#keys.pages(key);
    return asTexts(await this.#link.ask({ key: name, add: (to) => to.hkeys(name) })).map(parsePageName);
  }

  #takeIn(
    ranges: readonly SlotRange[],
    parts: readonly Part[],
    replies: readonly unknown[],
    answers: ReadPage[][],
    judging: boolean,
  ): number[] {
    const stale = new Set<number>();
    for (const [n, part] of parts.entries()) {
      const range = ranges[part.range];
      if (!range) continue;
      const view = this.#view(range);
      const [isCurrent, rev, ...rest] = asList(replies[n]);
      if (asInteger(isCurrent) === 0) {
        view.rev = asInteger(rev);
        view.pages = asTexts(rest[0]).map(parsePageName);
        stale.add(part.range);
        continue;
      }
      const [seq, changes, ...pages] = rest;
      if (judging && n === parts.findIndex((one) => one.range === part.range)) {
        view.unread.read(range, { since: part.since, seq: asInteger(seq), changes: asTexts(changes) });
      }
      const decoded = part.places.map(({ page, vantage }, i) =>
        readPage(pages[i], { vantage, ...bytesWithin(range, page) }),
      );
      answers[part.range]?.push(...decoded);
    }
    for (const i of stale) answers[i] = [];
    return [...stale];
  }

  #partsOf(ranges: readonly SlotRange[], i: number): readonly Part[] {
    const range = ranges[i];
    if (!range) return [];
    const view = this.#view(range);
    const { slots } = pageShape(range.intervalMs);
    const first = Math.floor(range.fromSlot / slots);
    const last = Math.floor((range.toSlot - 1) / slots);
    const places = view.pages.filter(({ page }) => page >= first && page <= last);
    const since = view.unread.seq;
    const parts: Part[] = [{ range: i, places: places.slice(0, PAGES_A_CALL), since }];
    for (let at = PAGES_A_CALL; at < places.length; at += PAGES_A_CALL) {
      parts.push({ range: i, places: places.slice(at, at + PAGES_A_CALL), since });
    }
    return parts;
  }

  #command(ranges: readonly SlotRange[], { range: i, places, since }: Part): RedisCommand {
    const range = ranges[i] ?? { check: '', intervalMs: 1, fromSlot: 0, toSlot: 0 };
    const key = this.#keys.changes(range);
    const names = [key, this.#keys.pages(range)];
    const args: (string | number)[] = [this.#view(range).rev, CHANGES_KEPT, since ?? ''];
    for (const { page, vantage } of places) {
      names.push(...this.#keys.page(range, vantage, page));
      const { fromByte, toByte } = bytesWithin(range, page);
      args.push(fromByte, toByte);
    }
    return { key, add: (to) => to.windowReadBuffer(names.length, ...names, ...args) };
  }

  #view({ check, intervalMs }: CheckKey): View {
    const intervals = this.#views.get(check) ?? new Map<number, View>();
    this.#views.set(check, intervals);
    const view = intervals.get(intervalMs) ?? { rev: 0, pages: [], unread: new UnreadChanges() };
    intervals.set(intervalMs, view);
    return view;
  }
}

function isEmpty(range: SlotRange | undefined): boolean {
  return !range || range.fromSlot >= range.toSlot;
}
