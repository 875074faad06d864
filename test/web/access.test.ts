import { hashSync } from 'bcryptjs';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import type { AccessEvent } from '../../src/web/access/guard.ts';
import { type AccessRules, OPEN_TO_READERS, tokenDigest } from '../../src/web/access/rules.ts';
import { createServer, type WebServer, type WebServerOptions } from '../../src/web/server.ts';
import { FakeClock } from '../fake-clock.ts';
import { EXCLUSION } from './register-samples.ts';

const HASH = hashSync('correct horse', 5);
const CLOSED: AccessRules = {
  ...OPEN_TO_READERS,
  anonymous: 'none',
  users: new Map([
    ['alice', HASH],
    ['bob', HASH],
  ]),
  writers: new Set(['alice', 'proxied']),
  tokens: [
    { name: 'reader', digest: tokenDigest('read-only'), rights: ['read'] },
    { name: 'ci', digest: tokenDigest('both'), rights: ['read', 'write'] },
  ],
};

const started: WebServer[] = [];
const told: AccessEvent[] = [];
const wishes: unknown[] = [];

async function serve(rules: AccessRules, clock: Clock = systemClock, more: Partial<WebServerOptions> = {}) {
  const declare = (_: unknown, by: unknown) => {
    wishes.push(by);
    return Promise.resolve({ ok: true, status: 201, body: EXCLUSION } as const);
  };
  const refuse = () => Promise.resolve({ ok: false, status: 404, detail: 'none' } as const);
  const web = createServer({
    clock,
    listen: { host: '127.0.0.1', port: 0 },
    metrics: {
      render: () =>
        Promise.resolve({ exposition: { contentType: 'text/plain', body: Buffer.from('up 1\n') } }),
    },
    notReady: () => ['the window store failed: /secret/path'],
    verdicts: () => verdictsJson(0, []),
    checks: () => [],
    explain: () => Promise.resolve({ ok: false, detail: '' }),
    register: {
      exclusions: () => [],
      tickets: () => [],
      claim: refuse,
      declare,
      confirm: refuse,
      withdraw: refuse,
      takeTickets: refuse,
    },
    access: rules,
    onAccess: (event) => told.push(event),
    onError: (error) => expect.unreachable(error.message),
    ...more,
  });
  started.push(web);
  return { web, ...(await web.start()) };
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((web) => web.stop()));
});
beforeEach(() => {
  told.length = 0;
  wishes.length = 0;
});

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

type Headers = Readonly<Record<string, string>>;

async function get(url: string, path: string, headers: Headers = {}, dispatcher?: Agent) {
  const answer = await request(`${url}${path}`, { headers, ...(dispatcher && { dispatcher }) });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

async function post(url: string, headers: Headers = {}): Promise<number> {
  const { statusCode, body } = await request(`${url}/api/exclusions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"id":"a"}',
  });
  await body.dump();
  return statusCode;
}

const READ = [
  '/metrics',
  '/api/verdicts',
  '/api/checks',
  '/api/events',
  '/api/openapi.json',
  '/',
  '/nothing',
];

describe('Guard: who may read', () => {
  test('nobody who is not known, but whether vigie lives, and not why it does not', async () => {
    const { url } = await serve(CLOSED);
    for (const path of READ) {
      const { status, headers } = await get(url, path);
      expect([path, status]).toEqual([path, 401]);
      expect(headers['www-authenticate']).toBe('Basic realm="vigie", charset="UTF-8", Bearer');
    }
    expect((await get(url, '/healthz')).status).toBe(200);
    const { status, text } = await get(url, '/readyz');
    expect([status, JSON.parse(text)]).toEqual([503, { ready: false, reasons: [] }]);
    expect((await get(url, '/readyz', bearer('read-only'))).text).toContain('/secret/path');
    expect(told).toEqual([]);
  });

  test.each([
    ['a user with the password', basic('bob', 'correct horse'), 200],
    ['a token', bearer('read-only'), 200],
    ['scheme in any case', { authorization: 'bEaReR both' }, 200],
    ['a wrong password', basic('bob', 'wrong'), 401],
    ['a user who does not exist', basic('eve', 'correct horse'), 401],
    ['the hash for a password', basic('bob', HASH), 401],
    ['an empty password', basic('bob', ''), 401],
    ['a wrong token', bearer('read-only2'), 401],
    ['a token as a password', basic('reader', 'read-only'), 401],
    ['no credentials that are understood', { authorization: 'Digest x' }, 401],
    ['no base64', { authorization: 'Basic ====' }, 401],
  ])('%s', async (_what, headers, status) => {
    const { url } = await serve(CLOSED);
    for (const path of ['/metrics', '/api/verdicts'])
      expect((await get(url, path, headers)).status).toBe(status);
    for (const event of told) expect(JSON.stringify(event)).not.toMatch(/wrong|correct|read-only/);
  });

  test('anonymous: metrics opens these alone', async () => {
    const { url } = await serve({ ...CLOSED, anonymous: 'metrics' });
    expect((await get(url, '/metrics')).status).toBe(200);
    expect((await get(url, '/api/verdicts')).status).toBe(401);
  });

  test('anonymous: read lets everyone read, and a wrong password is none', async () => {
    const { url } = await serve({ ...CLOSED, anonymous: 'read' });
    expect((await get(url, '/api/verdicts')).status).toBe(200);
    expect((await get(url, '/api/verdicts', basic('bob', 'wrong'))).status).toBe(401);
  });

  test('credentials of a kind that nobody was given here are meant for somebody else', async () => {
    const { url } = await serve(OPEN_TO_READERS);
    expect((await get(url, '/api/verdicts', basic('bob', 'x'))).status).toBe(200);
    expect((await get(url, '/api/verdicts', bearer('x'))).status).toBe(200);
  });

  test('other rules hold from the next request on', async () => {
    const { url, web } = await serve(CLOSED);
    expect((await get(url, '/metrics', basic('bob', 'correct horse'))).status).toBe(200);
    web.reconfigure({ access: { ...CLOSED, users: new Map([['bob', hashSync('another', 5)]]) } });
    expect((await get(url, '/metrics', basic('bob', 'correct horse'))).status).toBe(401);
    expect((await get(url, '/metrics', basic('bob', 'another'))).status).toBe(200);
  });
});

describe('Guard: who may write', () => {
  test.each([
    ['a token with the right', bearer('both'), 201],
    ['a user who is a writer', basic('alice', 'correct horse'), 201],
    ['a token without the right', bearer('read-only'), 403],
    ['a user who is no writer', basic('bob', 'correct horse'), 403],
    ['nobody', {}, 401],
    [
      'a page elsewhere, with a password that the browser kept',
      { ...basic('alice', 'correct horse'), origin: 'http://evil.example' },
      403,
    ],
    ['by a name that is not ours', { ...bearer('both'), host: 'evil.example' }, 403],
  ])('%s', async (_what, headers, status) => {
    const { url } = await serve(CLOSED);
    expect(await post(url, headers)).toBe(status);
    expect(wishes).toHaveLength(status === 201 ? 1 : 0);
  });

  test('by a name of access.hosts, and from a page of that name', async () => {
    const { url } = await serve({ ...CLOSED, hosts: new Set(['vigie.example']) });
    const host = 'Vigie.example:9464';
    expect(await post(url, { ...bearer('both'), host })).toBe(201);
    expect(await post(url, { ...bearer('both'), host, origin: `http://${host}` })).toBe(201);
    expect(await post(url, { ...bearer('both'), host, origin: `https://${host}` })).toBe(403);
  });

  test('whoever writes is named to the register, with where from', async () => {
    const { url } = await serve(CLOSED);
    await post(url, bearer('both'));
    await post(url, basic('alice', 'correct horse'));
    expect(wishes).toEqual([
      { name: 'ci', from: 'http 127.0.0.1' },
      { name: 'alice', from: 'http 127.0.0.1' },
    ]);
  });
});

describe('Guard: trusted proxies', () => {
  const PROXIED: AccessRules = { ...CLOSED, users: new Map(), tokens: [], trustedProxies: ['127.0.0.2/32'] };
  const proxy = new Agent({ localAddress: '127.0.0.2' });
  const said = { 'x-forwarded-user': 'proxied', 'x-forwarded-for': '198.51.100.7, 203.0.113.9' };

  test('are believed when they say who asks, from where, and how they were reached', async () => {
    const { url } = await serve({ ...PROXIED, hosts: new Set(['vigie.example']) });
    expect((await get(url, '/api/verdicts', said, proxy)).status).toBe(200);
    const { statusCode, body } = await request(`${url}/api/exclusions`, {
      method: 'POST',
      dispatcher: proxy,
      headers: {
        ...said,
        'content-type': 'application/json',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'vigie.example',
        origin: 'https://vigie.example',
      },
      body: '{}',
    });
    await body.dump();
    expect(statusCode).toBe(201);
    // The last address that is not a proxy's: the one before could be anyone's invention.
    expect(wishes).toEqual([{ name: 'proxied', from: 'http 203.0.113.9' }]);
  });

  test('nobody else is', async () => {
    const { url } = await serve(PROXIED);
    const answer = await get(url, '/api/verdicts', said);
    expect(answer.status).toBe(403);
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  test('a name that somebody else says we were reached by is none of ours', async () => {
    const { url } = await serve({ ...CLOSED, trustedProxies: ['127.0.0.2/32'] });
    const host = { host: 'evil.example', 'x-forwarded-host': '127.0.0.1', 'x-forwarded-proto': 'https' };
    expect(await post(url, { ...bearer('both'), ...host })).toBe(403);
    expect(await post(url, { ...bearer('both'), ...host, 'x-forwarded-for': '203.0.113.9' })).toBe(403);
    expect(await post(url, { ...bearer('both'), 'x-forwarded-for': '203.0.113.9' })).toBe(201);
    expect(wishes).toEqual([{ name: 'ci', from: 'http 127.0.0.1' }]);
  });

  test('a proxy that says nobody, or two, has said nothing', async () => {
    const { url } = await serve(PROXIED);
    for (const user of ['', '  ', 'mallory, proxied'])
      expect((await get(url, '/api/verdicts', { 'x-forwarded-user': user }, proxy)).status).toBe(403);
    expect((await get(url, '/api/verdicts', {}, proxy)).status).toBe(403);
  });

  test('by the header that is configured', async () => {
    const { url } = await serve({ ...PROXIED, userHeader: 'remote-user' });
    expect((await get(url, '/api/verdicts', said, proxy)).status).toBe(403);
    expect((await get(url, '/api/verdicts', { 'remote-user': 'proxied' }, proxy)).status).toBe(200);
  });
});

describe('Guard: failed log-ins', () => {
  test('ten from an address, then none until time has passed, the right one neither; other addresses go on', async () => {
    const clock = new FakeClock();
    const { url } = await serve(CLOSED, clock);
    for (let i = 0; i < 10; i++)
      expect((await get(url, '/metrics', basic(`user${i}`, 'x'))).status).toBe(401);
    const limited = await get(url, '/metrics', basic('bob', 'correct horse'));
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '6']);
    expect((await get(url, '/metrics', bearer('both'))).status).toBe(429);
    const elsewhere = new Agent({ localAddress: '127.0.0.3' });
    expect((await get(url, '/metrics', basic('bob', 'correct horse'), elsewhere)).status).toBe(200);
    await clock.advance(6_000);
    expect((await get(url, '/metrics', basic('bob', 'correct horse'))).status).toBe(200);
    expect((await get(url, '/metrics', basic('bob', 'wrong'))).status).toBe(401);
    expect((await get(url, '/metrics', basic('bob', 'wrong'))).status).toBe(429);
    expect(told.filter(({ what }) => what === 'log-in failed')).toHaveLength(11);
    expect(told[0]).toEqual({ what: 'log-in failed', address: '127.0.0.1', user: 'user0' });
    // Once each time that the last attempt is spent, however many come after it.
    expect(told.filter(({ what }) => what === 'too many failed log-ins')).toHaveLength(2);
  });

  test('many at once are counted before they are looked at', async () => {
    const { url } = await serve(CLOSED, new FakeClock());
    const guesses = Array.from({ length: 30 }, (_, i) => get(url, '/metrics', basic('bob', `guess${i}`)));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  });

  test('who logs in rightly many times at once, or all day, is never limited', async () => {
    const { url } = await serve(CLOSED, new FakeClock());
    const once = await Promise.all(
      Array.from({ length: 40 }, () => get(url, '/metrics', basic('bob', 'correct horse'))),
    );
    for (let i = 0; i < 40; i++) once.push(await get(url, '/metrics', bearer('read-only')));
    expect(new Set(once.map(({ status }) => status))).toEqual(new Set([200]));
  });

  test('a user who does not exist takes as long as one who does', async () => {
    const slow = new Map([['bob', hashSync('correct horse', 10)]]);
    const { url } = await serve({ ...CLOSED, users: slow }, new FakeClock());
    const timed = async (user: string): Promise<number> => {
      const began = performance.now();
      await get(url, '/metrics', basic(user, 'x'.repeat(20 + Math.random() * 9)));
      return performance.now() - began;
    };
    await timed('bob');
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 4; i++) {
      known.push(await timed('bob'));
      unknown.push(await timed(`eve${i}`));
    }
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 5);
    expect(Math.min(...unknown)).toBeLessThan(Math.min(...known) * 5);
  });

  test('looking at passwords does not hold the loop, and one that is known costs nothing', async () => {
    const slow = new Map([['bob', hashSync('correct horse', 11)]]);
    const { url } = await serve({ ...CLOSED, users: slow }, new FakeClock());
    await get(url, '/metrics', basic('bob', 'wrong'));
    const before = performance.eventLoopUtilization();
    const began = performance.now();
    await Promise.all([1, 2, 3].map((i) => get(url, '/metrics', basic('bob', `wrong${i}`))));
    const took = performance.now() - began;
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
    await get(url, '/metrics', basic('bob', 'correct horse'));
    const knownAt = performance.now();
    for (let i = 0; i < 20; i++) await get(url, '/metrics', basic('bob', 'correct horse'));
    expect((performance.now() - knownAt) / 20).toBeLessThan(took / 9);
  });
});

describe('listening where others reach us', () => {
  const faults = { state: () => ({}), set: () => ({ ok: true, state: {} }) as const };

  test('a fire drill that anyone could set off is refused, and says what to do', async () => {
    const listen = { host: '0.0.0.0', port: 0 };
    await expect(serve(OPEN_TO_READERS, systemClock, { faults, listen })).rejects.toMatchObject({
      name: 'ListenError',
      code: 'UNGUARDED',
      message: expect.stringContaining('set listen.host to 127.0.0.1'),
    });
    await expect(serve(CLOSED, systemClock, { faults, listen })).resolves.toBeDefined();
  });

  test('where somebody is known, only who may write sets it off', async () => {
    const { url } = await serve({ ...CLOSED, anonymous: 'read' }, systemClock, { faults });
    const drill = async (headers: Headers): Promise<number> => {
      const { statusCode, body } = await request(`${url}/api/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      await body.dump();
      return statusCode;
    };
    expect(await drill({})).toBe(401);
    expect(await drill(bearer('read-only'))).toBe(403);
    expect(await drill(bearer('both'))).toBe(200);
  });
});
