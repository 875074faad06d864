import type { StatusFeedReader, StatusFeedResult } from '../../probes/lib/status-feed-reader.ts';
import type { StatusEntry, StatusFeed } from '../../probes/wire/status-feed.ts';
import type { StatusFeedSource } from '../config/config.ts';
import type { CancelTimer, Clock } from '../core/clock.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { StatusEntryJson, StatusFeedJson } from '../web/sources.ts';

/** How long one reading may take. */
const DEADLINE_MS = 20_000;

/** What the watch of a status feed needs. */
export interface StatusFeedOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly reader: StatusFeedReader;
  /** Told of what the feed holds, after every reading of it: the same entries again and again. */
  readonly onEntries: (entries: readonly StatusEntry[]) => void;
  /** Told why the feed could not be read, once until it can be again; undefined then. */
  readonly onTrouble: (trouble: string | undefined) => void;
}

/**
 * Reads the status feed of the provider now and then, for showing beside what was measured. No verdict is made of it:
 * what a provider says of itself is not evidence, and neither is its silence.
 */
export class StatusFeedWatch {
  readonly #options: StatusFeedOptions;
  #source: StatusFeedSource | undefined;
  #cancelTimer: CancelTimer = () => undefined;
  #reading = new AbortController();
  #feed: StatusFeed | undefined;
  #readMs: number | undefined;
  #trouble: string | undefined;

  constructor(options: StatusFeedOptions) {
    this.#options = options;
  }

  /** Watches another feed from now on, or none; the same one goes on undisturbed. */
  watch(source: StatusFeedSource | undefined): void {
    if (JSON.stringify(source) === JSON.stringify(this.#source)) return;
    this.#end();
    this.#source = source;
    [this.#feed, this.#readMs, this.#trouble] = [undefined, undefined, undefined];
    if (source) void this.#read(source);
  }

  /** What is known of the feed; null when none is watched. */
  json(): StatusFeedJson | null {
    if (!this.#source) return null;
    const { url, everyMs } = this.#source;
    const { origin, pathname } = new URL(url);
    return {
      // Without its query, which may hold a key.
      url: `${origin}${pathname}`,
      everyMs,
      title: this.#feed?.title ?? null,
      indicator: this.#feed?.indicator ?? null,
      readAt: this.#readMs === undefined ? null : instantJson(this.#readMs),
      trouble: this.#trouble ?? null,
      entries: (this.#feed?.entries ?? []).map(entryJson),
    };
  }

  /** Ends the watch and whatever is under way. */
  async stop(): Promise<void> {
    this.#end();
    this.#source = undefined;
    await this.#options.reader.close();
  }

  #end(): void {
    this.#cancelTimer();
    this.#reading.abort();
  }

  async #read(source: StatusFeedSource): Promise<void> {
    const { clock, random, reader } = this.#options;
    const reading = new AbortController();
    this.#reading = reading;
    const cancelDeadline = clock.after(DEADLINE_MS, () => reading.abort());
    const result = await reader
      .read(source.url, { signal: reading.signal, clock, random })
      .catch(bugResult)
      .finally(cancelDeadline);
    if (source !== this.#source) return;
    this.#take(checked(result, source));
    this.#cancelTimer = clock.after(source.everyMs, () => void this.#read(source));
  }

  /** What was read last is kept while the feed can't be read: it says from when it is. */
  #take(result: StatusFeedResult): void {
    const trouble = result.kind === 'unread' ? result.why : undefined;
    const changed = (trouble === undefined) !== (this.#trouble === undefined);
    this.#trouble = trouble;
    if (changed) this.#options.onTrouble(trouble);
    if (result.kind === 'unread') return;
    this.#feed = result.feed;
    this.#readMs = this.#options.clock.wallMs();
    this.#options.onEntries(result.feed.entries);
  }
}

/** A bug of ours is no reason to end the daemon: nothing depends on the feed. */
function bugResult(error: unknown): StatusFeedResult {
  return {
    kind: 'unread',
    why: `the reader failed with ${error instanceof Error ? error.name : typeof error}`,
  };
}

function checked(result: StatusFeedResult, { format }: StatusFeedSource): StatusFeedResult {
  if (result.kind === 'unread' || format === 'auto' || FORMATS[format] === result.feed.format) return result;
  return { kind: 'unread', why: `the feed is ${result.feed.format}, expected ${format}` };
}

const FORMATS: Readonly<Record<Exclude<StatusFeedSource['format'], 'auto'>, StatusFeed['format']>> = {
  json: 'statuspage',
  rss: 'rss',
  atom: 'atom',
};

function entryJson({ fromMs, toMs, updatedMs, status, link, ...entry }: StatusEntry): StatusEntryJson {
  const instant = (ms: number | undefined): string | null => (ms === undefined ? null : instantJson(ms));
  return {
    ...entry,
    status: status ?? null,
    from: instant(fromMs),
    to: instant(toMs),
    updated: instant(updatedMs),
    link: link ?? null,
  };
}
