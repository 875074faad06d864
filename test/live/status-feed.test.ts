import { afterEach, describe, expect, it } from 'vitest';
import { createStatusFeedReader } from '../../probes/lib/status-feed-reader.ts';
import type { StatusFeedSource } from '../../src/config/config.ts';
import { StatusFeedWatch } from '../../src/live/status-feed.ts';
import { FakeClock } from '../fake-clock.ts';
import { answer, type HttpScript, silence, startHttpServer } from '../servers/http.ts';

const MINUTE = 60_000;
const SUMMARY = JSON.stringify({
  page: { name: 'Provider' },
  status: { indicator: 'minor' },
  incidents: [{ id: 'i1', name: 'Slow API', status: 'investigating', created_at: '2026-02-28T23:00:00Z' }],
  scheduled_maintenances: [
    {
      id: 'm1',
      name: 'Upgrade',
      status: 'scheduled',
      scheduled_for: '2026-03-10T22:00:00+01:00',
      scheduled_until: '2026-03-11T00:00:00+01:00',
      shortlink: 'https://status.example.org/m1',
      components: [{ name: 'API' }],
    },
  ],
});
const ATOM = '<feed><title>Status</title><entry><title>Volumes</title></entry></feed>';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function scene(script: HttpScript, more: Partial<StatusFeedSource> = {}) {
  let current = script;
  const server = await startHttpServer((socket, request) => current(socket, request));
  const clock = new FakeClock();
  const [told, troubles]: [string[][], (string | undefined)[]] = [[], []];
  const watch = new StatusFeedWatch({
    clock,
    random: () => 0.5,
    reader: createStatusFeedReader(),
    onEntries: (entries) => told.push(entries.map(({ id }) => id)),
    onTrouble: (trouble) => troubles.push(trouble),
  });
  cleanups.push(
    () => server.close(),
    () => watch.stop(),
  );
  const url = `${server.origin}/api/v2/summary.json?key=abc`;
  watch.watch({ url, format: 'auto', everyMs: 5 * MINUTE, ...more });
  const seen = (requests: number): Promise<void> =>
    expect.poll(() => server.requests.length, { interval: 5 }).toBe(requests);
  return {
    ...{ server, clock, watch, told, troubles, url, seen },
    answers: (next: HttpScript) => {
      current = next;
    },
  };
}

describe('StatusFeedWatch: the provider’s own words, for showing only', () => {
  it('reads at once, then every interval, and tells all entries each time', async () => {
    const on = await scene(answer(200, SUMMARY, { 'content-type': 'application/json' }));
    await expect.poll(() => on.told, { interval: 5 }).toEqual([['i1', 'm1']]);
    await on.clock.advance(5 * MINUTE - 1);
    expect(on.server.requests).toHaveLength(1);
    await on.clock.advance(1);
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(2);
    expect(on.troubles).toEqual([]);
  });

  it('as JSON: instants, links, what is not told as null, and never the query of its address', async () => {
    const on = await scene(answer(200, SUMMARY));
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(1);
    const { entries, ...feed } = on.watch.json() ?? { entries: [] };
    expect(feed).toEqual({
      url: `${on.server.origin}/api/v2/summary.json`,
      everyMs: 5 * MINUTE,
      title: 'Provider',
      indicator: 'minor',
      readAt: '2026-03-01T00:00:00.000Z',
      trouble: null,
    });
    expect(entries[1]).toEqual({
      id: 'm1',
      title: 'Upgrade',
      kind: 'maintenance',
      status: 'scheduled',
      from: '2026-03-10T21:00:00.000Z',
      to: '2026-03-10T23:00:00.000Z',
      updated: null,
      link: 'https://status.example.org/m1',
      components: ['API'],
    });
  });

  it('a failure is told once, and what was read last stays with its instant', async () => {
    const on = await scene(answer(200, SUMMARY));
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(1);
    on.answers(answer(503));
    for (const reading of [2, 3]) {
      await on.clock.advance(5 * MINUTE);
      await on.seen(reading);
      await expect.poll(() => on.watch.json()?.trouble, { interval: 5 }).toContain('status 503');
    }
    expect(on.watch.json()).toMatchObject({ readAt: '2026-03-01T00:00:00.000Z', title: 'Provider' });
    on.answers(answer(200, SUMMARY));
    await on.clock.advance(5 * MINUTE);
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(2);
    expect(on.troubles).toEqual([expect.stringContaining('status 503'), undefined]);
  });

  it('silence ends with a deadline of 20 s, and the next reading follows', async () => {
    const on = await scene(silence);
    await expect.poll(() => on.server.received(), { interval: 5 }).toBeGreaterThan(0);
    await on.clock.advance(20_000);
    await expect.poll(() => on.troubles, { interval: 5 }).toEqual([expect.stringContaining('timeout')]);
    on.answers(answer(200, ATOM));
    await on.clock.advance(5 * MINUTE);
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(1);
  });

  it.each([
    ['json', SUMMARY, null],
    ['atom', SUMMARY, 'the feed is statuspage, expected atom'],
    ['atom', ATOM, null],
    ['rss', ATOM, 'the feed is atom, expected rss'],
  ] as const)('format %s', async (format, body, trouble) => {
    const on = await scene(answer(200, body), { format });
    await expect.poll(() => on.told.length + on.troubles.length, { interval: 5 }).toBe(1);
    expect(on.watch.json()?.trouble).toBe(trouble);
  });

  it('a reload: the same feed goes on, another one is read at once, none is forgotten', async () => {
    const on = await scene(answer(200, SUMMARY));
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(1);
    on.watch.watch({ url: on.url, format: 'auto', everyMs: 5 * MINUTE });
    on.watch.watch({ url: on.url, format: 'auto', everyMs: MINUTE });
    await expect.poll(() => on.told.length, { interval: 5 }).toBe(2);
    on.watch.watch(undefined);
    await on.clock.advance(10 * MINUTE);
    expect([on.server.requests.length, on.watch.json(), on.clock.pending]).toEqual([2, null, 0]);
  });

  it('stopped in the middle of a reading: nothing is told, and no timer is left', async () => {
    const on = await scene(silence);
    await expect.poll(() => on.server.received(), { interval: 5 }).toBeGreaterThan(0);
    await on.watch.stop();
    await on.clock.advance(10 * MINUTE);
    expect([on.told, on.troubles, on.clock.pending]).toEqual([[], [], 0]);
  });
});
