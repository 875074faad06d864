import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createStatusFeedReader,
  LARGEST_FEED_BYTES,
  type StatusFeedResult,
} from '../../../probes/lib/status-feed-reader.ts';
import { systemClock, systemRandom } from '../../../src/clock.ts';
import { answer, closedPort, type HttpScript, silence, startHttpServer } from '../../servers/http.ts';

const ATOM = '<feed><title>Status</title><entry><title>Volumes</title></entry></feed>';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function readAt(url: string, signal = new AbortController().signal): Promise<StatusFeedResult> {
  const reader = createStatusFeedReader();
  cleanups.push(() => reader.close());
  return reader.read(url, { signal, clock: systemClock, random: systemRandom });
}

async function readFrom(script: HttpScript, signal?: AbortSignal): Promise<StatusFeedResult> {
  const server = await startHttpServer(script);
  cleanups.push(() => server.close());
  return readAt(`${server.origin}/history.atom`, signal);
}

describe('status feed reader', () => {
  it('reads a feed', async () => {
    const read = await readFrom(answer(200, ATOM));
    expect(read).toMatchObject({ kind: 'read', feed: { format: 'atom', entries: [{ title: 'Volumes' }] } });
  });

  it.each([
    ['another status', answer(404, ATOM), 'status 404'],
    ['a redirect', answer(302, '', { location: 'http://127.0.0.1/' }), 'status 302'],
    ['a page', answer(200, '<!DOCTYPE html><p>fine</p>'), 'no status feed'],
    ['too much', answer(200, 'x'.repeat(LARGEST_FEED_BYTES + 1)), 'larger'],
  ])('%s: unread, and why', async (_case, script, why) => {
    expect(await readFrom(script)).toMatchObject({ kind: 'unread', why: expect.stringContaining(why) });
  });

  it('refused: unread, and why', async () => {
    const read = await readAt(`http://127.0.0.1:${await closedPort()}/`);
    expect(read).toMatchObject({ kind: 'unread', why: expect.stringContaining('ECONNREFUSED') });
  });

  it('silence: ends with its deadline', async () => {
    const deadline = new AbortController();
    const reading = readFrom(silence, deadline.signal);
    await pause(50);
    deadline.abort();
    expect(await reading).toMatchObject({ kind: 'unread', why: expect.stringContaining('timeout') });
    expect(await readFrom(silence, AbortSignal.abort())).toMatchObject({ kind: 'unread' });
  });
});
