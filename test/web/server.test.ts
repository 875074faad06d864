import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { createServer, ListenError, type WebServer, type WebServerOptions } from '../../src/web/server.ts';
import type { CheckStatus, MetricsAnswer } from '../../src/web/sources.ts';
import { FakeClock } from '../fake-clock.ts';
import { makeVerdict } from '../export/make-verdict.ts';

const check: CheckStatus = {
  check: 'web',
  vantage: 'az-a',
  probe: 'http',
  row: 'sla4.api',
  scope: 'region',
  slot: '2026-03-01T00:00:00.000Z',
  outcome: 'bad',
  cause: 'content',
  detail: 'body is <script>alert(1)</script>, expected ok',
  latencyMs: 12.34,
};
const openIncident = {
  fromMs: 1_773_000_000_000,
  toMs: 1_773_000_010_000,
  badMs: 1,
  countedMs: 1,
  causes: [],
};
const verdicts = verdictsJson(1_773_000_000_000, [makeVerdict({ state: 'breached', openIncident })]);
const metricsText = new TextEncoder().encode('up 1\n');
const metricsAnswer: MetricsAnswer = {
  exposition: { contentType: 'text/plain; version=0.0.4', body: metricsText },
};

/** As they were before any server was made. */
const RUNTIME_CLASSES = [globalThis.Request, globalThis.Response];
const started: WebServer[] = [];
const agent = new Agent({ pipelining: 1 });
const errors: Error[] = [];
let reasons: readonly string[] = [];

async function serve(
  options: Partial<WebServerOptions> = {},
): Promise<{ web: WebServer; url: string; port: number }> {
  const web = createServer({
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    metrics: { render: () => Promise.resolve(metricsAnswer) },
    notReady: () => reasons,
    verdicts: () => verdicts,
    checks: () => [check],
    explain: ({ row }) => Promise.resolve({ ok: false, detail: `there is no verdict on ${row}` }),
    onError: (error) => errors.push(error),
    ...options,
  });
  started.push(web);
  return { web, ...(await web.start()) };
}

beforeEach(() => {
  reasons = [];
  errors.length = 0;
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((web) => web.stop()));
});

describe('routes', () => {
  test('/api/explain: the explanations of the row that is asked for, or why there are none', async () => {
    const asked: unknown[] = [];
    const { url } = await serve({
      explain: (query) => {
        asked.push(query);
        return Promise.resolve(
          query.row === 'sla4.api' ? { ok: true, explanations: [] } : { ok: false, detail: 'no such row' },
        );
      },
    });
    const answer = async (path: string): Promise<readonly [number, unknown]> => {
      const { statusCode, body } = await request(`${url}${path}`, { dispatcher: agent });
      return [statusCode, await body.json()];
    };
    expect(await answer('/api/explain?row=sla4.api&scope=region&period=2026')).toEqual([
      200,
      { explanations: [] },
    ]);
    expect(asked).toEqual([{ row: 'sla4.api', scope: 'region', period: '2026' }]);
    expect(await answer('/api/explain?row=x')).toMatchObject([422, { detail: 'no such row' }]);
    expect(await answer('/api/explain')).toMatchObject([422, { detail: expect.stringContaining('?row=') }]);
  });

  test('/metrics: the rendering for the headers sent, and its length', async () => {
    const asked: unknown[] = [];
    const render = (...headers: unknown[]): Promise<MetricsAnswer> => {
      asked.push(headers);
      return Promise.resolve({
        exposition: { contentType: 'text/x', contentEncoding: 'gzip', body: metricsText },
      });
    };
    const { url } = await serve({ metrics: { render } });
    const { statusCode, headers, body } = await request(`${url}/metrics`, {
      headers: { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' },
    });
    expect(asked).toEqual([['application/openmetrics-text', 'gzip']]);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/x',
      'content-encoding': 'gzip',
      'content-length': '5',
      'x-content-type-options': 'nosniff',
    });
    expect(await body.text()).toBe('up 1\n');
  });

  test('/metrics: 503 with the reason when there is nothing to show', async () => {
    const { url } = await serve({ metrics: { render: () => Promise.resolve({ trouble: 'timeout' }) } });
    const { statusCode, headers, body } = await request(`${url}/metrics`);
    expect(statusCode).toBe(503);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(await body.json()).toEqual({
      type: 'about:blank',
      title: 'Not available',
      status: 503,
      detail: 'no metrics: timeout',
    });
  });

  test('HEAD: the headers of GET without a body', async () => {
    const { url } = await serve();
    for (const path of ['/metrics', '/healthz', '/api/verdicts']) {
      const { statusCode, body } = await request(`${url}${path}`, { method: 'HEAD' });
      expect([path, statusCode, await body.text()]).toEqual([path, 200, '']);
    }
  });

  test('/healthz: ok while the process lives, ready or not', async () => {
    reasons = ['no probe has run'];
    const { url } = await serve();
    const { statusCode, body } = await request(`${url}/healthz`);
    expect([statusCode, await body.text()]).toEqual([200, 'ok\n']);
  });

  test('/readyz: 503 with the reasons until there are none', async () => {
    reasons = ['no probe has run', 'the window store is down'];
    const { url } = await serve();
    const before = await request(`${url}/readyz`);
    expect([before.statusCode, await before.body.json()]).toEqual([503, { ready: false, reasons }]);
    reasons = [];
    const after = await request(`${url}/readyz`);
    expect([after.statusCode, await after.body.json()]).toEqual([200, { ready: true, reasons: [] }]);
  });

  test('/api/verdicts and /api/checks: the data as JSON', async () => {
    const { url } = await serve();
    const { headers, body } = await request(`${url}/api/verdicts`);
    expect(headers['content-type']).toBe('application/json');
    expect(await body.json()).toEqual(verdicts);
    expect(await (await request(`${url}/api/checks`)).body.json()).toEqual({ checks: [check] });
  });

  test.each(['/nothing', '/api', '/metrics/', '/../etc/passwd', '/%2e%2e/x', '/api/faults'])(
    'GET %s is 404 as problem+json',
    async (path) => {
      const { url } = await serve();
      const { statusCode, headers, body } = await request(`${url}${path}`);
      expect(statusCode).toBe(404);
      expect(headers['content-type']).toBe('application/problem+json');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(await body.json()).toMatchObject({ status: 404, title: 'Not found' });
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const)(
    '%s is 405 and says what is allowed',
    async (method) => {
      const { url } = await serve();
      for (const path of ['/metrics', '/healthz', '/readyz', '/api/verdicts', '/api/checks']) {
        const { statusCode, headers, body } = await request(`${url}${path}`, { method });
        expect([path, statusCode, headers['allow']]).toEqual([path, 405, 'GET, HEAD']);
        await body.dump();
      }
    },
  );

  test('an exception in a route is a bare 500, and told', async () => {
    const { url } = await serve({
      verdicts: () => {
        throw new Error('password hunter2');
      },
    });
    const { statusCode, body } = await request(`${url}/api/verdicts`);
    expect(statusCode).toBe(500);
    expect(await body.text()).not.toContain('hunter2');
    expect(errors.map(({ message }) => message)).toEqual(['password hunter2']);
  });
});

describe('faults', () => {
  const json = { 'content-type': 'application/json' };
  const asked: unknown[] = [];
  const faults = {
    state: () => ({ dns: false }),
    set: (wanted: unknown) => {
      asked.push(wanted);
      return wanted === 'none'
        ? ({ ok: false, detail: 'no such fault' } as const)
        : ({ ok: true, state: { dns: true } } as const);
    },
  };

  beforeEach(() => {
    asked.length = 0;
  });

  test('GET shows them, POST sets one', async () => {
    const { url } = await serve({ faults });
    expect(await (await request(`${url}/api/faults`)).body.json()).toEqual({ dns: false });
    const { statusCode, body } = await request(`${url}/api/faults`, {
      method: 'POST',
      headers: json,
      body: '{"dns":true}',
    });
    expect([statusCode, await body.json()]).toEqual([200, { dns: true }]);
    expect(asked).toEqual([{ dns: true }]);
  });

  test.each([
    ['what the app refuses', 422, json, '"none"'],
    ['not JSON', 400, json, '{"dns":'],
    ['a form', 415, { 'content-type': 'text/plain' }, '{"dns":true}'],
    ['a page of another origin', 403, { ...json, origin: 'http://evil.example' }, '{"dns":true}'],
    [
      'a name made to resolve to us',
      403,
      { ...json, host: 'evil.example', origin: 'http://evil.example' },
      '{}',
    ],
    ['a body over 16 KiB', 413, json, `"${'x'.repeat(16_384)}"`],
  ])('POST of %s is %i', async (_what, status, headers, body) => {
    const { url } = await serve({ faults });
    const answer = await request(`${url}/api/faults`, { method: 'POST', headers, body });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    await answer.body.dump();
    expect(asked.filter((wanted) => wanted !== 'none')).toEqual([]);
  });

  test('DELETE is 405', async () => {
    const { url } = await serve({ faults });
    const { statusCode, headers, body } = await request(`${url}/api/faults`, { method: 'DELETE' });
    expect([statusCode, headers['allow']]).toEqual([405, 'GET, HEAD, POST']);
    await body.dump();
  });
});

describe('listening', () => {
  test('a port in use is a ListenError that says what to do', async () => {
    const other = createTcpServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const failure = await serve({ listen: { host: '127.0.0.1', port } }).catch((error: unknown) => error);
    other.close();
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: another program listens there: stop it, or set another listen.port`,
    });
  });

  test('an address that is not ours is a ListenError', async () => {
    const failure = await serve({ listen: { host: '192.0.2.1', port: 0 } }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ListenError', code: 'EADDRNOTAVAIL' });
  });

  test('global Request and Response stay those of the runtime', async () => {
    await serve();
    expect(globalThis.Request).toBe(RUNTIME_CLASSES[0]);
    expect(globalThis.Response).toBe(RUNTIME_CLASSES[1]);
  });
});

describe('limits', () => {
  async function raw(port: number, bytes: string): Promise<{ socket: Socket; answer: Promise<string> }> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const answer = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
    });
    socket.write(bytes);
    return { socket, answer };
  }

  test('headers over 8 KiB are refused with 431', async () => {
    const { port } = await serve();
    const { answer } = await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(9000)}\r\n\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('garbage is refused with 400 and the server goes on', async () => {
    const { port, url } = await serve();
    const { answer } = await raw(port, 'SSH-2.0-x\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
    const { statusCode, body } = await request(`${url}/healthz`);
    await body.dump();
    expect(statusCode).toBe(200);
  });

  test('headers that drip are cut off with 408 within 7 s', async () => {
    const { port } = await serve();
    const { socket, answer } = await raw(port, 'GET / HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('X: y\r\n'), 500);
    const began = performance.now();
    expect(await answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
    clearInterval(drip);
    expect(performance.now() - began).toBeLessThan(7000);
  });
});

describe('stop', () => {
  test('what is in flight finishes, kept-alive connections are closed, then nothing listens', async () => {
    const rendering = Promise.withResolvers<MetricsAnswer>();
    const asked = Promise.withResolvers<void>();
    const render = (): Promise<MetricsAnswer> => {
      asked.resolve();
      return rendering.promise;
    };
    const clock = new FakeClock();
    const { web, url } = await serve({ clock, metrics: { render } });
    const idle = await request(`${url}/healthz`, { dispatcher: agent });
    await idle.body.dump();
    const inFlight = request(`${url}/metrics`, { dispatcher: agent });
    await asked.promise;
    const stopped = web.stop();
    rendering.resolve(metricsAnswer);
    expect(await (await inFlight).body.text()).toBe('up 1\n');
    await stopped;
    expect(clock.pending).toBe(0);
    await expect(request(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await web.stop();
  });

  test('what does not finish is cut off after 5 s', async () => {
    const asked = Promise.withResolvers<void>();
    const render = (): Promise<MetricsAnswer> => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    const clock = new FakeClock();
    const { web, url } = await serve({ clock, metrics: { render } });
    const inFlight = request(`${url}/metrics`).catch((error: unknown) => error);
    await asked.promise;
    let isStopped = false;
    const stopped = web.stop().then(() => (isStopped = true));
    await clock.advance(4999);
    expect(isStopped).toBe(false);
    await clock.advance(1);
    await stopped;
    expect(await inFlight).toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(clock.pending).toBe(0);
  });
});
