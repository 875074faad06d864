import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { openOutscaleAccess, type OutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { outscaleApiProbe, type OutscaleApiSettings } from '../../probes/outscale-api.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Clock } from '../../src/core/clock.ts';
import { type Classification, classify } from '../../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { Secret } from '../../src/core/secret.ts';
import { type ProbeTarget, probeContract, SECRET_MARKER, type TargetMode } from '../contracts/probe.ts';
import { selfSigned } from '../servers/certificate.ts';
import { answer, bytes, closedPort, silence, startHttpServer } from '../servers/http.ts';
import { type OutscaleApi, type OutscaleApiOptions, startOutscaleApi } from '../servers/outscale-api.ts';
import type { ApiFault } from '../servers/outscale/fault.ts';
import { REFUSALS } from '../servers/outscale/refusal.ts';

const REGION = 'cloudgouv-eu-west-1';
const ACCESS_KEY = '11112211111110000000';
const SECRET_KEY = '0000001111112222223333334444445555555666';
const KEYS = { [ACCESS_KEY]: SECRET_KEY };
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function serve(options: OutscaleApiOptions = {}): Promise<OutscaleApi> {
  const api = await startOutscaleApi({ keys: KEYS, ...options });
  cleanups.push(() => api.close());
  return api;
}

type Kind = ProbeKind<OutscaleApiSettings>;

function open(access: OutscaleAccess = openOutscaleAccess(() => '{}')): Kind {
  const kind = outscaleApiProbe(access);
  cleanups.push(() => kind.close());
  return kind;
}

function withSecret(settings: OutscaleApiSettings, secret: string): OutscaleApiSettings {
  const { credentials } = settings;
  if (credentials && 'secretKey' in credentials) credentials.secretKey.resolve(() => secret);
  return settings;
}

function configure(kind: Kind, settings: object, secret = SECRET_KEY): ConfiguredProbe {
  return kind.configure(withSecret(kind.settings.parse({ region: REGION, ...settings }), secret));
}

const signed = (algorithm = 'osc4') => ({
  credentials: { accessKey: ACCESS_KEY, secretKey: { env: 'OSC_SECRET_KEY' }, algorithm },
});

function run(probe: ConfiguredProbe, clock: Clock = systemClock, signal?: AbortSignal): Promise<Reading> {
  return probe.run({ signal: signal ?? new AbortController().signal, clock, random: systemRandom });
}

const judge = (kind: Kind, reading: Reading): Classification =>
  classify(reading, kind.defaults, kind.values(kind.settings.parse({ region: REGION })));

/** The outcome and its cause, in words. */
function outcomeOf(kind: Kind, reading: Reading): string {
  const classified = judge(kind, reading);
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}

const ahead = (ms: number): Clock => ({ ...systemClock, wallMs: () => systemClock.wallMs() + ms });

async function contractTarget(mode: TargetMode): Promise<ProbeTarget> {
  const settings = {
    region: REGION,
    action: 'ReadVms',
    body: { DryRun: true },
    credentials: { accessKey: { env: 'OSC_ACCESS_KEY' }, secretKey: { env: 'OSC_SECRET_KEY' } },
  };
  if (mode === 'refused') {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    return { settings: { ...settings, endpoint }, received: () => 0, close: async () => undefined };
  }
  const server =
    mode === 'answers'
      ? await startEchoingApi()
      : await startHttpServer(mode === 'silent' ? silence : bytes('220 mail.example.org ESMTP\r\n'));
  return {
    settings: { ...settings, endpoint: server.origin },
    received: () => server.received(),
    close: () => server.close(),
  };
}

/** Served, and the marker sent back plain and in base64. */
async function startEchoingApi(): Promise<OutscaleApi> {
  const api = await startOutscaleApi({ keys: { [SECRET_MARKER]: SECRET_MARKER } });
  const RequestId = `${SECRET_MARKER} ${Buffer.from(SECRET_MARKER).toString('base64')}`;
  api.fault = { kind: 'lie', body: JSON.stringify({ ResponseContext: { RequestId } }) };
  return api;
}

/** A kind whose key was accepted before, so that it may sign many requests at once. */
function provenKind(): Kind {
  const access = openOutscaleAccess(() => '{}');
  const permit = access.gates.of({ accessKey: SECRET_MARKER, secretKey: SECRET_MARKER }).enter();
  if (permit.kind === 'open') permit.settle({ kind: 'accepted' });
  return outscaleApiProbe(access);
}

probeContract('outscale-api', {
  make: provenKind,
  target: contractTarget,
  garbage: 'protocol',
  secrets: true,
});

describe('outscale-api: calls', () => {
  it('unsigned ReadRegions by default, and the names of the regions', async () => {
    const api = await serve();
    const kind = open();
    const reading = await run(configure(kind, { endpoint: api.origin }));
    expect(outcomeOf(kind, reading)).toBe('good');
    expect(reading).toMatchObject({
      values: { status: 200, regionNames: [REGION], itemCount: 1, wellFormed: true, platformThrottle: false },
      evidence: { status: 200, requestId: '00000000-0000-4000-8000-000000000001' },
    });
    expect(api.requests).toMatchObject([{ action: 'ReadRegions', body: '{}', signature: 'none' }]);
  });

  it.each(['osc4', 'aws4'])('%s: a signature that a check of its own finds valid', async (algorithm) => {
    const api = await serve();
    const kind = open();
    const probe = configure(kind, {
      endpoint: api.origin,
      action: 'ReadSubregions',
      body: { Filters: { States: ['available'] } },
      ...signed(algorithm),
    });
    const reading = await run(probe);
    expect(outcomeOf(kind, reading)).toBe('good');
    expect(reading).toMatchObject({ values: { subregionNames: [`${REGION}a`, `${REGION}b`, `${REGION}c`] } });
    expect(api.requests).toMatchObject([{ signature: 'valid' }]);
  });

  it('a dry run counts as served', async () => {
    const api = await serve();
    const kind = open();
    const dry = { endpoint: api.origin, action: 'ReadVms', body: { DryRun: true }, ...signed() };
    expect(outcomeOf(kind, await run(configure(kind, dry)))).toBe('good');
    api.fault = {
      kind: 'refuse',
      refusal: { status: 412, code: 'DryRunOperation', type: 'DryRunOperation' },
    };
    expect(outcomeOf(kind, await run(configure(kind, dry)))).toBe('good');
  });

  it.each([
    ['fcu', 'DescribeAvailabilityZones', { subregionNames: [`${REGION}a`, `${REGION}b`, `${REGION}c`] }],
    ['fcu', undefined, { regionNames: [REGION] }],
    ['lbu', 'DescribeLoadBalancers', {}],
    ['eim', 'ListUsers', {}],
  ] as const)('%s %s: an AWS query, signed, its XML understood', async (service, action, values) => {
    const api = await serve({ service });
    const kind = open();
    const settings = { endpoint: api.origin, service, ...(action ? { action } : {}), ...signed() };
    const reading = await run(configure(kind, settings));
    expect(reading).toMatchObject({
      kind: 'answer',
      values: { status: 200, wellFormed: true, requestId: expect.stringMatching(/^0{8}-/), ...values },
    });
    expect(outcomeOf(kind, reading)).toBe('good');
    expect(api.requests).toMatchObject([{ signature: 'valid' }]);
  });

  it('lists in a query: numbered, under "member" outside FCU', async () => {
    const fcu = await serve({ service: 'fcu' });
    const lbu = await serve({ service: 'lbu' });
    const kind = open();
    const body = { Ids: ['a', 'b'], Filter: [{ Name: 'n', Value: 1 }] };
    await run(
      configure(kind, { endpoint: fcu.origin, service: 'fcu', action: 'DescribeX', body, ...signed() }),
    );
    await run(
      configure(kind, { endpoint: lbu.origin, service: 'lbu', action: 'DescribeX', body, ...signed() }),
    );
    const sent = (api: OutscaleApi): object =>
      Object.fromEntries(new URLSearchParams(api.requests[0]?.body ?? ''));
    expect(sent(fcu)).toMatchObject({
      'Ids.1': 'a',
      'Ids.2': 'b',
      'Filter.1.Name': 'n',
      'Filter.1.Value': '1',
    });
    expect(sent(lbu)).toMatchObject({ 'Ids.member.1': 'a', 'Filter.member.1.Value': '1' });
  });

  it('over TLS with an authority of its own, and the certificate’s days', async () => {
    const nowMs = Date.now();
    const tls = selfSigned({ names: ['127.0.0.1'], fromMs: nowMs - 1_000, toMs: nowMs + 86_400_000 * 2.5 });
    const api = await serve({ tls });
    const kind = open();
    const trusting = await run(configure(kind, { endpoint: api.origin, ca: tls.cert }));
    expect(trusting).toMatchObject({ values: { certificateDaysLeft: 2, tlsVersion: 'TLSv1.3' } });
    const distrusting = await run(configure(kind, { endpoint: api.origin }));
    expect(distrusting).toMatchObject({ kind: 'fault', fault: 'tls' });
  });
});

describe('outscale-api: what the provider does wrong, and what we do', () => {
  const drip: ApiFault = { kind: 'drip', everyMs: 20 };
  const refuse = (refusal: Extract<ApiFault, { kind: 'refuse' }>['refusal']): ApiFault => ({
    kind: 'refuse',
    refusal,
  });
  const cases: readonly (readonly [string, ApiFault, string])[] = [
    ['bare 503', { kind: 'bare-503' }, 'bad status'],
    ['503 with a page', { kind: 'html-503' }, 'bad status'],
    ['503 with code 6', refuse(REFUSALS.throttledPlatform), 'bad platform-throttle'],
    [
      '503 with code 6 as a problem',
      { ...refuse(REFUSALS.throttledPlatform), as: 'problem' } as ApiFault,
      'bad platform-throttle',
    ],
    ['500', refuse({ status: 500, code: '2000', type: 'InternalError' }), 'bad status'],
    ['a page with 200', { kind: 'html-200' }, 'bad content'],
    ['malformed JSON', { kind: 'lie', body: '{"Regions":[{"RegionName":' }, 'bad content'],
    ['JSON of another kind', { kind: 'lie', body: '{"status":"ok"}' }, 'bad content'],
    [
      'no regions at all',
      { kind: 'lie', body: '{"Regions":[],"ResponseContext":{"RequestId":"r"}}' },
      'bad content',
    ],
    ['a truncated answer', { kind: 'truncated' }, 'bad protocol'],
    ['a reset connection', { kind: 'reset' }, 'bad reset'],
    ['429 code 24', refuse(REFUSALS.throttledAccount), 'excluded throttled'],
    ['429 code 25', refuse(REFUSALS.throttledCall), 'excluded throttled'],
    ['401 code 11', refuse(REFUSALS.lockedForGood), 'excluded locked'],
    ['401 code 13', refuse(REFUSALS.lockedForAWhile), 'excluded locked'],
    ['401 code 1', refuse(REFUSALS.notAuthenticated), 'absent credentials'],
    ['400 code 4120', refuse(REFUSALS.unknownKey), 'absent credentials'],
  ];
  it.each(cases)('%s', async (_, fault, outcome) => {
    const api = await serve();
    api.fault = fault;
    const kind = open();
    const reading = await run(configure(kind, { endpoint: api.origin, ...signed() }));
    expect(outcomeOf(kind, reading)).toBe(outcome);
    expect(api.requests, 'nothing is tried twice').toHaveLength(1);
  });

  it.each([
    ['silence', { kind: 'silent' } as const],
    ['a slow drip', drip],
  ])('%s: until the deadline, then a timeout', async (_, fault) => {
    const api = await serve();
    api.fault = fault;
    const kind = open();
    const deadline = new AbortController();
    const running = run(configure(kind, { endpoint: api.origin }), systemClock, deadline.signal);
    await expect.poll(() => api.requests.length).toBe(1);
    deadline.abort();
    expect(await running).toMatchObject({ kind: 'fault', fault: 'timeout' });
  });

  it.each([
    ['fcu', REFUSALS.throttledAccount, 'excluded throttled'],
    ['fcu', REFUSALS.throttledPlatform, 'bad platform-throttle'],
    ['lbu', REFUSALS.notAuthenticated, 'absent credentials'],
    ['eim', REFUSALS.unknownKey, 'absent credentials'],
  ] as const)('%s in XML: %o', async (service, refusal, outcome) => {
    const api = await serve({ service });
    api.fault = { kind: 'refuse', refusal };
    const kind = open();
    const action = service === 'eim' ? 'ListUsers' : 'DescribeLoadBalancers';
    const reading = await run(configure(kind, { endpoint: api.origin, service, action, ...signed() }));
    expect(outcomeOf(kind, reading)).toBe(outcome);
  });

  it('an error of the call is an answer, with its code to expect: 400 with 5063 is no fault of the server', async () => {
    const api = await serve();
    const kind = open();
    const settings = { endpoint: api.origin, action: 'DeleteVms', body: { VmIds: ['i-1'] }, ...signed() };
    const reading = await run(configure(kind, settings));
    expect(reading).toMatchObject({
      values: { status: 400, errorCode: '5063', errorType: 'InvalidResource', wellFormed: true },
      evidence: { errorCode: '5063' },
    });
    const expectations = { ...kind.defaults, status: { is: 400 }, errorCode: { is: '5063' } };
    const specs = kind.values(kind.settings.parse({ region: REGION }));
    expect(classify(reading, expectations, specs).outcome).toBe('good');
  });

  it('identical calls within one second: refused by the double, and excluded', async () => {
    const api = await serve({ identical: true });
    const kind = open();
    const probe = configure(kind, { endpoint: api.origin });
    expect(outcomeOf(kind, await run(probe))).toBe('good');
    expect(outcomeOf(kind, await run(probe))).toBe('excluded throttled');
  });
});

describe('outscale-api: the limits of the double', () => {
  it('too many calls of one account within a second: excluded, until the second is over', async () => {
    let nowMs = Date.now();
    const api = await serve({ perAccount: 2, now: () => nowMs });
    const kind = open();
    const probe = configure(kind, { endpoint: api.origin });
    const outcomes: string[] = [];
    for (let i = 0; i < 3; i++) outcomes.push(outcomeOf(kind, await run(probe)));
    nowMs += 1_000;
    outcomes.push(outcomeOf(kind, await run(probe)));
    expect(outcomes).toEqual(['good', 'good', 'excluded throttled', 'good']);
    expect(api.closestIdenticalMs()).toBe(0);
  });
});

describe('outscale-api: connections', () => {
  it.each([
    ['fresh', 4],
    ['reuse', 3],
  ])('%s: two runs make %i connections and requests together', async (connection, received) => {
    const api = await serve();
    const kind = open();
    const probe = configure(kind, { endpoint: api.origin, connection });
    expect([outcomeOf(kind, await run(probe)), outcomeOf(kind, await run(probe))]).toEqual(['good', 'good']);
    expect(api.received()).toBe(received);
  });
});

describe('outscale-api: our own clock', () => {
  it.each([
    ['ahead', 301_000],
    ['behind', -301_000],
  ])('%s by more than five minutes: blind clock-skew, signed or not', async (_, ms) => {
    const api = await serve();
    const kind = open();
    for (const settings of [{ endpoint: api.origin, ...signed() }, { endpoint: api.origin }]) {
      const reading = await run(configure(kind, settings), ahead(ms));
      expect(reading).toMatchObject({ kind: 'blind', blind: 'clock-skew' });
      expect(reading.detail).toMatch(/our clock is -?30[0-2] s ahead/);
    }
  });

  it('off by four minutes: served, and told as clockAhead', async () => {
    const api = await serve();
    const kind = open();
    const reading = await run(configure(kind, { endpoint: api.origin, ...signed() }), ahead(240_000));
    expect(outcomeOf(kind, reading)).toBe('good');
    const clockAhead = reading.kind === 'answer' ? reading.values?.['clockAhead'] : undefined;
    expect(clockAhead).toBeGreaterThan(238_000);
  });
});

describe('outscale-api: credentials', () => {
  it('three refused signatures, then none is sent until the secret changes: no lock, and said loudly', async () => {
    const api = await serve();
    const access = openOutscaleAccess(() => '{}');
    const [kind, other] = [open(access), open(access)];
    const wrong = { endpoint: api.origin, action: 'ReadVms', ...signed() };
    for (let i = 0; i < 3; i++) {
      const reading = await run(configure(kind, wrong, 'wrong'));
      expect(outcomeOf(kind, reading)).toBe('absent credentials');
      expect(reading.detail).toContain('401 1 AccessDenied, request 0000');
    }
    for (const each of [kind, other, kind]) {
      const reading = await run(configure(each, { ...wrong, action: 'ReadVolumes' }, 'wrong'));
      expect(outcomeOf(each, reading)).toBe('absent credentials');
      expect(reading.detail).toMatch(
        /NOTHING IS SIGNED any more with access key …0000 until .*refused 3 times in a row/,
      );
    }
    expect(api.requests).toHaveLength(3);
    expect(outcomeOf(kind, await run(configure(kind, { endpoint: api.origin })))).toBe('good');
    expect(outcomeOf(kind, await run(configure(kind, wrong)))).toBe('good');
    expect(api.locked()).toBe(false);
  });

  it('many checks at once with a wrong key: three are sent, none locks it', async () => {
    const api = await serve();
    const kind = open();
    const probes = Array.from({ length: 20 }, (_, i) =>
      configure(
        kind,
        { endpoint: api.origin, action: 'ReadVms', body: { ResultsPerPage: i }, ...signed() },
        'wrong',
      ),
    );
    const readings = await Promise.all(probes.map((probe) => run(probe)));
    expect(readings.map(({ kind: word }) => word)).toEqual(readings.map(() => 'blind'));
    expect(api.requests).toHaveLength(3);
    expect(api.locked()).toBe(false);
  });

  it('runs cut short neither count as refused nor hold the key back', async () => {
    const api = await serve();
    api.fault = { kind: 'silent' };
    const kind = open();
    const probe = configure(kind, { endpoint: api.origin, action: 'ReadVms', ...signed() });
    for (let i = 1; i <= 4; i++) {
      const deadline = new AbortController();
      const running = run(probe, systemClock, deadline.signal);
      await expect.poll(() => api.requests.length, { interval: 2 }).toBe(i);
      deadline.abort();
      expect(await running).toMatchObject({ kind: 'fault', fault: 'timeout' });
    }
    api.fault = undefined;
    expect(outcomeOf(kind, await run(probe))).toBe('good');
  });

  it('the double locks at the fourth bad signature, for a while, and then no more', async () => {
    let nowMs = Date.now();
    const api = await serve({ lockMs: 60_000, now: () => nowMs });
    const bad = async (): Promise<string> => {
      const kind = open();
      return outcomeOf(
        kind,
        await run(configure(kind, { endpoint: api.origin, action: 'ReadVms', ...signed() }, 'wrong')),
      );
    };
    const good = async (): Promise<string> => {
      const kind = open();
      return outcomeOf(
        kind,
        await run(configure(kind, { endpoint: api.origin, action: 'ReadVms', ...signed() })),
      );
    };
    expect([await bad(), await bad(), await bad(), await bad()]).toEqual(Array(4).fill('absent credentials'));
    expect(await good()).toBe('excluded locked');
    nowMs += 61_000;
    expect(await good()).toBe('good');
  });

  it('a key of another region: blind credentials', async () => {
    const api = await serve();
    const kind = open();
    const reading = await run(
      configure(kind, { endpoint: api.origin, action: 'ReadVms', region: 'eu-west-2', ...signed() }),
    );
    expect(reading).toMatchObject({ kind: 'blind', blind: 'credentials' });
    expect(reading.detail).toContain('400 4120');
  });

  const PROFILES = JSON.stringify({
    default: { access_key: ACCESS_KEY, secret_key: SECRET_KEY },
    empty: {},
  });

  it('a profile of ~/.osc/config.json', async () => {
    const api = await serve();
    const kind = open(openOutscaleAccess(() => PROFILES));
    const settings = { endpoint: api.origin, action: 'ReadVms', credentials: { profile: 'default' } };
    expect(outcomeOf(kind, await run(configure(kind, settings)))).toBe('good');
    expect(api.requests).toMatchObject([{ signature: 'valid' }]);
  });

  it.each([
    [
      'an unknown one',
      () => PROFILES,
      'other',
      /^expected a profile of ~\/\.osc\/config\.json: default, empty$/,
    ],
    ['one without keys', () => PROFILES, 'empty', /with an access_key and a secret_key$/],
    ['a file that is no JSON', () => '{', 'default', /to be a file of JSON that can be read$/],
    [
      'no file',
      () => {
        throw Object.assign(new Error('no'), { code: 'ENOENT' });
      },
      'default',
      /to be a file of JSON that can be read$/,
    ],
  ])('profile: %s is a finding of the configuration', (_, file, profile, message) => {
    const kind = open(openOutscaleAccess(file));
    const parsed = kind.settings.safeParse({ region: REGION, credentials: { profile } });
    const issues = JSON.stringify(parsed.error?.issues);
    expect(parsed.success).toBe(false);
    expect(issues).not.toContain(SECRET_KEY);
    expect(parsed.error?.issues.map((issue) => messagesIn(issue).join()).join()).toMatch(
      new RegExp(message.source.replace(/^\^|\$$/g, '')),
    );
  });

  it('a profile that went since the configuration was checked: blind, nothing sent', async () => {
    const api = await serve();
    let file = PROFILES;
    const kind = open(openOutscaleAccess(() => file));
    const settings = kind.settings.parse({
      region: REGION,
      endpoint: api.origin,
      credentials: { profile: 'default' },
    });
    file = '{}';
    expect(await run(kind.configure(settings))).toMatchObject({ kind: 'blind', blind: 'credentials' });
    expect(api.requests).toHaveLength(0);
  });

  it.each([200, 400, 503])(
    'a secret that comes back in a header or an error is not told: %i',
    async (status) => {
      const Errors = status === 200 ? {} : { Errors: [{ Code: SECRET_KEY, Type: SECRET_KEY }] };
      const body = JSON.stringify({ ResponseContext: {}, ...Errors });
      const server = await startHttpServer(answer(status, body, { 'x-request-id': SECRET_KEY }));
      cleanups.push(() => server.close());
      const kind = open();
      const reading = await run(configure(kind, { endpoint: server.origin, action: 'ReadVms', ...signed() }));
      expect(reading).toMatchObject({ values: { requestId: '[secret]' } });
      expect(JSON.stringify(reading)).not.toContain(SECRET_KEY);
    },
  );

  it('a secret written out is refused, and not shown', () => {
    const kind = open();
    const credentials = { accessKey: ACCESS_KEY, secretKey: SECRET_KEY };
    const parsed = kind.settings.safeParse({ region: REGION, credentials });
    expect(parsed.success).toBe(false);
    expect(String(parsed.error)).not.toContain(SECRET_KEY);
    expect(new Secret({ env: 'X' }).toString()).toBe('[secret]');
  });
});

/** The messages of an issue and of those within it. */
function messagesIn(issue: object): readonly string[] {
  const own = 'message' in issue && typeof issue.message === 'string' ? [issue.message] : [];
  const inner: unknown = Reflect.get(issue, 'errors');
  const nested = Array.isArray(inner) ? inner.flat().flatMap((each: object) => messagesIn(each)) : [];
  return [...own, ...nested];
}

describe('config/examples/outscale-api.yaml', () => {
  it('every check is good against the double, each signed as it says', async () => {
    const services = {
      api: await serve(),
      fcu: await serve({ service: 'fcu' }),
      lbu: await serve({ service: 'lbu' }),
    };
    const kinds = probeKinds();
    const path = fileURLToPath(new URL('../../config/examples/outscale-api.yaml', import.meta.url));
    const env = { OSC_ACCESS_KEY: ACCESS_KEY, OSC_SECRET_KEY: SECRET_KEY };
    const { config } = loadConfig(path, { kinds, readFile: readTextFile, env, shippedContract });
    const kind = open();
    const outcomes: Record<string, string> = {};
    for (const { id, settings, expectations } of config?.checks ?? []) {
      const own = settings as OutscaleApiSettings;
      const { origin } = services[own.service === 'eim' ? 'api' : own.service];
      const reading = await run(kind.configure({ ...own, endpoint: origin }));
      outcomes[id] = classify(reading, expectations, kind.values(own)).outcome;
    }
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'good')).toEqual([]);
    expect(Object.keys(outcomes)).toHaveLength(7);
    const signatures = Object.values(services).flatMap(({ requests }) =>
      requests.map(({ signature }) => signature),
    );
    expect(signatures.toSorted()).toEqual(['none', 'none', ...Array<string>(5).fill('valid')]);
    await Promise.all([...kinds.values()].map((each) => each.close()));
  });
});

describe('outscale-api: identity', () => {
  it('is that of the call: its address, action and body, whoever signs', async () => {
    const kind = open();
    const identity = (settings: object): string => configure(kind, settings).identity;
    const base = { action: 'ReadVms', ...signed() };
    expect(identity(base)).toBe(identity({ ...base, ...signed('aws4') }));
    expect(identity(base)).toBe(identity({ action: 'ReadVms' }));
    for (const other of [{ action: 'ReadVolumes' }, { body: { DryRun: true } }, { region: 'eu-west-2' }])
      expect(identity({ ...base, ...other })).not.toBe(identity(base));
    const fcu = { service: 'fcu' };
    expect(identity({ ...fcu, action: 'DescribeInstances' })).not.toBe(
      identity({ ...fcu, action: 'DescribeVolumes' }),
    );
  });
});
