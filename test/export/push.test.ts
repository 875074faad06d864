import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { AlertPush } from '../../src/export/alerting/alert-push.ts';
import type { TrackedAlert } from '../../src/export/alerting/watched.ts';
import { type AlertState, nextState } from '../../src/export/alerting/alert-state.ts';
import {
  type AlertmanagerAddress,
  createAlertmanager,
  type PostableAlert,
  PUSH_DEADLINE_MS,
} from '../../src/export/alerting/alertmanager.ts';
import { postableAt, type Tellers } from '../../src/export/alerting/postable.ts';
import type { AlertRule } from '../../src/export/rules/alert.ts';
import { rowGroups } from '../../src/export/rules/row-alerts.ts';
import { FakeClock } from '../fake-clock.ts';
import { selfSigned } from '../servers/certificate.ts';
import { freePort } from '../servers/started-program.ts';
import { makeVerdict } from './make-verdict.ts';
import { everyRow, shippedContract } from './rules-setup.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const BACKGROUND = {
  links: { url: 'https://vigie.example.org', runbooks: 'https://wiki.example.org/r' },
  promiseOf: () => '99.9 % a month: API.',
  sightingsOf: () => ({ good: ['az-b'], bad: ['az-a'] }),
};
const SETUP = everyRow(shippedContract('outscale-secnumcloud'), { alerting: BACKGROUND.links });

function ruleNamed(name: string): AlertRule {
  const rule = rowGroups(SETUP)
    .flatMap(({ rules }) => rules)
    .find((one) => one.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
}

const OPEN = {
  fromMs: NOW - 300_000,
  toMs: NOW,
  badMs: 290_000,
  countedMs: 290_000,
  causes: ['refused', 'timeout'] as const,
};

function alertIn(state: TrackedAlert['state'], name = 'VigieIncident'): TrackedAlert {
  const rule = ruleNamed(name);
  const labels = { alertname: name, row: 'sla4.api', scope: 'region', clause: 'SLA4' };
  return { rule, labels, state, value: 290, verdict: makeVerdict({ openIncident: OPEN }) };
}

const isoAt = (ms: number): string => new Date(ms).toISOString();

describe('nextState', () => {
  const delays = { forMs: 20, keepMs: 30 };
  const run = (...found: readonly boolean[]): readonly AlertState[] => {
    let state: AlertState = { phase: 'inactive' };
    return found.map((holds, i) => (state = nextState(state, { holds, nowMs: i * 10 }, delays)));
  };
  const phases = (...found: readonly boolean[]) => run(...found).map(({ phase }) => phase);

  test('fires when its condition has held for long enough, since it began to', () => {
    expect(phases(true, true, true)).toEqual(['pending', 'pending', 'firing']);
    expect(run(true, true, true)[2]).toEqual({ phase: 'firing', startsMs: 0 });
    expect(phases(true, true, false, true)).toEqual(['pending', 'pending', 'inactive', 'pending']);
  });

  test('goes on for as long as it is kept, and then ends; what comes again meanwhile is the same alert', () => {
    const [, , , , , , ended] = run(true, true, true, false, false, false, false);
    expect(ended).toEqual({ phase: 'ended', startsMs: 0, endedMs: 60 });
    expect(run(true, true, true, false, false, true).at(-1)).toEqual({ phase: 'firing', startsMs: 0 });
  });

  test('began when what it tells of did', () => {
    const found = { holds: true, nowMs: 100, beganMs: 40 };
    expect(nextState({ phase: 'inactive' }, found, { forMs: 0, keepMs: 0 })).toEqual({
      phase: 'firing',
      startsMs: 40,
    });
  });
});

describe('postableAt', () => {
  const firing = (quietForMs?: number, tellers: Tellers = 'rules-too'): PostableAlert | undefined =>
    postableAt(
      alertIn({
        phase: 'firing',
        startsMs: OPEN.fromMs,
        ...(quietForMs !== undefined && { quietSinceMs: NOW - quietForMs }),
      }),
      NOW,
      BACKGROUND,
      tellers,
    );
  const endedFor = (ms: number, tellers: Tellers = 'rules-too'): PostableAlert | undefined =>
    postableAt(
      alertIn({ phase: 'ended', startsMs: OPEN.fromMs, endedMs: NOW - ms }),
      NOW,
      BACKGROUND,
      tellers,
    );

  test('a firing alert ends four resends from now, and began when its incident did', () => {
    expect(firing()).toMatchObject({ startsAt: isoAt(OPEN.fromMs), endsAt: isoAt(NOW + 120_000) });
  });

  test('one whose condition holds no more is told until 10 s before its end', () => {
    // An incident's alert is kept for five slots of 10 s.
    expect(firing(39_000)?.endsAt).toBe(isoAt(NOW + 120_000));
    expect(firing(40_000)).toBeUndefined();
  });

  test('its end is told when Prometheus must have seen it as well, and for 15 minutes', () => {
    expect(endedFor(0)).toBeUndefined();
    expect(endedFor(179_999)).toBeUndefined();
    expect(endedFor(180_000)?.endsAt).toBe(isoAt(NOW - 180_000));
    expect(endedFor(1_079_999)?.endsAt).toBe(isoAt(NOW - 1_079_999));
    expect(endedFor(1_080_000)).toBeUndefined();
  });

  test('alone, it is told until its end, and its end at once and for 15 minutes', () => {
    expect(firing(49_999, 'alone')?.endsAt).toBe(isoAt(NOW + 120_000));
    expect(endedFor(0, 'alone')?.endsAt).toBe(isoAt(NOW));
    expect(endedFor(899_999, 'alone')?.endsAt).toBe(isoAt(NOW - 899_999));
    expect(endedFor(900_000, 'alone')).toBeUndefined();
  });

  test('says all that the rule says', () => {
    expect(firing()?.generatorURL).toBe('https://vigie.example.org/rows/sla4.api?scope=region');
    expect(firing()?.annotations).toEqual({
      summary: 'sla4.api (region) is down, for 4m50s so far',
      description: [
        'SLA4 promises 99.9 % a month: API.',
        'Incident since 2026-03-10T11:55:00.000Z, 4m50s of it bad. Causes seen: refused, timeout.',
        'Measured in 2026-03: 20s of downtime count (10s at best, 30s at worst), 25s before deductions.',
        'Budget left: 44m15s of 44m35s. An outage from now on would break the promise after 44m15s.',
        'Vantages that last saw it bad: az-a; good: az-b.',
        'Not known: 1s of 2026-03 were not seen; of the last hour, not known how much were.',
      ].join('\n'),
      incident: 'https://vigie.example.org/rows/sla4.api?scope=region',
      runbook_url: 'https://wiki.example.org/r#vigieincident',
    });
  });
});

interface Got {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly alerts: readonly PostableAlert[];
}

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that takes note of what it is sent and then behaves as it is told. */
async function receiver(behave: Behaviour, tls?: { readonly key: string; readonly cert: string }) {
  const got: Got[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const alerts = JSON.parse(Buffer.concat(chunks).toString()) as Got['alerts'];
      got.push({ path: request.url ?? '', authorization: request.headers.authorization, alerts });
      behave(request, response);
    });
  };
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, got };
}

const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_, response) =>
    void response.writeHead(status, headers).end('{}');

const ALERT: PostableAlert = {
  labels: { alertname: 'X' },
  annotations: {},
  startsAt: isoAt(NOW),
  endsAt: isoAt(NOW + 120_000),
};

function post(address: AlertmanagerAddress, count = 1, clock: FakeClock | typeof systemClock = systemClock) {
  const alertmanager = createAlertmanager(address, clock);
  ending.push(() => alertmanager.close());
  return alertmanager.post(Array.from({ length: count }, () => ALERT));
}

function secret(value: string): Secret {
  const made = new Secret({ env: 'X' });
  made.resolve(() => value);
  return made;
}

describe('createAlertmanager', () => {
  test.each([
    [200, 'accepted'],
    [202, 'accepted'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [500, 'failed'],
    [503, 'failed'],
  ])('an answer of %i is %s', async (status, result) => {
    const { url, got } = await receiver(answering(status, { location: 'http://127.0.0.1:1/' }));
    expect(await post({ url: `${url}/prefix` })).toEqual([{ result, code: String(status) }]);
    expect(got.map(({ path }) => path)).toEqual(['/prefix/api/v2/alerts']);
  });

  test('nobody there: unreachable, with the code of the system', async () => {
    expect(await post({ url: `http://127.0.0.1:${await freePort()}` })).toEqual([
      { result: 'unreachable', code: 'ECONNREFUSED' },
    ]);
  });

  test('one that hangs up: unreachable', async () => {
    const { url } = await receiver((request) => void request.socket.destroy());
    expect(await post({ url })).toEqual([{ result: 'unreachable', code: 'UND_ERR_SOCKET' }]);
  });

  test.each<readonly [string, Behaviour]>([
    ['never answers', () => undefined],
    ['begins to answer and goes silent', (_, response) => void response.writeHead(200).write('{')],
  ])('one that %s is given up after 10 s', async (_name, behave) => {
    const { url, got } = await receiver(behave);
    const clock = new FakeClock();
    const outcome = post({ url }, 1, clock);
    while (got.length === 0) await pause(5);
    await pause(20);
    await clock.advance(PUSH_DEADLINE_MS - 1);
    await expect(Promise.race([outcome, pause(50, 'waits')])).resolves.toBe('waits');
    await clock.advance(1);
    expect(await outcome).toEqual([{ result: 'timeout', code: 'deadline' }]);
  });

  test('of an answer without end no more is read than is needed', async () => {
    let written = 0;
    const { url } = await receiver((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    expect(await post({ url })).toHaveLength(1);
    await pause(50);
    expect(written).toBeLessThan(8_000_000);
  });

  test('many alerts go in several requests; when one fails the others are not tried', async () => {
    const good = await receiver(answering(200));
    expect((await post({ url: good.url }, 250)).map(({ result }) => result)).toEqual(
      Array(3).fill('accepted'),
    );
    expect(good.got.map(({ alerts }) => alerts.length)).toEqual([100, 100, 50]);
    const bad = await receiver(answering(503));
    expect(await post({ url: bad.url }, 250)).toHaveLength(1);
  });

  test('shows a password or a token to the Alertmanager alone', async () => {
    const { url, got } = await receiver(answering(200));
    await post({ url, username: 'vigie', password: secret('hunter2') });
    await post({ url, token: secret('hunter3') });
    expect(got.map(({ authorization }) => authorization)).toEqual([
      `Basic ${Buffer.from('vigie:hunter2').toString('base64')}`,
      'Bearer hunter3',
    ]);
  });

  test('believes a certificate by the authorities that it is given, and no other', async () => {
    const tls = selfSigned({ names: ['127.0.0.1'], fromMs: Date.now() - 1000, toMs: Date.now() + 3_600_000 });
    const { url, got } = await receiver(answering(200), tls);
    expect(await post({ url, tls: { ca: tls.cert, verify: true } })).toEqual([
      { result: 'accepted', code: '200' },
    ]);
    const [distrusted] = await post({ url });
    expect(distrusted?.result).toBe('unreachable');
    expect(distrusted?.code).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    expect(await post({ url, tls: { verify: false } })).toEqual([{ result: 'accepted', code: '200' }]);
    expect(got).toHaveLength(2);
  });
});

describe('AlertPush', () => {
  const open = makeVerdict({ atMs: NOW, openIncident: OPEN, incidents: [OPEN] });
  const quiet = makeVerdict({ atMs: NOW });

  async function pushing(
    urls: readonly string[],
    leads: () => boolean = () => true,
    tellers: Tellers = 'rules-too',
  ) {
    const clock = new FakeClock(NOW);
    const outcomes: string[] = [];
    const push = new AlertPush({
      clock,
      setup: SETUP,
      alertmanagers: urls.map((url) => ({ url })),
      tellers,
      leads,
      sightings: () => BACKGROUND.sightingsOf,
      onOutcome: (name, { result }) => outcomes.push(`${name} ${result}`),
    });
    ending.push(() => push.stop());
    await clock.advance(0);
    const judge = async (verdict: Verdict, ms = 1_000): Promise<void> => {
      await clock.advance(ms);
      push.judged(clock.wallMs(), [{ ...verdict, atMs: clock.wallMs() }]);
      await clock.advance(0);
    };
    return { push, clock, outcomes, judge };
  }

  const count = async (of: { readonly got: readonly unknown[] }, wanted: number): Promise<void> => {
    for (let i = 0; i < 200 && of.got.length < wanted; i++) await pause(10);
    await pause(30);
    expect(of.got).toHaveLength(wanted);
  };

  test('tells every Alertmanager at once, then every 30 s; nothing while there is nothing', async () => {
    const [a, b] = [await receiver(answering(200)), await receiver(answering(200))];
    const { clock, judge } = await pushing([a.url, b.url]);
    await judge(quiet);
    await clock.advance(60_000);
    await count(a, 0);
    await judge(open);
    await Promise.all([count(a, 1), count(b, 1)]);
    await clock.advance(29_999);
    await count(a, 1);
    await clock.advance(1);
    await Promise.all([count(a, 2), count(b, 2)]);
    const [alert] = a.got[1]?.alerts ?? [];
    expect(alert?.labels).toEqual({
      alertname: 'VigieIncident',
      severity: 'page',
      kind: 'sla',
      region: SETUP.region,
      family: 'availability-10s',
      row: 'sla4.api',
      scope: 'region',
      clause: 'SLA4',
      level: 'service',
    });
  });

  test('one that is away or hangs keeps nothing from the others, and is told as soon as it is back', async () => {
    let isHanging = true;
    const hanging = await receiver((request, response) => {
      if (!isHanging) answering(200)(request, response);
    });
    const good = await receiver(answering(200));
    const away = `http://127.0.0.1:${await freePort()}`;
    const { clock, judge, outcomes } = await pushing([hanging.url, away, good.url]);
    await judge(open);
    await Promise.all([count(hanging, 1), count(good, 1)]);
    await clock.advance(PUSH_DEADLINE_MS);
    await pause(50);
    expect(outcomes).toContain(`${new URL(hanging.url).host} timeout`);
    expect(outcomes).toContain(`${new URL(away).host} unreachable`);
    isHanging = false;
    await clock.advance(5_000);
    await count(hanging, 2);
    expect(outcomes).toContain(`${new URL(hanging.url).host} accepted`);
  });

  test('only the one that leads tells; one that takes over tells at once', async () => {
    let leads = false;
    const am = await receiver(answering(200));
    const { clock, judge } = await pushing([am.url], () => leads);
    await judge(open);
    await clock.advance(60_000);
    await count(am, 0);
    leads = true;
    await judge(open);
    await count(am, 1);
    leads = false;
    await judge(open);
    await clock.advance(60_000);
    await count(am, 1);
  });

  test.each([
    ['rules-too', []],
    ['alone', [isoAt(NOW + 52_000)]],
  ] as const)(
    '%s: the end of an alert is told with the evaluation that finds it: %j',
    async (tellers, ends) => {
      const am = await receiver(answering(200));
      const { clock, judge } = await pushing([am.url], () => true, tellers);
      await judge(open);
      await count(am, 1);
      await judge(quiet);
      // It is kept for five slots of 10 s.
      await judge(quiet, 50_000);
      await pause(100);
      await clock.advance(0);
      await pause(100);
      const past = am.got
        .flatMap(({ alerts }) => alerts)
        .filter(({ endsAt }) => endsAt <= isoAt(NOW + 52_000));
      expect(past.map(({ endsAt }) => endsAt)).toEqual(ends);
    },
  );

  test('an incident that ended while nothing ran is told as ended, and not as firing', async () => {
    const am = await receiver(answering(200));
    const ended = { ...OPEN, toMs: NOW - 240_000, fromMs: NOW - 600_000 };
    const { judge } = await pushing([am.url]);
    await judge(makeVerdict({ incidents: [ended] }));
    await count(am, 1);
    const [alert] = am.got[0]?.alerts ?? [];
    expect([alert?.startsAt, alert?.endsAt]).toEqual([isoAt(ended.fromMs), isoAt(ended.toMs + 50_000)]);
  });

  test('an incident too short to be told is not told as ended, nor one of more than an hour ago', async () => {
    const am = await receiver(answering(200));
    const short = { ...OPEN, badMs: 30_000, toMs: NOW - 240_000, fromMs: NOW - 300_000 };
    const old = { ...OPEN, toMs: NOW - 3_700_000, fromMs: NOW - 4_000_000 };
    const { clock, judge } = await pushing([am.url]);
    await judge(makeVerdict({ incidents: [old, short] }));
    await clock.advance(30_000);
    await count(am, 0);
  });

  test('stopped, it says nothing more: its alerts are the next process’ to end', async () => {
    const am = await receiver(answering(200));
    const { push, clock, judge } = await pushing([am.url]);
    await judge(open);
    await count(am, 1);
    await push.stop();
    await judge(quiet);
    await clock.advance(600_000);
    await count(am, 1);
    expect(clock.pending).toBe(0);
  });
});
