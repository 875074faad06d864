import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { metadataProbe } from '../../probes/metadata.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Expectations } from '../../src/core/expectation.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { probeContract } from '../contracts/probe.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { answer, bytesThenEnd, closedPort, drip, reset, silence, startHttpServer } from '../servers/http.ts';
import type { HttpScript, HttpServer } from '../servers/http.ts';
import { metadataScript, TOLD } from '../servers/metadata.ts';

const FOLDER = '/latest/meta-data';
const kind = metadataProbe();
const cleanups: (() => Promise<void>)[] = [];

afterAll(() => kind.close());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(script: HttpScript): Promise<HttpServer> {
  const server = await startHttpServer(script);
  cleanups.push(() => server.close());
  return server;
}

function ask(server: HttpServer, settings: object = {}, signal?: AbortSignal): Promise<Reading> {
  const parsed = kind.settings.parse({ url: `${server.origin}${FOLDER}`, ...settings });
  const context = {
    signal: signal ?? new AbortController().signal,
    clock: systemClock,
    random: systemRandom,
  };
  return kind.configure(parsed).run(context);
}

/** A run whose deadline comes after so many milliseconds. */
async function askUntil(ms: number, server: HttpServer): Promise<Reading> {
  const deadline = new AbortController();
  const running = ask(server, {}, deadline.signal);
  await pause(ms);
  deadline.abort();
  return running;
}

function valuesOf(reading: Reading): Readonly<Record<string, Value>> {
  expect(reading).toMatchObject({ kind: 'answer' });
  return reading.kind === 'answer' ? (reading.values ?? {}) : {};
}

function verdictOn(reading: Reading, expectations: Expectations = {}): string {
  const specs = kind.values(kind.settings.parse({}));
  const verdict = classify(reading, { ...kind.defaults, ...expectations }, specs);
  return 'cause' in verdict ? verdict.cause : 'blind' in verdict ? verdict.blind : verdict.outcome;
}

function asked({ requests }: HttpServer): readonly string[] {
  return requests.map((request) => request.split(' ', 2).join(' '));
}

const MODES: Readonly<Record<Exclude<TargetMode, 'refused'>, HttpScript>> = {
  answers: metadataScript(),
  silent: silence,
  garbage: bytesThenEnd('this is not HTTP\r\n\r\n'),
};

probeContract('metadata', {
  make: metadataProbe,
  target: async (mode: TargetMode): Promise<ProbeTarget> => {
    if (mode === 'refused') {
      const url = `http://127.0.0.1:${await closedPort()}/`;
      return { settings: { url }, received: () => 0, close: () => Promise.resolve() };
    }
    const server = await startHttpServer(MODES[mode]);
    return { ...server, settings: { url: `${server.origin}${FOLDER}/` } };
  },
  garbage: 'protocol',
  secrets: false,
});

describe('metadataProbe: what is read', () => {
  test('instance, zone, server and cluster, each asked for once, with the time of each', async () => {
    const server = await serve(metadataScript());
    const reading = await ask(server);
    expect(valuesOf(reading)).toEqual({
      status: 200,
      instanceId: TOLD['instance-id'],
      availabilityZone: TOLD['placement/availability-zone'],
      server: TOLD['placement/server'],
      cluster: TOLD['placement/cluster'],
    });
    expect(asked(server).toSorted()).toEqual(
      ['instance-id', 'placement/availability-zone', 'placement/cluster', 'placement/server'].map(
        (path) => `GET ${FOLDER}/${path}`,
      ),
    );
    const phases = 'phases' in reading ? (reading.phases ?? {}) : {};
    expect(Object.keys(phases)).toEqual(['connect', 'instanceId', 'availabilityZone', 'server', 'cluster']);
  });

  test('only what is asked for', async () => {
    const server = await serve(metadataScript());
    expect(valuesOf(await ask(server, { placement: ['server', 'server'] }))).toEqual({
      status: 200,
      instanceId: TOLD['instance-id'],
      server: TOLD['placement/server'],
    });
    expect(server.requests).toHaveLength(2);
  });

  test('a text is taken without blanks around it, on one line, and not for ever', async () => {
    const told = { ...TOLD, 'instance-id': ' i-1\n', 'placement/server': `a\n\x1b[31m${'b'.repeat(400)}` };
    const values = valuesOf(await ask(await serve(metadataScript(told))));
    expect(values['instanceId']).toBe('i-1');
    expect(values['server']).toMatch(/^a\\010\\027\[31mb+$/);
    expect(String(values['server'])).toHaveLength(255);
  });

  test('a service that ends each connection without a word of it', async () => {
    const script: HttpScript = (socket, request) => {
      const path = request.split(' ')[1] ?? '';
      socket.end(`HTTP/1.0 200 OK\r\n\r\n${TOLD[path.slice(FOLDER.length + 1)] ?? ''}`);
    };
    expect(verdictOn(await ask(await serve(script)))).toBe('good');
  });
});

describe('metadataProbe: what is good', () => {
  const without = (...paths: readonly string[]): HttpScript =>
    metadataScript(Object.fromEntries(Object.entries(TOLD).filter(([path]) => !paths.includes(path))));

  const CASES: readonly (readonly [string, HttpScript, Expectations, string])[] = [
    ['all that is told', metadataScript(), {}, 'good'],
    ['the instance expected', metadataScript(), { instanceId: { is: 'i-0a1b2c3d' } }, 'good'],
    ['another instance', metadataScript(), { instanceId: { is: 'i-ffffffff' } }, 'content'],
    ['another zone', metadataScript(), { availabilityZone: { is: 'cloudgouv-eu-west-1b' } }, 'content'],
    ['no server, cluster and zone', without('placement/server', 'placement/cluster'), {}, 'good'],
    ['no server where one is expected', without('placement/server'), { server: { matches: /./ } }, 'content'],
    ['no instance', without('instance-id'), {}, 'status'],
    ['a page that is none of an id', answer(200, '<html>Please sign in</html>'), {}, 'content'],
    ['an empty answer', answer(200), {}, 'content'],
    ['a redirection', answer(302, '', { location: 'http://127.0.0.1:1/' }), {}, 'status'],
    ['an error', answer(503), {}, 'status'],
    ['an answer that is too long', answer(200, 'x'.repeat(5_000)), {}, 'protocol'],
    ['a body cut off', bytesThenEnd('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ni-1'), {}, 'protocol'],
    ['a connection that is reset', reset, {}, 'reset'],
    ['a refusal for want of a token', metadataScript(TOLD, 'token'), {}, 'credentials'],
  ];

  test.each(CASES)('%s', async (_what, script, expectations, verdict) => {
    expect(verdictOn(await ask(await serve(script)), expectations)).toBe(verdict);
  });

  test('an error beside good answers is bad, and says where', async () => {
    const server = await serve((socket, request) =>
      (request.includes('zone') ? answer(500) : metadataScript())(socket, request),
    );
    const reading = await ask(server);
    expect(verdictOn(reading)).toBe('status');
    expect(reading).toMatchObject({
      values: { status: 500, instanceId: TOLD['instance-id'] },
      evidence: { status: 500, asked: expect.stringContaining('placement/availability-zone') },
    });
  });

  test('a service that is slow to every request is so once', async () => {
    const server = await serve((socket, request) => {
      setTimeout(() => metadataScript()(socket, request), 100);
    });
    const reading = await ask(server);
    expect(verdictOn(reading, { latency: { below: 250 } })).toBe('good');
    expect(verdictOn(reading, { latency: { below: 100 } })).toBe('slow');
  });

  test('a deadline in the middle: timeout, and nothing more is asked', async () => {
    const server = await serve((socket, request) =>
      request.includes('zone') ? undefined : metadataScript()(socket, request),
    );
    const reading = await askUntil(150, server);
    expect(reading).toMatchObject({
      kind: 'fault',
      fault: 'timeout',
      phases: { instanceId: expect.any(Number) },
    });
    expect(reading.detail).toMatch(/^GET .*\/placement\/availability-zone: timeout in ttfb/);
    await pause(50);
    expect(server.requests).toHaveLength(4);
    expect(server.open()).toBe(0);
  });

  test('an answer that drips is a timeout at the deadline', async () => {
    const script = drip(
      ['HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n', ...Array.from({ length: 90 }, () => 'i')],
      20,
    );
    expect(verdictOn(await askUntil(150, await serve(script)))).toBe('timeout');
  });
});

describe('metadataProbe with a session token', () => {
  const TOKEN = 'AQAEAL8-s3cr3t-t0k3n==';

  test('it is fetched once and sent along', async () => {
    const server = await serve(metadataScript(TOLD, TOKEN));
    const reading = await ask(server, { token: true });
    expect(verdictOn(reading)).toBe('good');
    expect(asked(server)[0]).toBe('PUT /latest/api/token');
    expect(server.requests).toHaveLength(5);
    expect(reading).toMatchObject({ phases: { token: expect.any(Number) } });
  });

  test('it is never told, even where the service tells it', async () => {
    const told = { ...TOLD, 'placement/server': `server ${TOKEN}` };
    const reading = await ask(await serve(metadataScript(told, TOKEN)), { token: true });
    expect(valuesOf(reading)['server']).toBe('server [secret]');
    expect(JSON.stringify(reading)).not.toContain(TOKEN);
  });

  test.each([
    ['a service that gives none', metadataScript(), 'status'],
    ['one that cannot be sent', answer(200, '\u{1f511}'), 'content'],
    ['an empty one', answer(200), 'content'],
  ])('%s: bad, and nothing is asked for in vain', async (_what, script, verdict) => {
    const server = await serve(script);
    expect(verdictOn(await ask(server, { token: true }))).toBe(verdict);
    expect(server.requests).toHaveLength(1);
  });

  test('one that is refused then: bad', async () => {
    expect(verdictOn(await ask(await serve(refusing()), { token: true }))).toBe('status');
  });

  function refusing(): HttpScript {
    return (socket, request) => answer(request.startsWith('PUT') ? 200 : 401, 'token')(socket, request);
  }
});

describe('metadataProbe: settings', () => {
  test.each(['https://169.254.169.254/', 'http://a:b@169.254.169.254/', 'http://a/?x', 'http://a/#x', 'a'])(
    'url %s is refused',
    (url) => {
      expect(kind.settings.safeParse({ url }).success).toBe(false);
    },
  );

  test('the address of the clouds is the default', () => {
    expect(kind.settings.parse({}).url).toBe('http://169.254.169.254/latest/meta-data/');
  });
});
