import { Agent, request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import type { RegisterAnswer, RegisterSource } from '../../src/web/register-source.ts';
import { OPEN_TO_READERS, tokenDigest } from '../../src/web/access/rules.ts';
import { createServer, type WebServer } from '../../src/web/server.ts';
import { EXCLUSION, TICKET } from './register-samples.ts';

const TOKEN = 'correct-horse';
const started: WebServer[] = [];
const agent = new Agent();
const told: unknown[] = [];
let answer: RegisterAnswer = { ok: true, status: 201, body: { id: 'a' } };

const register: RegisterSource = {
  exclusions: () => [EXCLUSION],
  tickets: () => [TICKET],
  claim: (id) => tell('claim', id),
  declare: (body, by) => tell('declare', body, by),
  confirm: (id, body, by) => tell('confirm', id, body, by),
  withdraw: (id, body, by) => tell('withdraw', id, body, by),
  takeTickets: (body, by) => tell('tickets', body, by),
};

function tell(...what: readonly unknown[]): Promise<RegisterAnswer> {
  told.push(what);
  return Promise.resolve(answer);
}

async function serve(token: string | undefined): Promise<string> {
  const web = createServer({
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    metrics: { render: () => Promise.resolve({ trouble: 'none' }) },
    notReady: () => [],
    verdicts: () => verdictsJson(0, []),
    checks: () => [],
    explain: () => Promise.resolve({ ok: false, detail: '' }),
    register,
    ...(token !== undefined && {
      access: {
        ...OPEN_TO_READERS,
        tokens: [{ name: 'ci', digest: tokenDigest(token), rights: ['read', 'write'] as const }],
      },
    }),
    onError: (error) => told.push(error),
  });
  started.push(web);
  return (await web.start()).url;
}

afterEach(async () => {
  told.length = 0;
  answer = { ok: true, status: 201, body: { id: 'a' } };
  await Promise.all(started.splice(0).map((web) => web.stop()));
});

interface Posted {
  readonly authorization?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly type?: string;
  readonly body?: string;
}

async function post(url: string, path: string, posted: Posted = {}) {
  const { authorization, origin, host, type = 'application/json', body = '{"id":"a"}' } = posted;
  const {
    statusCode,
    headers,
    body: answered,
  } = await request(`${url}${path}`, {
    method: 'POST',
    dispatcher: agent,
    headers: {
      'content-type': type,
      ...(authorization !== undefined && { authorization }),
      ...(origin !== undefined && { origin }),
      ...(host !== undefined && { host }),
    },
    body,
  });
  return { status: statusCode, headers, json: (await answered.json()) as { readonly detail?: string } };
}

const PATHS = ['/api/exclusions', '/api/exclusions/a/confirm', '/api/exclusions/a/withdraw', '/api/tickets'];
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

describe('the register over HTTP', () => {
  test('GET shows exclusions and tickets to anyone who reaches us', async () => {
    const url = await serve(undefined);
    const get = async (path: string) => (await request(`${url}${path}`, { dispatcher: agent })).body.json();
    expect(await get('/api/exclusions')).toEqual({ exclusions: [EXCLUSION], next: null });
    expect(await get('/api/tickets')).toEqual({ tickets: [TICKET], next: null });
    answer = { ok: true, status: 200, body: { incidents: [] } };
    expect(await get('/api/tickets/INC%201/claim')).toEqual({ incidents: [] });
    expect(told).toEqual([['claim', 'INC 1']]);
  });

  test.each(PATHS)('POST %s: 403 that says how to allow it where no token is configured', async (path) => {
    const url = await serve(undefined);
    const { status, json } = await post(url, path, AUTHORIZED);
    expect(status).toBe(403);
    expect(json.detail).toContain('set access.token in the configuration');
    expect(told).toEqual([]);
  });

  test.each(PATHS)('POST %s: 401 with a challenge without the token, or with another', async (path) => {
    const url = await serve(TOKEN);
    const none = await post(url, path);
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    for (const authorization of ['Bearer wrong', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, 'Bearer', TOKEN]) {
      const { status, json } = await post(url, path, { authorization });
      expect([authorization, status]).toEqual([authorization, 401]);
      expect(JSON.stringify(json)).not.toContain(TOKEN);
    }
    expect(told).toEqual([]);
  });

  test.each(PATHS)('POST %s: with the token reaches the register, with where it comes from', async (path) => {
    const url = await serve(TOKEN);
    const { status, json } = await post(url, path, AUTHORIZED);
    expect([status, json]).toEqual([201, { id: 'a' }]);
    expect(told).toHaveLength(1);
    expect(told.flat()).toContainEqual({ name: 'ci', from: 'http 127.0.0.1' });
    expect(told.flat()).toContainEqual({ id: 'a' });
  });

  test('POST: not from a page elsewhere, nor by a name, even with the token', async () => {
    const url = await serve(TOKEN);
    for (const posted of [{ origin: 'http://evil.example' }, { host: 'evil.example' }]) {
      const { status } = await post(url, '/api/exclusions', { ...AUTHORIZED, ...posted });
      expect([posted, status]).toEqual([posted, 403]);
    }
    expect(told).toEqual([]);
  });

  test('POST: what is no JSON, no JSON document, or too large is refused', async () => {
    const url = await serve(TOKEN);
    const status = async (posted: Posted) =>
      (await post(url, '/api/tickets', { ...AUTHORIZED, ...posted })).status;
    expect(await status({ type: 'text/plain' })).toBe(415);
    expect(await status({ body: '{"torn"' })).toBe(400);
    expect(await status({ body: JSON.stringify('x'.repeat(262_144)) })).toBe(413);
    expect(told).toEqual([]);
  });

  test.each([404, 409, 422] as const)(
    'POST: %i with the reason when the register refuses',
    async (status) => {
      answer = { ok: false, status, detail: 'because' };
      const refused = await post(await serve(TOKEN), '/api/exclusions', AUTHORIZED);
      expect([refused.status, refused.json.detail]).toEqual([status, 'because']);
      expect(refused.headers['content-type']).toBe('application/problem+json');
    },
  );

  test('other methods are answered with those that there are', async () => {
    const url = await serve(TOKEN);
    const { statusCode, headers, body } = await request(`${url}/api/tickets`, {
      method: 'DELETE',
      dispatcher: agent,
    });
    await body.dump();
    expect([statusCode, headers['allow']]).toEqual([405, 'GET, HEAD, POST']);
  });
});
