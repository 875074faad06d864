import { request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebServer } from '../../src/web/server.ts';
import type { StatusFeedJson } from '../../src/web/sources.ts';
import { stagedServer } from './page-stage.ts';

const started: WebServer[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((web) => web.stop()));
});

const FEED: StatusFeedJson = {
  url: 'https://status.example.org/history.atom',
  everyMs: 300_000,
  title: 'Status',
  indicator: null,
  readAt: '2026-03-01T00:00:00.000Z',
  trouble: null,
  entries: Array.from({ length: 11 }, (_, i) => ({
    id: `e${i}`,
    title: i === 0 ? '<script>alert(1)</script>' : `Entry ${i}`,
    kind: 'incident',
    status: 'investigating',
    from: '2026-02-28T23:00:00.000Z',
    to: null,
    updated: null,
    link: i === 0 ? 'https://status.example.org/e0' : null,
    components: [],
  })),
};

async function shown(statusFeed: () => StatusFeedJson | null): Promise<{ json: unknown; page: string }> {
  const web = await stagedServer({ statusFeed });
  started.push(web);
  const [json, page] = await Promise.all([request(`${web.url}/api/status-feed`), request(web.url)]);
  return { json: await json.body.json(), page: await page.body.text() };
}

describe('the provider’s status feed, beside what was measured', () => {
  test('none is configured: null, and nothing on the page', async () => {
    const { json, page } = await shown(() => null);
    expect(json).toEqual({ statusFeed: null });
    expect(page).not.toContain('says of itself');
  });

  test('all entries as JSON, the first ten on the page, escaped and linked', async () => {
    const { json, page } = await shown(() => FEED);
    expect(json).toEqual({ statusFeed: FEED });
    expect(page).toContain('What the provider says of itself');
    expect(page).toContain(
      '<a href="https://status.example.org/e0" rel="noreferrer noopener">&lt;script&gt;',
    );
    expect(page).not.toContain('<script>alert');
    expect([page.includes('Entry 9'), page.includes('Entry 10')]).toEqual([true, false]);
    expect(page).toContain('no verdict is made of it');
  });

  test('a feed that can’t be read says so, and from when the entries are', async () => {
    const { page } = await shown(() => ({ ...FEED, trouble: 'status 503' }));
    expect(page).toMatch(/It cannot be read now:<\/strong>\s*status 503/);
    expect(page).toContain('2026-03-01T00:00:00.000Z');
    expect((await shown(() => ({ ...FEED, readAt: null, entries: [], trouble: 'refused' }))).page).toContain(
      'Not read yet',
    );
  });
});
