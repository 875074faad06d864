import { decodeListing } from '../wire/s3.ts';
import type { S3Session } from './s3-client.ts';
import type { Over, S3Journey } from './s3-journey.ts';
import type { Sentinel, SentinelSet } from './s3-sentinels.ts';
import type { S3Answer } from './s3-step.ts';

/** How far the writing of a set has come, or what ended the run. */
export type Progress =
  | Over
  /** `last` is the answer that it ended with, an error perhaps. */
  | {
      readonly kind: 'written';
      readonly last: S3Answer;
      readonly sentinels: number;
      readonly complete: boolean;
    };

/** How many sentinels one run writes at most. */
const WRITTEN_PER_RUN = 5;
const LISTED = 1_000;
const MOST_PAGES = 10;
const LISTING_BYTES = LISTED * 4_096;

/**
 * Writes some of the sentinels that are not there yet, and the manifest once all are: a set without its manifest is
 * not a set yet. Where several write at once an index may be written twice; then the earliest counts.
 */
export async function writeSome(
  set: SentinelSet,
  session: S3Session,
  journey: S3Journey,
  nowMs: number,
  random: () => number,
): Promise<Progress> {
  const found = await writtenSoFar(set, session, journey);
  if ('kind' in found) return found;
  const { written } = found;
  let { last } = found;
  const put = async (key: string, body: Buffer): Promise<Progress | undefined> => {
    const step = journey.take('put', await session.send({ method: 'PUT', key, body, maxBody: 0 }));
    if (step.kind === 'over') return step;
    last = step;
    return step.status > 299
      ? { kind: 'written', last, sentinels: written.size, complete: false }
      : undefined;
  };
  for (const index of someAbsent(set.count, written, random)) {
    const sentinel = set.sentinel(index, nowMs);
    const stopped = await put(sentinel.key, set.content(index));
    if (stopped) return stopped;
    written.set(index, sentinel);
  }
  const complete = written.size === set.count;
  if (complete) {
    const sentinels = [...written.values()].sort((a, b) => a.index - b.index);
    const stopped = await put(set.manifestKey, set.encodeManifest(sentinels));
    if (stopped) return stopped;
  }
  return { kind: 'written', last, sentinels: written.size, complete };
}

interface Written {
  /** By index. */
  readonly written: Map<number, Sentinel>;
  readonly last: S3Answer;
}

async function writtenSoFar(
  set: SentinelSet,
  session: S3Session,
  journey: S3Journey,
): Promise<Written | Progress> {
  const written = new Map<number, Sentinel>();
  let marker = '';
  for (let page = 1; ; page++) {
    const query = { 'max-keys': String(LISTED), prefix: set.prefix, ...(marker === '' ? {} : { marker }) };
    const call = { method: 'GET', key: '', query, maxBody: LISTING_BYTES } as const;
    const step = journey.take('list', await session.send(call));
    if (step.kind === 'over') return step;
    if (step.status > 299) return { kind: 'written', last: step, sentinels: 0, complete: false };
    const listing = decodeListing(step.body);
    if (!listing) return journey.notS3(step);
    for (const key of [...listing.keys].sort()) {
      const sentinel = set.decodeKey(key);
      if (sentinel && !written.has(sentinel.index)) written.set(sentinel.index, sentinel);
    }
    marker = listing.keys.at(-1) ?? '';
    if (!listing.truncated || marker === '' || page === MOST_PAGES) return { written, last: step };
  }
}

/** Some of the indices that are not written, from anywhere, so that two who write at once seldom write the same. */
function someAbsent(
  count: number,
  written: ReadonlyMap<number, Sentinel>,
  random: () => number,
): readonly number[] {
  const absent = Array.from({ length: count }, (_, index) => index).filter((index) => !written.has(index));
  const start = Math.floor(random() * absent.length);
  return [...absent.slice(start), ...absent.slice(0, start)].slice(0, WRITTEN_PER_RUN);
}
