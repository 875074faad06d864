import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { openOutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { loadBalancerProbe } from '../../probes/load-balancer.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { selfSigned } from '../servers/certificate.ts';
import { type Haproxy, startHaproxy } from '../servers/haproxy.ts';
import { answer, closedPort, startHttpServer } from '../servers/http.ts';
import { startNginx } from '../servers/nginx.ts';
import { findProgram } from '../servers/packages.ts';
import { startStreamServer } from '../servers/tcp.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const kind = loadBalancerProbe(openOutscaleAccess(() => '{}'));

async function look(settings: object): Promise<Reading> {
  const probe = kind.configure(kind.settings.parse({ wait: '500ms', ...settings }));
  cleanups.push(() => kind.close());
  return probe.run({ signal: new AbortController().signal, clock: systemClock, random: systemRandom });
}

/** The outcome and its cause, in words. */
async function seen(settings: object): Promise<string> {
  const reading = await look(settings);
  const specs = kind.values(kind.settings.parse({ front: { host: 'a', port: 1 } }));
  const classified = classify(reading, kind.defaults, specs);
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}

/** A site whose health is switched. */
interface SwitchedSite {
  readonly port: number;
  status: number;
}

async function switched(): Promise<SwitchedSite> {
  const site = { port: 0, status: 200 };
  const server = await startHttpServer((socket, request) => answer(site.status)(socket, request));
  cleanups.push(() => server.close());
  return Object.assign(site, { port: server.port });
}

async function balance(mode: 'http' | 'tcp', ports: readonly number[]): Promise<Haproxy> {
  const haproxy = await startHaproxy(mode, ports);
  cleanups.push(() => haproxy.stop());
  return haproxy;
}

const urlOf = (port: number) => ({ url: `http://127.0.0.1:${port}/health` });

describe.skipIf(!findProgram('haproxy'))('load-balancer against haproxy (needs haproxy)', () => {
  test('by HTTP: backends die one after the other, revive, and then the front dies', async () => {
    const [one, other] = [await switched(), await switched()];
    const haproxy = await balance('http', [one.port, other.port]);
    const settings = { front: urlOf(haproxy.port), backends: [urlOf(one.port), urlOf(other.port)] };
    await haproxy.untilUp(2);
    expect(await look(settings)).toMatchObject({ values: { frontStatus: 200, backendsUp: 2 } });
    one.status = 503;
    await haproxy.untilUp(1);
    expect(await look(settings)).toMatchObject({
      kind: 'answer',
      values: { frontStatus: 200, backendsUp: 1, backendsDown: 1 },
    });
    other.status = 503;
    await haproxy.untilUp(0);
    expect(await look(settings)).toMatchObject({ refusal: 'no-backend', values: { frontStatus: 503 } });
    one.status = 200;
    await haproxy.untilUp(1);
    expect(await seen(settings)).toBe('good');
    haproxy.freeze();
    expect(await seen(settings)).toBe('bad timeout');
    one.status = 503;
    expect(await seen(settings)).toBe('excluded no-backend');
    await haproxy.kill();
    expect(await seen(settings)).toBe('excluded no-backend');
    one.status = 200;
    expect(await seen(settings)).toBe('bad refused');
  });

  test('by HTTP: a front that has lost its way to a living backend is bad, though it answers 503', async () => {
    const living = await switched();
    const haproxy = await balance('http', [await closedPort()]);
    await haproxy.untilUp(0);
    expect(await seen({ front: urlOf(haproxy.port), backends: [urlOf(living.port)] })).toBe('bad status');
    expect(await seen({ front: urlOf(haproxy.port) })).toBe('bad status');
  });

  test('by TCP: a front without backends takes connections and drops them; a greeting tells', async () => {
    const backend = await startStreamServer((socket) => socket.write('220 hello\r\n'));
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= backend.close());
    cleanups.push(close);
    const haproxy = await balance('tcp', [backend.port]);
    await haproxy.untilUp(1);
    const front = { host: '127.0.0.1', port: haproxy.port, greeting: true };
    const settings = { front, backends: [{ ...front, port: backend.port }] };
    expect(await seen(settings)).toBe('good');
    await close();
    await haproxy.untilUp(0);
    expect(await seen(settings)).toBe('excluded no-backend');
    expect(await seen({ front: { ...front, greeting: false } })).toBe('good');
  });

  test('config/examples/load-balancer.yaml: every check is good before haproxy, its addresses put there', async () => {
    const site = await switched();
    const [http, tcp] = [await balance('http', [site.port]), await balance('tcp', [site.port])];
    await Promise.all([http.untilUp(1), tcp.untilUp(1)]);
    const kinds = probeKinds();
    cleanups.push(async () => {
      await Promise.all([...kinds.values()].map((each) => each.close()));
    });
    const path = fileURLToPath(new URL('../../config/examples/load-balancer.yaml', import.meta.url));
    const local = (text: string): string =>
      text
        .replaceAll('https://www.example.org/', `http://127.0.0.1:${http.port}/`)
        .replaceAll('db.example.org, port: 5432', `127.0.0.1, port: ${tcp.port}`)
        .replaceAll(/10\.0\.\d\.\d+:8080/g, `127.0.0.1:${site.port}`)
        .replaceAll(/10\.0\.\d\.\d+, port: 5432/g, `127.0.0.1, port: ${site.port}`);
    const readFile = (name: string): string =>
      name === path ? local(readTextFile(name)) : readTextFile(name);
    const env = { OSC_ACCESS_KEY: 'EXAMPLE', OSC_SECRET_KEY: 'example' };
    const { config, problems } = loadConfig(path, { kinds, readFile, env, shippedContract });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const outcomes: string[] = [];
    for (const { id, probe, settings, expectations } of config?.checks ?? []) {
      expect(probe).toBe('load-balancer');
      const parsed = settings as ReturnType<typeof kind.settings.parse>;
      const configured = kind.configure({ ...parsed, api: undefined });
      const context = { signal: new AbortController().signal, clock: systemClock, random: systemRandom };
      const reading = await configured.run(context);
      outcomes.push(`${id} ${classify(reading, expectations, kind.values(parsed)).outcome}`);
    }
    expect(outcomes).toEqual(['site good', 'database good']);
  });
});

describe.skipIf(!findProgram('nginx'))('load-balancer against nginx (needs nginx from nginx-light)', () => {
  test('over TLS: good with the backend, excluded without, bad when it looks for it in the wrong place', async () => {
    const backend = await switched();
    const nowMs = Date.now();
    const credentials = selfSigned({
      names: ['127.0.0.1'],
      fromMs: nowMs - 86_400_000,
      toMs: nowMs + 86_400_000,
    });
    const locations = `
      proxy_next_upstream off;
      location /health { proxy_pass http://127.0.0.1:${backend.port}; }
      location /lost { proxy_pass http://127.0.0.1:${await closedPort()}; }
    `;
    const nginx = await startNginx(locations, {}, credentials);
    cleanups.push(() => nginx.stop());
    const front = { url: `https://127.0.0.1:${nginx.httpsPort}/health`, tls: { ca: credentials.cert } };
    const backends = [urlOf(backend.port)];
    expect(await seen({ front, backends })).toBe('good');
    const lost = { ...front, url: `https://127.0.0.1:${nginx.httpsPort}/lost` };
    expect(await look({ front: lost, backends })).toMatchObject({
      values: { frontStatus: 502, backendsUp: 1 },
    });
    expect(await seen({ front: lost, backends })).toBe('bad status');
    backend.status = 500;
    expect(await seen({ front, backends })).toBe('excluded no-backend');
  });
});
