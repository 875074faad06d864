import { connect, type SecureVersion } from 'node:tls';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { type AccessRules, OPEN_TO_READERS } from '../../src/web/access/rules.ts';
import type { ClientAuthType, TlsSettings } from '../../src/web/access/tls.ts';
import { createServer, type WebServer } from '../../src/web/server.ts';
import { selfSigned } from '../servers/certificate.ts';

const now = Date.now();
const identity = () => selfSigned({ names: ['localhost', '127.0.0.1'], fromMs: now - 1e6, toMs: now + 1e9 });
const [own, renewed, client, stranger] = [identity(), identity(), identity(), identity()];

const started: WebServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((web) => web.stop()));
});

const tlsOf = (more: Partial<TlsSettings> = {}): TlsSettings => ({
  ...own,
  clientAuth: 'NoClientCert',
  minVersion: 'TLSv1.2',
  ...more,
});

async function serve(tls: TlsSettings, access: AccessRules = OPEN_TO_READERS) {
  const web = createServer({
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    metrics: { render: () => Promise.resolve({ trouble: 'none' }) },
    notReady: () => [],
    verdicts: () => verdictsJson(0, []),
    checks: () => [],
    explain: () => Promise.resolve({ ok: false, detail: '' }),
    onError: (error) => expect.unreachable(error.message),
    access,
    tls,
    headers: { 'Strict-Transport-Security': 'max-age=31536000' },
  });
  started.push(web);
  return { web, ...(await web.start()) };
}

async function get(url: string, ca: string, shown: { key?: string; cert?: string } = {}) {
  const dispatcher = new Agent({ connect: { ca, ...shown } });
  try {
    const { statusCode, headers, body } = await request(`${url}/api/verdicts`, { dispatcher });
    await body.dump();
    return { status: statusCode, headers };
  } finally {
    await dispatcher.close();
  }
}

describe('TLS', () => {
  test('answers with its certificate, and the headers that are configured', async () => {
    const { url } = await serve(tlsOf());
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, headers } = await get(url, own.cert);
    expect([status, headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
    await expect(get(url, stranger.cert)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  test('another certificate is shown from the next connection on', async () => {
    const { url, web } = await serve(tlsOf());
    web.reconfigure({ tls: tlsOf(renewed) });
    expect((await get(url, renewed.cert)).status).toBe(200);
    await expect(get(url, own.cert)).rejects.toThrow('self-signed');
  });

  test.each<[SecureVersion, SecureVersion, boolean]>([
    ['TLSv1.2', 'TLSv1.3', false],
    ['TLSv1.3', 'TLSv1.3', true],
    ['TLSv1.2', 'TLSv1.2', true],
  ])('a client with %s at the most, at least %s wanted', async (maxVersion, minVersion, isWelcome) => {
    const { port } = await serve(tlsOf({ minVersion }));
    const socket = connect({ port, host: '127.0.0.1', ca: own.cert, maxVersion });
    const outcome = once(socket, 'secureConnect').then(
      () => true,
      () => false,
    );
    expect(await outcome).toBe(isWelcome);
    socket.destroy();
  });

  const AUTHORITIES = { clientCa: client.cert };
  test.each<[ClientAuthType, boolean, boolean, boolean]>([
    ['NoClientCert', true, true, true],
    ['RequestClientCert', true, true, true],
    ['RequireAnyClientCert', false, true, true],
    ['VerifyClientCertIfGiven', true, false, true],
    ['RequireAndVerifyClientCert', false, false, true],
  ])(
    '%s: without a certificate %s, with a stranger’s %s, with a known one %s',
    async (clientAuth, ...expected) => {
      const { url } = await serve(tlsOf({ clientAuth, ...AUTHORITIES }));
      const isServed = (shown = {}): Promise<boolean> =>
        get(url, own.cert, shown).then(
          ({ status }) => status === 200,
          () => false,
        );
      expect([await isServed(), await isServed(stranger), await isServed(client)]).toEqual(expected);
    },
  );

  test('a certificate that was verified says who asks; one that was not says nothing', async () => {
    const rules: AccessRules = { ...OPEN_TO_READERS, anonymous: 'none', certificates: true };
    const { url } = await serve(tlsOf({ clientAuth: 'VerifyClientCertIfGiven', ...AUTHORITIES }), rules);
    expect((await get(url, own.cert, client)).status).toBe(200);
    expect((await get(url, own.cert)).status).toBe(403);
    const asked = await serve(tlsOf({ clientAuth: 'RequestClientCert', ...AUTHORITIES }), {
      ...rules,
      certificates: false,
    });
    expect((await get(asked.url, own.cert, client)).status).toBe(403);
  });
});
