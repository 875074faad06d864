import { hashSync } from 'bcryptjs';
import { request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type AccessRules, OPEN_TO_READERS, tokenDigest } from '../../src/web/access/rules.ts';
import { prefersPages } from '../../src/web/pages/refusals.ts';
import { createServer, type WebServer, type WebServerOptions } from '../../src/web/server.ts';
import { stagedSources } from './page-stage.ts';

/** As browsers say it when somebody types an address. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
const CLOSED: AccessRules = {
  ...OPEN_TO_READERS,
  anonymous: 'none',
  users: new Map([['bob', hashSync('correct horse', 4)]]),
  tokens: [{ name: 'ci', digest: tokenDigest('read-only'), rights: ['read'] }],
};
const PROXIED: AccessRules = { ...CLOSED, users: new Map(), tokens: [], trustedProxies: ['10.0.0.1/32'] };

const started: WebServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((web) => web.stop()));
});

async function serve(access: AccessRules, more: Partial<WebServerOptions> = {}): Promise<string> {
  const listen = { host: '127.0.0.1', port: 0 };
  const web = createServer({ ...(await stagedSources()), clock: systemClock, listen, access, ...more });
  started.push(web);
  return (await web.start()).url;
}

type Headers = Readonly<Record<string, string>>;

async function get(address: string, headers: Headers = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const answer = await request(address, { method, headers: { accept: BROWSER, ...headers } });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('refusals in a browser', () => {
  test('404: a page in the language and the look of the others, which is not kept and runs nothing of a stranger', async () => {
    const url = await serve(OPEN_TO_READERS);
    const path = '/%3Cscript%3Ealert(1)%3C/script%3E';
    const { status, headers, text } = await get(`${url}${path}?lang=fr&x=1`);
    expect(status).toBe(404);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'fr',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      vary: 'Accept, Accept-Language',
    });
    expect(headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(text).toContain('<h1>Rien ici</h1>');
    expect(text).toContain('?lang=en&amp;x=1');
    expect(text).toContain('href="/?lang=fr"');
    expect(text).not.toContain('<script>alert');
    expect((await get(`${url}//example.org/x`)).text).toContain('href="/example.org/x?lang=fr"');
    // What is not there is not asked for again and again.
    expect(text).not.toContain('live.js');
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(text) ?? [];
    expect((await get(`${url}${style}`)).headers['content-type']).toBe('text/css; charset=utf-8');
  });

  test('404 at HEAD: the same headers and no body; at POST and for programs: problem+json', async () => {
    const url = await serve(OPEN_TO_READERS);
    const head = await get(`${url}/nothing`, {}, 'HEAD');
    expect([head.status, head.headers['content-type'], head.text]).toEqual([
      404,
      'text/html; charset=utf-8',
      '',
    ]);
    for (const answer of [
      await get(`${url}/nothing`, {}, 'POST'),
      await get(`${url}/nothing`, { accept: '*/*' }),
      await get(`${url}/nothing`, { accept: 'application/json, text/html;q=0.5' }),
      await get(`${url}/api/nothing`),
      await get(`${url}/metrics/`),
    ]) {
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
    }
  });

  test('401: how to log in stays as it is; the page tells nothing of what is watched, and has its look', async () => {
    const url = await serve(CLOSED);
    const { status, headers, text } = await get(`${url}/rows/sla3.dns`, { 'accept-language': 'fr-FR' });
    expect([status, headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="vigie", charset="UTF-8", Bearer',
    ]);
    expect(text).toContain('<h1>Qui demande ?</h1>');
    expect(text).not.toMatch(/sla4|Europe\/Paris|98\.|99\./);
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(text) ?? [];
    expect((await get(`${url}${style}`)).status).toBe(200);
    for (const path of ['/ui/', '/ui/x', '/ui/x/y/z', '/ui/../api/verdicts', '/ui/x/..%2fapi'])
      expect([path, [401, 404].includes((await get(`${url}${path}`)).status)]).toEqual([path, true]);
  });

  test('403: where a proxy or a certificate would have to say who asks', async () => {
    const { status, text } = await get(await serve(PROXIED));
    expect(status).toBe(403);
    expect(text).toContain('<h1>Not open to you</h1>');
  });

  test('429: says when to come again, as the header does', async () => {
    const url = await serve(CLOSED);
    const wrong = { authorization: `Basic ${Buffer.from('bob:wrong').toString('base64')}` };
    let last = await get(url, wrong);
    for (let tried = 1; last.status === 401 && tried < 20; tried++) last = await get(url, wrong);
    expect(last.status).toBe(429);
    expect(last.headers['retry-after']).toMatch(/^\d+$/);
    expect(last.text).toContain(`Try again in ${String(last.headers['retry-after'])} s.`);
  });

  test('500: the log is told why, and people that there is a log', async () => {
    const told: unknown[] = [];
    const health = (): never => {
      throw new Error('/secret/path');
    };
    const url = await serve(OPEN_TO_READERS, { health, onError: (error) => told.push(error) });
    const { status, text } = await get(`${url}/health`);
    expect([status, told.length]).toEqual([500, 1]);
    expect(text).toContain('<h1>vigie failed to answer</h1>');
    expect(text).not.toContain('secret');
  });
});

test.each([
  [BROWSER, true],
  ['text/html', true],
  ['TEXT/HTML; q=0.9, application/json;q=0.9', true],
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/html;q=0', false],
  ['text/html;q=x', false],
  ['application/problem+json, text/html;q=0.9', false],
])('Accept: %s prefers pages: %s (RFC 9110 §12.5.1)', (accept, expected) => {
  expect(prefersPages(accept)).toBe(expected);
});
