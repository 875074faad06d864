import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { vmProbe, type VmSettings } from '../../probes/vm.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { ConfiguredProbe, ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { type ProbeTarget, probeContract, SECRET_MARKER, type TargetMode } from '../contracts/probe.ts';
import { bytes, closedPort, silence, startHttpServer } from '../servers/http.ts';
import { type OutscaleApi, startOutscaleApi } from '../servers/outscale-api.ts';
import type { ApiFault } from '../servers/outscale/fault.ts';
import { type Refusal, REFUSALS } from '../servers/outscale/refusal.ts';
import { addVm, type Vm, type VmState } from '../servers/outscale/state.ts';
import { startStreamServer, type StreamServer } from '../servers/tcp.ts';

const REGION = 'cloudgouv-eu-west-1';
const VM = 'i-0b0c5e01';
const ACCESS_KEY = '11112211111110000000';
const SECRET_KEY = '0000001111112222223333334444445555555666';
const MINUTE = 60_000;
const PLAN = { allowed: true };

/** The time of all, vigie's and the provider's; tests set it. */
let nowMs = 0;
const clock: Clock = {
  ...systemClock,
  wallMs: () => nowMs,
  monotonicMs: () => systemClock.monotonicMs() + nowMs,
};
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  nowMs = Date.parse('2026-03-01T00:00:00.000Z');
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Scene {
  readonly api: OutscaleApi;
  readonly vm: Vm;
  readonly kind: ProbeKind<VmSettings>;
  /** A probe of the machine, with a memory of its own. */
  probe(settings?: object): ConfiguredProbe;
}

async function scene(): Promise<Scene> {
  const api = await startOutscaleApi({ keys: { [ACCESS_KEY]: SECRET_KEY }, now: () => nowMs });
  cleanups.push(() => api.close());
  const vm = addVm(api.region, VM);
  addVm(api.region, 'i-0b0c5e02', { State: 'stopped' });
  const kind = vmProbe(openOutscaleAccess(() => '{}'));
  cleanups.push(() => kind.close());
  const credentials = { accessKey: ACCESS_KEY, secretKey: { env: 'OSC_SECRET_KEY' } };
  const probe = (settings: object = {}): ConfiguredProbe => {
    const all = { region: REGION, endpoint: api.origin, vmId: VM, credentials, ...settings };
    const parsed = kind.settings.parse(all);
    if (parsed.credentials && 'secretKey' in parsed.credentials)
      parsed.credentials.secretKey.resolve(() => SECRET_KEY);
    return kind.configure(parsed);
  };
  return { api, vm, kind, probe };
}

function look(probe: ConfiguredProbe, signal = new AbortController().signal): Promise<Reading> {
  return probe.run({ signal, clock, random: systemRandom });
}

/** What a check by the defaults makes of a reading, in words. */
function outcomeOf({ kind }: Scene, reading: Reading): string {
  const classified = classify(reading, kind.defaults, kind.values({} as VmSettings));
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}

async function outcome(on: Scene, probe: ConfiguredProbe): Promise<string> {
  return outcomeOf(on, await look(probe));
}

/** One line of the record of calls, as if someone else of the account had made it. */
function recorded(
  { api }: Scene,
  QueryCallName: string,
  ResponseStatusCode: number,
  payload: object = {},
): void {
  api.region.apiLogs.push({
    QueryCallName,
    QueryDate: new Date(nowMs).toISOString(),
    AccountId: '123456789012',
    QueryAccessKey: 'ABCDEFGHIJ0123456789',
    QueryPayloadRaw: JSON.stringify({ VmIds: [VM], ...payload }),
    QueryUserAgent: 'oapi-cli',
    QueryIpAddress: '192.0.2.1',
    RequestId: `recorded-${api.region.apiLogs.length}`,
    ResponseStatusCode,
  });
}

function startsSent({ api }: Scene): number {
  return api.requests.filter(({ action }) => action === 'StartVms').length;
}

async function listening(): Promise<StreamServer> {
  const server = await startStreamServer(() => undefined);
  cleanups.push(() => server.close());
  return server;
}

async function contractTarget(mode: TargetMode): Promise<ProbeTarget> {
  const settings = {
    region: REGION,
    vmId: VM,
    credentials: { accessKey: { env: 'OSC_ACCESS_KEY' }, secretKey: { env: 'OSC_SECRET_KEY' } },
  };
  const of = (port: number): object => ({
    ...settings,
    endpoint: `http://127.0.0.1:${port}`,
    heartbeat: mode === 'garbage' ? undefined : { host: '127.0.0.1', port },
  });
  if (mode === 'refused')
    return { settings: { ...of(await closedPort()) }, received: () => 0, close: async () => undefined };
  const server =
    mode === 'answers'
      ? await startEchoingApi()
      : await startHttpServer(mode === 'silent' ? silence : bytes('220 mail.example.org ESMTP\r\n'));
  return {
    settings: { ...of(Number(new URL(server.origin).port)) },
    received: () => server.received(),
    close: () => server.close(),
  };
}

/** Tells a machine that runs, and the marker plain and in base64. */
async function startEchoingApi(): Promise<OutscaleApi> {
  const api = await startOutscaleApi({ keys: { [SECRET_MARKER]: SECRET_MARKER } });
  const marker = `${SECRET_MARKER} ${Buffer.from(SECRET_MARKER).toString('base64')}`;
  const VmStates = [
    { VmId: VM, VmState: 'running', SubregionName: marker, MaintenanceEvents: [{ Code: marker }] },
  ];
  api.fault = { kind: 'lie', body: JSON.stringify({ VmStates, ResponseContext: { RequestId: marker } }) };
  return api;
}

/** A kind whose key was accepted before, so that it may sign many requests at once. */
function provenKind(): ProbeKind<VmSettings> {
  const access = openOutscaleAccess(() => '{}');
  const permit = access.gates.of({ accessKey: SECRET_MARKER, secretKey: SECRET_MARKER }).enter();
  if (permit.kind === 'open') permit.settle({ kind: 'accepted' });
  return vmProbe(access);
}

probeContract('vm', {
  make: provenKind,
  target: contractTarget,
  garbage: 'protocol',
  secrets: true,
  hearsay: true,
});

describe('vm: a machine that runs (sla9.vm)', () => {
  it('is good, by one call', async () => {
    const on = await scene();
    const reading = await look(on.probe({ placementServer: 'server-17' }));
    expect(outcomeOf(on, reading)).toBe('good');
    expect(reading).toMatchObject({
      values: { state: 'running', canRestart: true, subregion: `${REGION}a`, placementServer: 'server-17' },
      evidence: { state: 'running', requestId: '00000000-0000-4000-8000-000000000001' },
    });
    expect(on.api.requests).toMatchObject([
      { action: 'ReadVmsState', body: `{"AllVms":true,"Filters":{"VmIds":["${VM}"]}}`, signature: 'valid' },
    ]);
  });

  it('heartbeat: heard, its time told', async () => {
    const on = await scene();
    const { port } = await listening();
    const reading = await look(on.probe({ heartbeat: { host: '127.0.0.1', port } }));
    expect(reading).toMatchObject({
      values: { reachable: true, heartbeat: 'connected', heartbeatMs: expect.any(Number) },
      phases: { heartbeat: expect.any(Number) },
    });
  });

  it('heartbeat refused: good by the letter of SLA9, bad where it is expected (sla1.az)', async () => {
    const on = await scene();
    const reading = await look(on.probe({ heartbeat: { host: '127.0.0.1', port: await closedPort() } }));
    expect(reading).toMatchObject({ values: { state: 'running', reachable: false, heartbeat: 'refused' } });
    expect(outcomeOf(on, reading)).toBe('good');
    const az = classify(
      reading,
      { ...on.kind.defaults, reachable: { is: true } },
      on.kind.values({} as VmSettings),
    );
    expect(az).toMatchObject({ outcome: 'bad', cause: 'unexpected' });
  });

  it('maintenance events are proposals: told, never applied', async () => {
    const on = await scene();
    const span = { NotBefore: '2026-02-28T22:00:00.000Z', NotAfter: '2026-03-02T00:00:00.000Z' };
    on.vm.MaintenanceEvents.push({ Code: 'system-reboot', Description: 'a reboot', ...span });
    const probe = on.probe();
    const told = ['system-reboot 2026-02-28T22:00:00.000Z/2026-03-02T00:00:00.000Z'];
    expect(await look(probe)).toMatchObject({ values: { maintenance: told } });
    on.vm.State = 'stopped';
    recorded(on, 'StartVms', 500);
    nowMs += MINUTE;
    expect(await look(probe)).toMatchObject({ values: { maintenance: told, canRestart: true } });
    nowMs += MINUTE;
    recorded(on, 'StartVms', 500);
    expect(await outcome(on, probe)).toBe('bad cannot-restart');
  });
});

describe('vm: a machine that is down (sla9.vm)', () => {
  it.each<VmState>(['stopped', 'stopping', 'shutting-down', 'terminated', 'quarantine', 'pending'])(
    '%s, and nobody tried to start it: excluded not-restarted',
    async (state) => {
      const on = await scene();
      const probe = on.probe({ heartbeat: { host: '127.0.0.1', port: await closedPort() } });
      await look(probe);
      on.vm.State = state;
      nowMs += 10 * MINUTE;
      const reading = await look(probe);
      expect(outcomeOf(on, reading)).toBe('excluded not-restarted');
      expect(reading).toMatchObject({ detail: `${VM} is ${state}: no start of it has failed` });
      expect(startsSent(on)).toBe(0);
    },
  );

  it('not among the machines told: excluded, and never started', async () => {
    const on = await scene();
    on.api.region.vms.delete(VM);
    const probe = on.probe({ restart: { ...PLAN, after: '0s' } });
    expect(await outcome(on, probe)).toBe('excluded not-restarted');
    expect(startsSent(on)).toBe(0);
  });

  it.each(['StopVms', 'DeleteVms'])('%s on record: excluded client-stop, with the call', async (action) => {
    const on = await scene();
    const probe = on.probe({ restart: { ...PLAN, after: '0s' } });
    await look(probe);
    on.vm.State = 'stopped';
    nowMs += MINUTE;
    recorded(on, action, 200);
    nowMs += 10 * MINUTE;
    const reading = await look(probe);
    expect(outcomeOf(on, reading)).toBe('excluded client-stop');
    expect(reading).toMatchObject({
      evidence: { stopAt: '2026-03-01T00:01:00.000Z', stopRequestId: 'recorded-1' },
    });
    expect(startsSent(on)).toBe(0);
  });

  it('a stop found only on a later page of the record', async () => {
    const on = await scene();
    on.vm.State = 'stopped';
    recorded(on, 'StopVms', 200);
    nowMs += MINUTE;
    for (let n = 0; n < 1_200; n++) recorded(on, 'StartVms', 400, { VmIds: ['i-0b0c5e02'] });
    expect(await outcome(on, on.probe())).toBe('excluded client-stop');
    expect(on.api.requests.filter(({ action }) => action === 'ReadApiLogs')).toHaveLength(3);
  });

  it.each([
    ['one that was not carried out', 'StopVms', 409, {}],
    ['a dry run', 'StopVms', 200, { DryRun: true }],
    ['one of another machine', 'StopVms', 200, { VmIds: ['i-0b0c5e02'] }],
  ])('%s is no stop of it', async (_case, action, status, payload) => {
    const on = await scene();
    on.vm.State = 'stopped';
    recorded(on, action, status, payload);
    expect(await outcome(on, on.probe())).toBe('excluded not-restarted');
  });

  it('announced in the configuration: excluded client-stop, the record is not asked', async () => {
    const on = await scene();
    on.vm.State = 'stopped';
    const knownStops = [{ from: '2026-03-01T00:00:00Z', to: '2026-03-01T02:00:00+01:00' }];
    const probe = on.probe({ knownStops, restart: { ...PLAN, after: '0s' } });
    expect(await outcome(on, probe)).toBe('excluded client-stop');
    expect(on.api.requests.map(({ action }) => action)).toEqual(['ReadVmsState']);
    nowMs += 60 * MINUTE;
    expect(await outcome(on, probe)).toBe('excluded not-restarted');
  });

  it.each([
    [500, 'bad cannot-restart'],
    [400, 'bad cannot-restart'],
    [503, 'excluded not-restarted'],
    [429, 'excluded not-restarted'],
    [409, 'excluded not-restarted'],
  ])('a start by someone else that came to %i: %s, until it runs again', async (status, expected) => {
    const on = await scene();
    const probe = on.probe();
    await look(probe);
    on.vm.State = 'stopped';
    nowMs += MINUTE;
    recorded(on, 'StartVms', status);
    nowMs += MINUTE;
    expect(await outcome(on, probe)).toBe(expected);
    on.vm.State = 'pending';
    nowMs += MINUTE;
    expect(await outcome(on, probe)).toBe(expected);
    on.vm.State = 'running';
    expect(await outcome(on, probe)).toBe('good');
    on.vm.State = 'stopped';
    nowMs += MINUTE;
    expect(await outcome(on, probe)).toBe('excluded not-restarted');
  });

  it('all instants are by the provider’s clock, however wrong ours is', async () => {
    const on = await scene();
    const probe = on.probe();
    const ahead: Clock = { ...clock, wallMs: () => nowMs + 2 * MINUTE };
    const lookAhead = (): Promise<Reading> =>
      probe.run({ signal: new AbortController().signal, clock: ahead, random: systemRandom });
    await lookAhead();
    on.vm.State = 'stopped';
    nowMs += MINUTE;
    recorded(on, 'StartVms', 500);
    expect(outcomeOf(on, await lookAhead())).toBe('bad cannot-restart');
  });

  it('a vigie that starts anew reads from the record what happened before it', async () => {
    const on = await scene();
    on.vm.State = 'stopped';
    recorded(on, 'StartVms', 500);
    nowMs += 20 * 24 * 60 * MINUTE;
    expect(await outcome(on, on.probe())).toBe('bad cannot-restart');
  });
});

describe('vm: restarts by vigie', () => {
  async function down(
    settings: object = {},
    startRefused?: Refusal,
  ): Promise<Scene & { readonly by: ConfiguredProbe }> {
    const on = await scene();
    const by = on.probe({ restart: PLAN, ...settings });
    await look(by);
    Object.assign(on.vm, { State: 'stopped', startRefused });
    nowMs += MINUTE;
    expect(await outcome(on, by)).toBe('excluded not-restarted');
    expect(startsSent(on)).toBe(0);
    nowMs += 2 * MINUTE;
    return { ...on, by };
  }

  it('are not made unless they are allowed', async () => {
    const on = await down({ restart: { allowed: false } });
    await look(on.by);
    expect(startsSent(on)).toBe(0);
  });

  it('one that works: never bad', async () => {
    const on = await down();
    expect(await outcome(on, on.by)).toBe('excluded not-restarted');
    expect(startsSent(on)).toBe(1);
    expect(await outcome(on, on.by)).toBe('good');
  });

  it.each([
    ['no capacity (10001)', REFUSALS.noCapacity, 'bad cannot-restart', '400 10001'],
    ['an error of the provider’s', REFUSALS.internal, 'bad cannot-restart', '500 2000'],
    ["the client's quota (10042)", REFUSALS.vmQuota, 'excluded client-quota', '400 10042'],
    ['another state by now', REFUSALS.wrongState, 'excluded not-restarted', undefined],
    ['a parameter that is wrong', REFUSALS.wrongParameter, 'excluded not-restarted', undefined],
  ])('%s: %s', async (_case, refusal, expected, startAnswer) => {
    const on = await down({}, refusal);
    const reading = await look(on.by);
    expect(outcomeOf(on, reading)).toBe(expected);
    const served = on.api.requests.length;
    const evidence =
      startAnswer === undefined
        ? {}
        : {
            startAnswer,
            startAt: '2026-03-01T00:03:00.000Z',
            startRequestId: `00000000-0000-4000-8000-00000000000${served}`,
          };
    expect(reading).toMatchObject({ evidence });
    // Its own call is on record now with its status alone; what is known of it stands.
    nowMs += 30_000;
    expect(await outcome(on, on.by)).toBe(expected);
    expect(startsSent(on)).toBe(1);
    nowMs += 30_000;
    await look(on.by);
    expect(startsSent(on)).toBe(2);
  });

  it('accepted, and it does not run in time: bad from then on', async () => {
    const on = await down({ startWithin: '5m' });
    on.vm.starts = false;
    expect(await outcome(on, on.by)).toBe('excluded not-restarted');
    nowMs += 5 * MINUTE - 1_000;
    expect(await outcome(on, on.by)).toBe('excluded not-restarted');
    nowMs += 1_000;
    expect(await outcome(on, on.by)).toBe('bad cannot-restart');
    expect(startsSent(on)).toBe(1);
  });

  it('one at a time, however many looks overlap', async () => {
    const on = await down({}, REFUSALS.noCapacity);
    await Promise.all(Array.from({ length: 5 }, () => look(on.by)));
    expect(startsSent(on)).toBe(1);
  });

  it('none without the record of calls: who stopped it is not known', async () => {
    const on = await down();
    const refusal: ApiFault = { kind: 'refuse', refusal: REFUSALS.internal };
    on.api.nextFaults.push({ kind: 'slow', afterMs: 0 }, refusal);
    const reading = await look(on.by);
    expect(reading).toMatchObject({
      kind: 'blind',
      blind: 'skipped',
      detail: expect.stringContaining('500 2000'),
    });
    expect(startsSent(on)).toBe(0);
  });
});

describe('vm: an API that does not tell (that is no downtime of a machine)', () => {
  const troubles: readonly (readonly [string, ApiFault])[] = [
    ['503 without a body', { kind: 'bare-503' }],
    ['503 of HTML', { kind: 'html-503' }],
    ['200 of HTML', { kind: 'html-200' }],
    ['503 with code 6', { kind: 'refuse', refusal: REFUSALS.throttledPlatform }],
    ['an error', { kind: 'refuse', refusal: REFUSALS.internal }],
    ['cut short', { kind: 'truncated' }],
    ['reset', { kind: 'reset' }],
    ['silence', { kind: 'silent' }],
    ['a list that is none', { kind: 'lie', body: '{"VmStates":7,"ResponseContext":{"RequestId":"r"}}' }],
    [
      'a state that is none',
      { kind: 'lie', body: `{"VmStates":[{"VmId":"${VM}","VmState":"odd"}],"ResponseContext":{}}` },
    ],
  ];

  it.each(troubles)('%s: not seen; good where the heartbeat is heard', async (_case, fault) => {
    const on = await scene();
    const { port } = await listening();
    on.api.fault = fault;
    const [deaf, hearing] = await Promise.all([
      look(on.probe({ patience: '1s' })),
      look(on.probe({ patience: '1s', heartbeat: { host: '127.0.0.1', port } })),
    ]);
    expect(deaf).toMatchObject({ kind: 'blind', blind: 'skipped', detail: expect.stringContaining(VM) });
    expect(outcomeOf(on, hearing)).toBe('good');
    expect(hearing).toMatchObject({ values: { state: 'running', reachable: true } });
  });

  it('a page of machines that is not the last and does not name it', async () => {
    const on = await scene();
    const body = '{"VmStates":[],"NextPageToken":"Mg==","ResponseContext":{"RequestId":"r"}}';
    on.api.fault = { kind: 'lie', body };
    expect(await outcome(on, on.probe())).toBe('absent skipped');
    on.api.fault = { kind: 'lie', body: body.replace('"Mg=="', 'null') };
    expect(await look(on.probe())).toMatchObject({
      kind: 'blind',
      detail: expect.stringContaining('is gone'),
    });
  });

  it('throttled: excluded', async () => {
    const on = await scene();
    on.api.fault = { kind: 'refuse', refusal: REFUSALS.throttledCall };
    expect(await outcome(on, on.probe())).toBe('excluded throttled');
  });

  it('a key that is refused is our own blindness, heartbeat or not', async () => {
    const on = await scene();
    const { port } = await listening();
    on.api.fault = { kind: 'refuse', refusal: REFUSALS.notAuthenticated };
    const probe = on.probe({ heartbeat: { host: '127.0.0.1', port } });
    expect(await outcome(on, probe)).toBe('absent credentials');
  });
});

describe('vm: settings', () => {
  const base = {
    region: REGION,
    vmId: VM,
    credentials: { accessKey: ACCESS_KEY, secretKey: { env: 'OSC_SECRET_KEY' } },
  };
  it.each([
    ['no credentials', { credentials: undefined }, 'credentials'],
    ['another id', { vmId: 'vol-12345678' }, 'vmId'],
    [
      'a stop that ends before it begins',
      { knownStops: [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }] },
      'knownStops.0.to',
    ],
    ['a stop without an offset', { knownStops: [{ from: '2026-03-02T00:00:00' }] }, 'knownStops.0.from'],
    ['restarts that are neither allowed nor not', { restart: { every: '60s' } }, 'restart.allowed'],
    ['restarts too often', { restart: { allowed: true, every: '1s' } }, 'restart.every'],
  ])('%s: refused, with its place', async (_case, settings, place) => {
    const { kind } = await scene();
    const { error } = kind.settings.safeParse({ ...base, ...settings });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([place]);
  });

  it('the timeout has to be longer than the patience', async () => {
    const { kind } = await scene();
    expect(kind.leastMs?.(kind.settings.parse({ ...base, patience: '7s' }))).toBe(7_000);
  });
});

describe('config/examples/vms.yaml', () => {
  const path = fileURLToPath(new URL('../../config/examples/vms.yaml', import.meta.url));

  async function loaded(on: Scene): Promise<NonNullable<ReturnType<typeof loadConfig>['config']>> {
    const env = { OSC_ACCESS_KEY: ACCESS_KEY, OSC_SECRET_KEY: SECRET_KEY };
    const kinds = new Map<string, ProbeKind>([['vm', on.kind]]);
    const { config, problems } = loadConfig(path, { kinds, readFile: readTextFile, env, shippedContract });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (!config) throw new Error('the example does not load');
    return config;
  }

  it('every check is good while the machines run, and bad when they can not be restarted', async () => {
    const on = await scene();
    const { port } = await listening();
    const { checks } = await loaded(on);
    const watched = checks.map(({ id, settings, expectations }) => {
      const own = settings as VmSettings;
      const vm = addVm(on.api.region, own.vmId);
      const heartbeat = { host: '127.0.0.1', port };
      const probe = on.kind.configure({ ...own, endpoint: on.api.origin, heartbeat });
      return { id, vm, probe, expectations, own };
    });
    const outcomes = async (): Promise<object> => {
      const all: Record<string, string> = {};
      for (const { id, probe, expectations, own } of watched)
        all[id] = classify(await look(probe), expectations, on.kind.values(own)).outcome;
      return all;
    };
    const ids = ['vm-a1', 'vm-a2', 'canary-a1', 'canary-a2'];
    expect(await outcomes()).toEqual(Object.fromEntries(ids.map((id) => [id, 'good'])));
    for (const { vm } of watched) Object.assign(vm, { State: 'stopped', startRefused: REFUSALS.noCapacity });
    nowMs += MINUTE;
    expect(await outcomes()).toEqual(Object.fromEntries(ids.map((id) => [id, 'excluded'])));
    nowMs += 2 * MINUTE;
    // Nobody may start the second machine.
    expect(await outcomes()).toEqual({
      ...Object.fromEntries(ids.map((id) => [id, 'bad'])),
      'vm-a2': 'excluded',
    });
  });

  it('the hardware row is made of all machines of one placement server', async () => {
    const { checks, compositions } = await loaded(await scene());
    const hardware = compositions.find(({ row }) => row === 'sla9.hardware');
    const together = checks.filter(
      ({ settings }) => (settings as VmSettings).placementServer === hardware?.scope,
    );
    expect(hardware?.bad).toEqual({ all: together.map(({ id }) => id) });
    expect(together).toHaveLength(2);
  });
});
