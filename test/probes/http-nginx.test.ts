import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpProbe } from '../../probes/http.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { selfSigned } from '../servers/certificate.ts';
import { type Nginx, startNginx } from '../servers/nginx.ts';
import { findProgram } from '../servers/packages.ts';

const LOCATIONS = `
  location = /health { add_header X-Request-Id $request_id; return 200 '{"status":"up","load":0.25}'; }
  location = /down { return 503; }
  location = /moved { return 301 /health; }
  location = /method { add_header X-Method $request_method; return 204; }
  location = /scheme { return 200 "$scheme $ssl_protocol $server_protocol"; }
`;
const BIG = 'x'.repeat(300_000);

describe.skipIf(!findProgram('nginx'))('http probe against nginx (needs nginx from nginx-light)', () => {
  const kind = httpProbe();
  const nowMs = Date.now();
  const credentials = selfSigned({
    names: ['127.0.0.1'],
    fromMs: nowMs - 86_400_000,
    toMs: nowMs + 20.5 * 86_400_000,
  });
  let nginx: Nginx;

  beforeAll(async () => {
    nginx = await startNginx(LOCATIONS, { 'big.txt': BIG }, credentials);
  });
  afterAll(async () => {
    await kind.close();
    await nginx.stop();
  });

  function ask(path: string, more: Readonly<Record<string, unknown>> = {}): Promise<Reading> {
    const secure = 'tls' in more;
    const origin = secure ? `https://127.0.0.1:${nginx.httpsPort}` : `http://127.0.0.1:${nginx.httpPort}`;
    const probe = kind.configure(kind.settings.parse({ url: origin + path, ...more }));
    return probe.run({ signal: new AbortController().signal, clock: systemClock, random: systemRandom });
  }

  test('an answer with JSON: phases, values, extracts, and the request id as evidence', async () => {
    const extract = { state: { json: '$.status' }, load: { json: '$.load', as: 'number' } };
    expect(await ask('/health', { extract })).toMatchObject({
      kind: 'answer',
      phases: { connect: expect.any(Number), ttfb: expect.any(Number), transfer: expect.any(Number) },
      values: { status: 200, httpVersion: '1.1', address: '127.0.0.1', state: 'up', load: 0.25 },
      evidence: { status: 200, 'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });

  test('status 503, and a redirection, are answers', async () => {
    expect(await ask('/down')).toMatchObject({ kind: 'answer', values: { status: 503 } });
    expect(await ask('/moved')).toMatchObject({ kind: 'answer', values: { status: 301 } });
  });

  test('a large file is read to its end; HEAD has no body', async () => {
    expect(await ask('/big.txt')).toMatchObject({ kind: 'answer', values: { bodyBytes: BIG.length } });
    const head = await ask('/big.txt', { method: 'HEAD' });
    expect(head).toMatchObject({ kind: 'answer', values: { status: 200, bodyBytes: 0 } });
    expect(await ask('/big.txt', { maxBody: 1_000 })).toMatchObject({ kind: 'fault', fault: 'protocol' });
  });

  test('204 without a body, by another method', async () => {
    const extract = { method: { header: 'x-method' } };
    const reading = await ask('/method', { method: 'DELETE', extract });
    expect(reading).toMatchObject({ kind: 'answer', values: { status: 204, method: 'DELETE' } });
  });

  test('TLS: HTTP/1.1 even where the server offers HTTP/2, with the days of the certificate', async () => {
    const extract = { seen: { body: '.*' } };
    expect(await ask('/scheme', { tls: { ca: credentials.cert }, extract })).toMatchObject({
      kind: 'answer',
      phases: { tls: expect.any(Number) },
      values: { certificateDaysLeft: 20, tlsVersion: 'TLSv1.2', seen: 'https TLSv1.2 HTTP/1.1' },
    });
    expect(await ask('/scheme', { tls: {} })).toMatchObject({ kind: 'fault', fault: 'tls' });
  });

  test('plain HTTP on the TLS port is an answer 400; reuse carries many runs', async () => {
    const url = `http://127.0.0.1:${nginx.httpsPort}/`;
    expect(await ask('/', { url })).toMatchObject({ kind: 'answer', values: { status: 400 } });
    const settings = { url: `http://127.0.0.1:${nginx.httpPort}/health`, connection: 'reuse' };
    const probe = kind.configure(kind.settings.parse(settings));
    const { signal } = new AbortController();
    const readings: Reading[] = [];
    for (let i = 0; i < 5; i++)
      readings.push(await probe.run({ signal, clock: systemClock, random: systemRandom }));
    expect(readings.map((reading) => reading.kind)).toEqual(readings.map(() => 'answer'));
    const connected = readings.map((reading) => 'phases' in reading && 'connect' in (reading.phases ?? {}));
    expect(connected).toEqual([true, false, false, false, false]);
  });
});
