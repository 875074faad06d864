import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createServer } from '../../src/web/server.ts';
import { HOSTILE, stagedServer, stagedSources } from './page-stage.ts';

const PATHS = ['/', '/rows/sla3.dns', '/rows/sla9.vm', '/tickets', '/health'];

let server: Awaited<ReturnType<typeof stagedServer>>;
beforeAll(async () => {
  server = await stagedServer();
});
afterAll(() => server.stop());

async function page(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await request(`${server.url}${path}`, { headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('pages: what goes over the wire', () => {
  test.each(PATHS)(
    '%s: HTML that nobody keeps, and that runs and styles itself by our files alone',
    async (path) => {
      const { status, headers, text } = await page(path);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-language': 'en',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=["']?[a-z]|javascript:/i);
      for (const [, attributes = ''] of text.matchAll(/<script([^>]*)>/g))
        expect(attributes).toMatch(/src="\/ui\/|type="application\/json"/);
    },
  );

  test('HEAD has the headers alone, other methods are refused', async () => {
    const head = await request(server.url, { method: 'HEAD' });
    expect([head.statusCode, await head.body.text()]).toEqual([200, '']);
    const post = await request(server.url, { method: 'POST', body: 'x' });
    expect([post.statusCode, post.headers.allow]).toEqual([405, 'GET, HEAD']);
    await post.body.dump();
  });

  test('the contract’s page and its files are within 40 KB', async () => {
    const { text } = await page('/');
    const names = [...text.matchAll(/(?:src|href)="(\/ui\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(names.length).toBeGreaterThan(3);
    let bytes = 0;
    for (const path of ['/', ...names]) {
      const answer = await request(`${server.url}${path}`, { headers: { 'accept-encoding': 'gzip' } });
      bytes += (await answer.body.arrayBuffer()).byteLength;
    }
    expect(bytes).toBeLessThan(40_000);
  });

  test('files are kept for ever under the address of their content, and not under another', async () => {
    const [, path = ''] = /href="(\/ui\/[^"]+vigie\.css)"/.exec((await page('/')).text) ?? [];
    const current = await page(path);
    expect(current.headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const old = await page('/ui/old/vigie.css');
    expect([old.status, old.headers['cache-control']]).toEqual([200, 'no-store']);
    for (const wrong of ['/ui/old/page-routes.ts', '/ui/old/..%2F..%2Froutes.ts', '/ui/old/tsconfig.json'])
      expect((await page(wrong)).status).toBe(404);
  });
});

describe('pages: what is not there', () => {
  test.each([
    '/rows/sla99.nothing',
    '/rows/sla3.dns?scope=nowhere',
    '/rows/sla3.dns?period=soon',
    '/incidents/sla3.dns/region/2026-03-01T00:00:00.000Z',
    '/incidents/sla3.dns/region/yesterday',
    `/rows/${encodeURIComponent(HOSTILE)}`,
  ])('%s: 404, as a page', async (path) => {
    const { status, headers, text } = await page(path);
    expect(status).toBe(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(text).toContain('Nothing here');
    expect(text).not.toContain('<script>globalThis');
  });

  test('without what they show there are no pages', async () => {
    const { pages: _, ...others } = await stagedSources();
    const bare = createServer({ clock: systemClock, listen: { host: '127.0.0.1', port: 0 }, ...others });
    const { url } = await bare.start();
    const answer = await request(url);
    expect(answer.statusCode).toBe(404);
    await answer.body.dump();
    await bare.stop();
  });
});

describe('pages: language', () => {
  test.each([
    [undefined, 'en'],
    ['fr', 'fr'],
    ['fr-CA,en;q=0.5', 'fr'],
    ['en;q=0.5,fr;q=0.9', 'fr'],
    ['fr;q=0,en', 'en'],
    ['de,it', 'en'],
    ['de,fr;q=0.1', 'fr'],
    ['fr;q=nonsense', 'en'],
  ])('Accept-Language %s: %s', async (accept, language) => {
    const { text } = await page('/', accept === undefined ? {} : { 'accept-language': accept });
    expect(text).toContain(`<html lang="${language}">`);
  });

  test('?lang= goes before the header, and stays in the links; another is ignored', async () => {
    const { text } = await page('/?lang=fr', { 'accept-language': 'en' });
    expect(text).toContain('<html lang="fr">');
    expect(text).toContain('href="/tickets?lang=fr"');
    expect((await page('/?lang=xx')).text).toContain('<html lang="en">');
  });
});

describe('pages: the contract', () => {
  const rowsIn = (text: string): string[] =>
    [...text.matchAll(/<tbody role="rowgroup" data-key="([^"]+)"/g)].map(([, row = '']) => row);

  test('every promise of the contract is there, watched or not', async () => {
    const { text } = await page('/');
    expect(rowsIn(text)).toHaveLength(30);
    expect(text).toContain('Not watched');
    expect(text).toContain('No commitment');
  });

  test('of a row with members the worst is on top', async () => {
    const { text } = await page('/');
    const scopes = [...text.matchAll(/<tr role="row" data-key="(i-\d)"/g)].map(([, scope]) => scope);
    expect(scopes).toEqual(['i-2', 'i-1', 'i-3']);
  });

  test.each([
    ['?show=open', ['sla4.internet']],
    ['?show=attention', ['sla4.internet', 'sla9.vm']],
    ['?q=dns', ['sla3.dns']],
    ['?q=SLA9+control', ['sla9.api']],
    ['?q=i-3', ['sla9.vm']],
    ['?show=open&q=dns', []],
  ])('%s: %j', async (query, rows) => {
    expect(rowsIn((await page(`/${query}`)).text)).toEqual(rows);
  });

  test('both readings, the state in words, and the title for who has many pages open', async () => {
    const { text } = await page('/?q=virtual+machine');
    expect(text).toContain('As “provider” reads it');
    expect(text.match(/<span>Breached<\/span>/g)).toHaveLength(2);
    expect(text).toContain('<title>1 breached, 1 open incident – vigie</title>');
  });
});

describe('pages: a row', () => {
  const plain = async (path: string): Promise<string> =>
    (await page(path)).text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

  test('the figures under both readings, of which one leaves maintenance out', async () => {
    const text = await plain('/rows/sla3.dns');
    expect(text).toContain('Counted downtime 30 min between 29 min 50 s and 30 min 10 s 10 min between');
    expect(text).toContain('Maintenance mw-1');
    expect(text).toContain('Counts under this reading');
    expect(await plain('/rows/sla3.dns?reading=provider')).toContain('Taken out');
  });

  test('the arithmetic as whole numbers', async () => {
    expect(await plain('/rows/sla3.dns')).toContain('1 − T* = 2/1000');
    expect(await plain('/rows/sla3.dns')).toMatch(/Compared \d+ ≤ \d+ within/);
  });

  test('a period that is over: its own figures, no live parts, and the way back', async () => {
    const text = await plain('/rows/sla3.dns?period=2026-02');
    expect(text).toContain('Met');
    expect(text).toContain('Later (2026-03)');
    expect(text).not.toContain('What each vantage saw lately');
  });

  test('several members: all of them, each with its own address', async () => {
    const { text } = await page('/rows/sla9.vm');
    for (const scope of ['i-1', 'i-2', 'i-3']) expect(text).toContain(`/rows/sla9.vm?scope=${scope}`);
  });
});
