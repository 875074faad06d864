import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OPEN_TO_READERS, tokenDigest } from '../../src/web/access/rules.ts';
import type { RegisterAnswer } from '../../src/web/register-source.ts';
import type { WebServer } from '../../src/web/server.ts';
import { describedApi, type DescribedApi } from './described-api.ts';
import { HOSTILE, stagedServer } from './page-stage.ts';
import { EXCLUSION, TICKET } from './register-samples.ts';

const CLAIM = {
  ...TICKET,
  region: 'cloudgouv-eu-west-1',
  incidents: [
    {
      row: 'sla3.dns',
      clause: 'SLA3',
      scope: 'region',
      linkedFrom: '2026-03-10T20:50:00.000Z',
      incident: null,
      samples: { count: 0, complete: true, shown: [] },
      requestIds: [],
    },
  ],
};
const DECLARED = { ...EXCLUSION, id: 'b', reason: `=cmd|' /C calc'!A0` };
const done = (body: unknown, status: 200 | 201 = 201): Promise<RegisterAnswer> =>
  Promise.resolve({ ok: true, status, body });

let server: WebServer & { url: string };
let api: DescribedApi;
let verdictsMade = 0;
let revision = 0;

beforeAll(async () => {
  server = await stagedServer({
    access: {
      ...OPEN_TO_READERS,
      tokens: [{ name: 'ci', digest: tokenDigest('ci-token'), rights: ['read', 'write'] }],
    },
    revision: () => revision,
    checks: () => {
      verdictsMade++;
      return CHECKS;
    },
    register: {
      exclusions: () => [EXCLUSION, DECLARED],
      tickets: () => [
        { ...TICKET, title: HOSTILE },
        { ...TICKET, ticket: 'INC-2', gti: null, title: '+1+1' },
      ],
      claim: (id) =>
        id === 'INC-1'
          ? done(CLAIM, 200)
          : Promise.resolve({ ok: false, status: 422, detail: 'no such ticket' }),
      declare: () => done(EXCLUSION),
      confirm: () => done(EXCLUSION, 200),
      withdraw: () => Promise.resolve({ ok: false, status: 404, detail: 'there is no exclusion' }),
      takeTickets: () => done({ written: 1 }),
    },
    faults: { state: () => ({ dns: false }), set: () => ({ ok: true, state: { dns: true } }) },
  });
  api = await describedApi(server.url);
});

afterAll(() => server.stop());

beforeEach(() => {
  revision++;
});

const CHECKS = [
  {
    check: 'internet',
    vantage: 'az-a',
    probe: 'tcp',
    row: 'sla4.internet',
    scope: 'region',
    slot: '2026-03-20T10:59:50.000Z',
    outcome: 'bad' as const,
    cause: 'content',
    detail: `=HYPERLINK("http://evil.example")`,
    latencyMs: -0.5,
  },
];

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await request(`${server.url}${path}`, { headers });
  const text = await answer.body.text();
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  return { status: answer.statusCode, headers: answer.headers, type, text };
}

/** Questions to every path that is described, good and bad. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  '/api/verdicts': ['/api/verdicts', '/api/verdicts?period=2026-02x', '/api/verdicts?nonsense=1'],
  '/api/explain': [
    '/api/explain?row=sla4.internet',
    '/api/explain?row=sla9.vm&scope=i-2&reading=client&period=2026-03',
    '/api/explain?row=sla7.iops',
    '/api/explain?row=sla6.durability',
    '/api/explain?row=sla3.dns&period=2026-03',
    '/api/explain',
    '/api/explain?row=nothing',
  ],
  '/api/rows': ['/api/rows'],
  '/api/rows/{row}': ['/api/rows/sla4.internet', '/api/rows/sla10.gti1', '/api/rows/nothing'],
  '/api/incidents': [
    '/api/incidents',
    '/api/incidents?limit=1',
    '/api/incidents?row=sla9.vm&scope=i-2&reading=provider&from=2026-03-01T00:00:00%2B01:00&to=2026-04-01T00:00:00Z',
    '/api/incidents?limit=0',
    '/api/incidents?from=yesterday',
    '/api/incidents?after=bm90aGluZw',
  ],
  '/api/incidents/{row}/{scope}/{from}': [
    '/api/incidents/sla4.internet/region/2026-03-20T10:58:00.000Z',
    '/api/incidents/sla4.internet/region/2026-03-20T10:58:30.000Z?limit=3',
    '/api/incidents/sla9.vm/i-2/2026-03-10T20:50:00.000Z',
    '/api/incidents/sla4.internet/region/2026-01-20T10:58:30.000Z',
    '/api/incidents/sla4.internet/region/yesterday',
    '/api/incidents/nothing/region/2026-03-20T10:58:00.000Z',
  ],
  '/api/events': ['/api/events', '/api/events?limit=1001'],
  '/api/observations': [
    '/api/observations?from=2026-03-20T10:50:00Z&to=2026-03-20T11:00:00Z',
    '/api/observations?from=2026-03-20T10:50:00Z&to=2026-03-20T11:00:00Z&check=internet&vantage=az-b&vantage=az-a&limit=5',
    '/api/observations?check=nothing',
    '/api/observations?from=2026-03-20T11:00:00Z&to=2026-03-20T10:00:00Z',
    '/api/observations?after=nonsense',
  ],
  '/api/checks': ['/api/checks', '/api/checks?row=none'],
  '/api/latencies': [
    '/api/latencies?from=2026-03-17T00:00:00Z&to=2026-03-20T11:00:00Z',
    '/api/latencies?from=2026-03-17T00:00:00Z&to=2026-03-20T11:00:00Z&check=dns&vantage=az-a&step=6h',
    '/api/latencies?check=nothing',
    '/api/latencies?step=1m',
  ],
  '/api/status-feed': ['/api/status-feed'],
  '/api/health': ['/api/health'],
  '/api/exclusions': ['/api/exclusions', '/api/exclusions?limit=1'],
  '/api/tickets': ['/api/tickets'],
  '/api/tickets/{id}/claim': ['/api/tickets/INC-1/claim', '/api/tickets/INC-9/claim'],
  '/api/faults': ['/api/faults'],
  '/api/openapi.json': ['/api/openapi.json'],
};

describe('the description of the API', () => {
  test('describes every path that is asked here, and no other', () => {
    expect(Object.keys(api.document.paths).sort()).toEqual(Object.keys({ ...QUESTIONS, ...POSTS }).sort());
  });

  test('every route is described and every description has a route', () => {
    const described = Object.entries(api.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(new Set(described)).toEqual(new Set(server.routes.filter((route) => route.includes(' /api/'))));
  });

  test.each(Object.entries(QUESTIONS).flatMap(([path, urls]) => urls.map((url) => [url, path] as const)))(
    'GET %s answers as described',
    async (url, path) => {
      const { status, type, text } = await get(url);
      expect(status).not.toBe(500);
      expect(api.misfits(path, 'get', status, type, JSON.parse(text))).toEqual([]);
    },
  );

  test('an answer that is otherwise would be found', () => {
    const at = '2026-03-20T11:00:00.000Z';
    const misfits = (body: unknown) => api.misfits('/api/incidents', 'get', 200, 'application/json', body);
    expect(misfits({ at, incidents: [], next: null })).toEqual([]);
    expect(misfits({ at, incidents: [{}], next: null })).not.toEqual([]);
    expect(misfits({ at, incidents: [], next: null, more: 1 })).not.toEqual([]);
    expect(misfits({ at: 'now', incidents: [], next: null })).not.toEqual([]);
  });

  test('every table and list of lines is there in each format that is described', async () => {
    for (const [path, { get: operation }] of Object.entries(api.document.paths)) {
      const types = Object.keys(operation?.responses['200']?.content ?? {});
      for (const type of types.filter((one) => one !== 'text/event-stream')) {
        const url = QUESTIONS[path]?.[0] ?? path;
        const answer = await get(url, { accept: type });
        expect([url, answer.status, answer.type]).toEqual([url, 200, type]);
      }
    }
  });
});

const POSTS: Readonly<Record<string, readonly [string, unknown, number]>> = {
  '/api/exclusions': ['/api/exclusions', { id: 'a' }, 201],
  '/api/exclusions/{id}/confirm': ['/api/exclusions/a/confirm', {}, 200],
  '/api/exclusions/{id}/withdraw': ['/api/exclusions/a/withdraw', { reason: 'x' }, 404],
  '/api/tickets': ['/api/tickets', [], 201],
  '/api/faults': ['/api/faults', { fault: 'dns' }, 200],
};

describe('what is posted', () => {
  test.each(Object.entries(POSTS))('POST %s answers as described', async (path, [url, body, expected]) => {
    for (const authorization of ['Bearer ci-token', 'Bearer wrong']) {
      const answer = await request(`${server.url}${url}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(body),
      });
      const type = String(answer.headers['content-type']).split(';')[0] ?? '';
      expect(answer.statusCode).toBe(authorization.endsWith('wrong') ? 401 : expected);
      expect(api.misfits(path, 'post', answer.statusCode, type, await answer.body.json())).toEqual([]);
    }
  });

  test('what was kept is forgotten when something is written', async () => {
    await get('/api/checks');
    const before = verdictsMade;
    await get('/api/checks');
    expect(verdictsMade).toBe(before);
    await request(`${server.url}/api/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ci-token' },
      body: '[]',
    });
    await get('/api/checks');
    expect(verdictsMade).toBe(before + 1);
  });
});

describe('answers', () => {
  test('ETag: 304 to one who has it, until there is a newer one; the same compressed', async () => {
    const first = await get('/api/rows', { 'accept-encoding': 'gzip' });
    const { etag } = first.headers;
    expect(first.headers['cache-control']).toBe('private, no-cache');
    for (const tag of [String(etag), `"x", ${String(etag)}`, String(etag).replace('W/', ''), '*']) {
      const again = await get('/api/rows', { 'if-none-match': tag });
      expect([tag, again.status, again.text, again.headers.etag]).toEqual([tag, 304, '', etag]);
    }
    expect((await get('/api/rows', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('compressed for those who take it, and the same', async () => {
    const answer = await request(`${server.url}/api/verdicts`, {
      headers: { 'accept-encoding': 'gzip, br' },
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-length': String(bytes.length),
    });
    expect(answer.headers['vary']).toBe('Accept, Accept-Encoding');
    expect(gunzipSync(bytes).toString()).toBe((await get('/api/verdicts')).text);
    expect(
      (await get('/api/verdicts', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding'],
    ).toBeUndefined();
  });

  test('what is said of people is kept by nobody', async () => {
    for (const path of ['/api/exclusions', '/api/tickets', '/api/tickets/INC-1/claim'])
      expect((await get(path)).headers['cache-control']).toBe('no-store');
  });

  test('made once for all who ask at once, and again when there are new verdicts', async () => {
    const before = verdictsMade;
    await Promise.all(Array.from({ length: 20 }, () => get('/api/checks')));
    expect(verdictsMade).toBe(before + 1);
    revision++;
    await get('/api/checks');
    expect(verdictsMade).toBe(before + 2);
  });

  test('a format that there is not: 406 by Accept, 422 by name', async () => {
    expect((await get('/api/rows', { accept: 'image/png' })).status).toBe(406);
    expect((await get('/api/rows?format=xml')).status).toBe(422);
    expect((await get('/api/health?format=csv')).status).toBe(422);
    expect((await get('/api/rows', { accept: 'text/html, */*;q=0.1' })).type).toBe('application/json');
  });

  test('pages: each item once, by the links alone', async () => {
    const whole = JSON.parse((await get('/api/incidents')).text) as { incidents: readonly unknown[] };
    expect(whole.incidents.length).toBeGreaterThan(2);
    const seen: unknown[] = [];
    for (let path: string | undefined = '/api/incidents?limit=1'; path !== undefined;) {
      const { text, headers } = await get(path);
      const page = JSON.parse(text) as { incidents: readonly unknown[]; next: string | null };
      seen.push(...page.incidents);
      path = /^<([^>]+)>; rel="next"$/.exec(String(headers['link']))?.[1];
      expect(path === undefined).toBe(page.next === null);
    }
    expect(seen).toEqual(whole.incidents);
  });

  test('incidents: the latest first, the open one marked', async () => {
    const { incidents } = JSON.parse((await get('/api/incidents')).text) as {
      incidents: readonly { row: string; from: string; open: boolean; reading: string }[];
    };
    expect(incidents[0]).toMatchObject({
      row: 'sla4.internet',
      from: '2026-03-20T10:58:00.000Z',
      open: true,
    });
    expect(incidents.map(({ from }) => from)).toEqual(
      incidents
        .map(({ from }) => from)
        .toSorted()
        .reverse(),
    );
    expect(new Set(incidents.map(({ reading }) => reading))).toEqual(new Set(['client']));
  });

  test('an incident: what each reading makes of it, its samples page by page, and its request ids', async () => {
    const path = '/api/incidents/sla4.internet/region/2026-03-20T10:58:00.000Z';
    const whole = JSON.parse((await get(path)).text) as {
      readings: readonly object[];
      requestIds: readonly string[];
      samples: { count: number; shown: readonly object[]; next: string | null };
    };
    expect(whole.readings).toMatchObject([
      { reading: 'client', deductMs: 120_000, mergeGapMs: 90_000, badMs: 120_000 },
      { reading: 'provider', mergeGapMs: 0 },
    ]);
    expect(whole.requestIds).toEqual([HOSTILE]);
    expect(whole.samples).toMatchObject({ count: 24, complete: true, next: null });
    const page = JSON.parse((await get(`${path}?limit=20`)).text) as typeof whole;
    const rest = JSON.parse((await get(`${path}?limit=20&after=${page.samples.next}`)).text) as typeof whole;
    expect([...page.samples.shown, ...rest.samples.shown]).toEqual(whole.samples.shown);
  });
});

describe('tables for spreadsheets', () => {
  test('formulas are defused, quotes doubled, numbers left alone', async () => {
    const { text, headers } = await get('/api/checks?format=csv');
    expect(headers['content-disposition']).toBe('attachment; filename="checks.csv"');
    expect(text).toBe(
      'check,vantage,probe,row,scope,slot,outcome,cause,detail,latencyMs\r\n' +
        'internet,az-a,tcp,sla4.internet,region,2026-03-20T10:59:50.000Z,bad,content,' +
        `"'=HYPERLINK(""http://evil.example"")",-0.5\r\n`,
    );
    expect((await get('/api/exclusions?format=csv')).text).toContain(`,'=cmd|' /C calc'!A0,ann,`);
    const tickets = (await get('/api/tickets?format=csv')).text;
    expect(tickets).toContain(`INC-2,'+1+1,`);
    expect(tickets).toContain(`"${HOSTILE.replaceAll('"', '""')}"`);
  });

  test('hostile words are one string of JSON, and never an answer that a browser would run', async () => {
    for (const path of ['/api/checks', '/api/tickets', '/api/status-feed', '/api/health']) {
      const { headers, type, text } = await get(path);
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      expect([type, headers['x-content-type-options']]).toEqual(['application/json', 'nosniff']);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
    const missing = await get(`/api/rows/${encodeURIComponent(HOSTILE)}`);
    expect([missing.status, missing.type]).toEqual([404, 'application/problem+json']);
    expect((JSON.parse(missing.text) as { detail: string }).detail).toContain(JSON.stringify(HOSTILE));
  });
});
