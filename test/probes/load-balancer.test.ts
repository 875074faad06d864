import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type BackendState, type FrontState, frontVerdict } from '../../probes/lib/front-verdict.ts';
import { openOutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { loadBalancerProbe, type LoadBalancerSettings } from '../../probes/load-balancer.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { type ProbeTarget, probeContract, SECRET_MARKER, type TargetMode } from '../contracts/probe.ts';
import { parse } from '../contracts/probing.ts';
import { selfSigned } from '../servers/certificate.ts';
import { answer, bytes, closedPort, type HttpScript, silence, startHttpServer } from '../servers/http.ts';
import { type OutscaleApi, startOutscaleApi } from '../servers/outscale-api.ts';
import type { ApiFault } from '../servers/outscale/fault.ts';
import { REFUSALS } from '../servers/outscale/refusal.ts';
import { addLoadBalancer, type LoadBalancer } from '../servers/outscale/state.ts';
import { startStreamServer } from '../servers/tcp.ts';

const REGION = 'cloudgouv-eu-west-1';
const NAME = 'front-1';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function open(): ProbeKind<LoadBalancerSettings> {
  const kind = loadBalancerProbe(openOutscaleAccess(() => '{}'));
  cleanups.push(() => kind.close());
  return kind;
}

async function serve(
  script: HttpScript,
): Promise<{ url: string; address: string; requests: readonly string[] }> {
  const server = await startHttpServer(script);
  cleanups.push(() => server.close());
  const { origin, port, requests } = server;
  return { url: `${origin}/`, address: `127.0.0.1:${port}`, requests };
}

async function nobody(): Promise<{ url: string; address: string }> {
  const address = `127.0.0.1:${await closedPort()}`;
  return { url: `http://${address}/`, address };
}

const site = ({ url }: { readonly url: string }) => ({ url });

function run(settings: object, signal = new AbortController().signal): Promise<Reading> {
  const kind = open();
  const probe = kind.configure(parse(kind, { wait: '300ms', ...settings }));
  return probe.run({ signal, clock: systemClock, random: systemRandom });
}

/** Outcome and cause by the defaults, in words. */
function outcomeOf(reading: Reading): string {
  const kind = open();
  const settings = kind.settings.parse({ front: { host: 'a', port: 1 } });
  const classified = classify(reading, kind.defaults, kind.values(settings));
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}

async function target(mode: TargetMode): Promise<ProbeTarget> {
  const backend = await startHttpServer(answer(200));
  const api = await startOutscaleApi({ keys: { [SECRET_MARKER]: SECRET_MARKER } });
  addLoadBalancer(api.region, NAME, ['i-1']);
  const settings = {
    backends: [{ url: `${backend.origin}/` }],
    wait: '5s',
    api: {
      region: REGION,
      endpoint: api.origin,
      name: NAME,
      credentials: { accessKey: { env: 'OSC_ACCESS_KEY' }, secretKey: { env: 'OSC_SECRET_KEY' } },
    },
  };
  const received = (): number => backend.received() + api.received();
  const close = async (): Promise<void> => {
    await Promise.all([backend.close(), api.close()]);
  };
  if (mode === 'refused')
    return {
      settings: { ...settings, front: { url: `http://127.0.0.1:${await closedPort()}/` } },
      received,
      close,
    };
  const scripts = { answers: answer(200, 'ok'), silent: silence, garbage: bytes('220 mail.example.org\r\n') };
  const front = await startHttpServer(scripts[mode]);
  return {
    settings: { ...settings, front: { url: `${front.origin}/` } },
    received: () => received() + front.received(),
    close: async () => {
      await Promise.all([front.close(), close()]);
    },
  };
}

probeContract('load-balancer', {
  make: () => {
    const access = openOutscaleAccess(() => '{}');
    const permit = access.gates.of({ accessKey: SECRET_MARKER, secretKey: SECRET_MARKER }).enter();
    if (permit.kind === 'open') permit.settle({ kind: 'accepted' });
    return loadBalancerProbe(access);
  },
  target,
  garbage: 'protocol',
  secrets: true,
});

describe('frontVerdict: whose doing it is', () => {
  const table: readonly (readonly [FrontState, readonly BackendState[], string])[] = [
    ['answers', [], 'served'],
    ['answers', ['up'], 'served'],
    ['answers', ['down', 'down'], 'served'],
    ['answers', ['unseen'], 'served'],
    ['dead', [], 'front'],
    ['dead', ['up', 'up'], 'front'],
    ['dead', ['down', 'up'], 'front'],
    ['dead', ['unseen', 'up'], 'front'],
    ['dead', ['down', 'down'], 'no-backend'],
    ['dead', ['down', 'unseen'], 'unseen'],
    ['dead', ['unseen'], 'unseen'],
    ['dead', ['down', 'unknown'], 'front'],
    ['dead', ['unknown'], 'front'],
    ['dead', ['down', 'cut-off'], 'front'],
    ['failing', [], 'front'],
    ['failing', ['up', 'down'], 'front'],
    ['failing', ['down', 'down'], 'no-backend'],
    ['failing', ['down', 'unseen'], 'unseen'],
    ['unseen', ['up'], 'unseen'],
    ['unseen', ['down'], 'unseen'],
  ];
  test.each(table)('front %s, backends %j: %s', (front, backends, verdict) => {
    expect(frontVerdict(front, backends)).toBe(verdict);
  });
});

describe('load-balancer: front and backends', () => {
  test('the front answers: good, with its status, its time and what each backend is', async () => {
    const [front, up, sick, gone] = [
      await serve(answer(200)),
      await serve(answer(204)),
      await serve(answer(503)),
      await nobody(),
    ];
    const reading = await run({ front: site(front), backends: [up, sick, gone].map(site) });
    expect(outcomeOf(reading)).toBe('good');
    expect(reading).toMatchObject({
      kind: 'answer',
      values: {
        healthy: true,
        frontStatus: 200,
        frontMs: expect.any(Number),
        backendsUp: 1,
        backendsDown: 2,
        backends: [`${up.address}=up`, `${sick.address}=down(503)`, `${gone.address}=down(refused)`],
      },
      evidence: { status: 200, backendsUp: 1, backendsDown: 2 },
    });
    expect(reading.detail).toBeUndefined();
  });

  test('a client error, or a redirection, is an answer of the front', async () => {
    for (const status of [301, 404, 499])
      expect(outcomeOf(await run({ front: site(await serve(answer(status))) }))).toBe('good');
  });

  const fronts = {
    'error 503': answer(503),
    'error 500': answer(500),
    silent: silence,
    garbage: bytes('220 mail\r\n'),
  };
  const backends = { up: answer(200), sick: answer(500), silent: silence };
  const cases: readonly (readonly [keyof typeof fronts, readonly (keyof typeof backends)[], string])[] = [
    ['error 503', ['up'], 'bad status'],
    ['error 503', ['sick', 'up'], 'bad status'],
    ['error 503', [], 'bad status'],
    ['error 503', ['sick'], 'excluded no-backend'],
    ['error 503', ['silent', 'sick'], 'excluded no-backend'],
    ['error 500', ['silent'], 'excluded no-backend'],
    ['silent', ['up'], 'bad timeout'],
    ['silent', [], 'bad timeout'],
    ['silent', ['sick'], 'excluded no-backend'],
    ['garbage', ['up'], 'bad protocol'],
    ['garbage', ['sick'], 'excluded no-backend'],
  ];
  test.each(cases)('front %s, backends %j: %s', async (front, behind, outcome) => {
    const sites = await Promise.all(behind.map((each) => serve(backends[each])));
    const reading = await run({ front: site(await serve(fronts[front])), backends: sites.map(site) });
    expect(outcomeOf(reading)).toBe(outcome);
  });

  test('front refused, one backend of two up: a fault that names both', async () => {
    const [front, up, gone] = [await nobody(), await serve(answer(200)), await nobody()];
    const reading = await run({ front: site(front), backends: [gone, up].map(site) });
    expect(reading).toMatchObject({
      kind: 'fault',
      fault: 'refused',
      detail: expect.stringContaining(`backends: ${gone.address}=down(refused), ${up.address}=up`),
      values: { healthy: false, backendsUp: 1, backendsDown: 1 },
    });
  });

  test('front refused and a backend that we cannot look at: blind, for whose fault it is cannot be told', async () => {
    const unroutable = { host: '255.255.255.255', port: 80 };
    const reading = await run({ front: site(await nobody()), backends: [unroutable] });
    expect(outcomeOf(reading)).toBe('absent local-network');
  });

  test('the front of another name: the virtual host is asked for', async () => {
    const front = await serve(answer(200));
    await run({ front: { ...site(front), virtualHost: 'www.example.org' } });
    expect(front.requests[0]).toMatch(/^host: www\.example\.org\r$/im);
  });

  test('https: a certificate that is not trusted is a fault of the front, one that is named is not', async () => {
    const nowMs = Date.now();
    const tls = selfSigned({ names: ['127.0.0.1'], fromMs: nowMs - 86_400_000, toMs: nowMs + 86_400_000 });
    const server = await startHttpServer(answer(200), { tls });
    cleanups.push(() => server.close());
    const front = { url: `${server.origin}/` };
    expect(outcomeOf(await run({ front }))).toBe('bad tls');
    expect(outcomeOf(await run({ front: { ...front, tls: { ca: tls.cert } } }))).toBe('good');
  });
});

describe('load-balancer: by TCP', () => {
  test('a front that connects, or that greets where it must, is good; a silent one is not', async () => {
    const mute = await startStreamServer(() => undefined);
    const polite = await startStreamServer((socket) => socket.write('220 hello\r\n'));
    cleanups.push(
      () => mute.close(),
      () => polite.close(),
    );
    const front = { host: '127.0.0.1', port: mute.port };
    expect(outcomeOf(await run({ front }))).toBe('good');
    expect(outcomeOf(await run({ front: { ...front, greeting: true } }))).toBe('bad timeout');
    const greeting = { host: '127.0.0.1', port: polite.port, greeting: true };
    const reading = await run({ front: greeting });
    expect(outcomeOf(reading)).toBe('good');
    expect(reading).toMatchObject({ phases: { connect: expect.any(Number), ttfb: expect.any(Number) } });
  });
});

describe('load-balancer: what the API says', () => {
  async function withApi(more: Partial<LoadBalancer> = {}): Promise<{ api: OutscaleApi; settings: object }> {
    const api = await startOutscaleApi({ keys: { [SECRET_MARKER]: SECRET_MARKER } });
    cleanups.push(() => api.close());
    addLoadBalancer(api.region, NAME, ['i-1', 'i-2'], more);
    const credentials = { accessKey: { env: 'OSC_ACCESS_KEY' }, secretKey: { env: 'OSC_SECRET_KEY' } };
    const settings = { region: REGION, endpoint: api.origin, name: NAME, credentials };
    return { api, settings };
  }

  test.each(['active', 'reloading', 'reconfiguring'] as const)('state %s is shown', async (State) => {
    const { api, settings } = await withApi({ State });
    const reading = await run({ front: site(await serve(answer(200))), api: settings });
    expect(outcomeOf(reading)).toBe('good');
    expect(reading).toMatchObject({
      values: { state: State, backendsUp: 2, backendsDown: 0, backends: ['i-1=up', 'i-2=up'] },
      evidence: { state: State },
    });
    expect(api.requests.map(({ action, signature }) => `${action} ${signature}`)).toEqual([
      'ReadLoadBalancers valid',
      'ReadVmsHealth valid',
    ]);
  });

  const down = { State: 'OutOfService', StateReason: 'Instance' } as const;
  const healths: readonly (readonly [string, LoadBalancer['health'], string])[] = [
    ['both in service', { 'i-1': { State: 'InService' }, 'i-2': { State: 'InService' } }, 'bad refused'],
    ['one UP, one DOWN', { 'i-1': { State: 'UP' }, 'i-2': { State: 'DOWN' } }, 'bad refused'],
    ['both out of service by themselves', { 'i-1': down, 'i-2': down }, 'excluded no-backend'],
    [
      'both DOWN without a reason',
      { 'i-1': { State: 'DOWN' }, 'i-2': { State: 'DOWN' } },
      'excluded no-backend',
    ],
    ['one by the balancer', { 'i-1': down, 'i-2': { ...down, StateReason: 'ELB' } }, 'bad refused'],
    ['one unknown', { 'i-1': down, 'i-2': { State: 'Unknown' } }, 'bad refused'],
  ];
  test.each(healths)('front dead, no backend visited, %s: %s', async (_, health, outcome) => {
    const { settings } = await withApi({ health });
    expect(outcomeOf(await run({ front: site(await nobody()), api: settings }))).toBe(outcome);
  });

  test('a backend that is visited counts for more than what the API says of it', async () => {
    const { settings } = await withApi();
    const reading = await run({
      front: site(await nobody()),
      backends: [site(await nobody())],
      api: settings,
    });
    expect(outcomeOf(reading)).toBe('excluded no-backend');
    expect(reading).toMatchObject({ values: { backendsUp: 0, backendsDown: 1 } });
  });

  const troubles: readonly (readonly [ApiFault, RegExp])[] = [
    [{ kind: 'refuse', refusal: REFUSALS.throttledAccount }, /429 24/],
    [{ kind: 'refuse', refusal: REFUSALS.notAuthenticated }, /401 1/],
    [{ kind: 'bare-503' }, /503/],
    [{ kind: 'silent' }, /timeout/],
    [{ kind: 'html-200' }, /no LoadBalancers in the answer/],
  ];
  test.each(troubles)('an API with %o takes nothing from the front, and is told', async (fault, told) => {
    const { api, settings } = await withApi();
    api.fault = fault;
    const reading = await run({ front: site(await serve(answer(200))), api: settings });
    expect(outcomeOf(reading)).toBe('good');
    expect(reading).toMatchObject({ values: { backends: [] } });
    expect(reading.detail).toMatch(told);
  });

  test('two checks of one balancer ask the API once a second together (SLA9: one identical request a second)', async () => {
    const { api, settings } = await withApi();
    const kind = open();
    const front = await serve(answer(200));
    const [http, tcp] = [site(front), { host: '127.0.0.1', port: Number(front.address.split(':')[1]) }].map(
      (one) => kind.configure(parse(kind, { wait: '3s', front: one, api: settings })),
    );
    expect(http?.identity).not.toBe(tcp?.identity);
    const run = (): Promise<Reading>[] =>
      [http, tcp].flatMap(
        (probe) =>
          probe?.run({ signal: new AbortController().signal, clock: systemClock, random: systemRandom }) ??
          [],
      );
    const readings = await Promise.all(run());
    expect(readings.map((reading) => reading.kind === 'answer' && reading.values?.['state'])).toEqual([
      'active',
      'active',
    ]);
    expect(api.requests.map(({ action }) => action)).toEqual(['ReadLoadBalancers', 'ReadVmsHealth']);
    await pause(1_050);
    await Promise.all(run());
    expect(api.requests).toHaveLength(4);
    expect(api.closestIdenticalMs()).toBeGreaterThanOrEqual(1_000);
  });

  test('a balancer that the account does not have is absent', async () => {
    const { api, settings } = await withApi();
    api.region.loadBalancers.clear();
    const reading = await run({ front: site(await serve(answer(200))), api: settings });
    expect(reading).toMatchObject({ values: { state: 'absent' } });
  });

  test('settings: an API without credentials is a finding', () => {
    const kind = open();
    const api = { region: REGION, name: NAME };
    expect(kind.settings.safeParse({ front: { host: 'a', port: 1 }, api }).success).toBe(false);
  });
});
