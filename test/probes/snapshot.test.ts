import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { openOutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { snapshotProbe, type SnapshotSettings } from '../../probes/snapshot.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Clock } from '../../src/core/clock.ts';
import { type Classification, classify } from '../../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind } from '../../src/core/probe.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { type ProbeTarget, probeContract, SECRET_MARKER, type TargetMode } from '../contracts/probe.ts';
import { parse } from '../contracts/probing.ts';
import { bytes, closedPort, silence, startHttpServer } from '../servers/http.ts';
import { type OutscaleApi, startOutscaleApi } from '../servers/outscale-api.ts';
import type { ApiFault } from '../servers/outscale/fault.ts';
import { REFUSALS } from '../servers/outscale/refusal.ts';
import { addSnapshot, addVolume, type Snapshot } from '../servers/outscale/state.ts';

const REGION = 'cloudgouv-eu-west-1';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ID = 'snap-00000001';
const OTHER = 'snap-00000002';
const START_MS = Date.parse('2026-03-10T12:00:00.000Z');
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function open(): ProbeKind<SnapshotSettings> {
  const access = openOutscaleAccess(() => '{}');
  const permit = access.gates.of({ accessKey: SECRET_MARKER, secretKey: SECRET_MARKER }).enter();
  if (permit.kind === 'open') permit.settle({ kind: 'accepted' });
  return snapshotProbe(access);
}

const CREDENTIALS = { accessKey: { env: 'OSC_ACCESS_KEY' }, secretKey: { env: 'OSC_SECRET_KEY' } };

async function target(mode: TargetMode): Promise<ProbeTarget> {
  const settings = { region: REGION, credentials: CREDENTIALS, snapshots: [{ id: ID }] };
  if (mode === 'refused') {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    return { settings: { ...settings, endpoint }, received: () => 0, close: async () => undefined };
  }
  if (mode !== 'answers') {
    const server = await startHttpServer(mode === 'silent' ? silence : bytes('220 mail.example.org\r\n'));
    const { origin: endpoint } = server;
    return {
      settings: { ...settings, endpoint },
      received: () => server.received(),
      close: () => server.close(),
    };
  }
  const api = await startOutscaleApi({ keys: { [SECRET_MARKER]: SECRET_MARKER } });
  addSnapshot(api.region, ID, { Description: SECRET_MARKER });
  return {
    settings: { ...settings, endpoint: api.origin },
    received: () => api.received(),
    close: () => api.close(),
  };
}

probeContract('snapshot', { make: open, target, garbage: 'protocol', secrets: true, hearsay: true });

/** A check of an account whose time the test sets. */
interface Watch {
  readonly api: OutscaleApi;
  /** Puts a snapshot there, made so long before the present. */
  add(id: string, agoMs: number, more?: Partial<Snapshot>): Snapshot;
  pass(ms: number): void;
  /** One run, and whatever it set going. */
  run(): Promise<Reading>;
  /** The values of one run. */
  values(): Promise<Readonly<Record<string, Value>>>;
  outcome(reading: Reading): string;
  /** Another process, which knows nothing. */
  restart(): void;
  calls(): readonly string[];
}

async function watch(settings: object): Promise<Watch> {
  let nowMs = START_MS;
  const keys = { [SECRET_MARKER]: SECRET_MARKER };
  const api = await startOutscaleApi({ keys, now: () => nowMs });
  cleanups.push(() => api.close());
  // Runs are a second apart at the least.
  let runs = 0;
  const clock: Clock = {
    ...systemClock,
    wallMs: () => nowMs,
    monotonicMs: () => systemClock.monotonicMs() + 1_000 * runs,
  };
  let kind: ProbeKind<SnapshotSettings>;
  let probe: ConfiguredProbe;
  const given = { region: REGION, endpoint: api.origin, credentials: CREDENTIALS, ...settings };
  const restart = (): void => {
    const made = open();
    cleanups.push(() => made.close());
    kind = made;
    probe = kind.configure(parse(kind, given));
  };
  restart();
  /** A drill goes on after its run; it is over when nothing was asked for a while. */
  const settled = async (): Promise<void> => {
    for (let seen = -1; seen !== api.requests.length;) {
      seen = api.requests.length;
      await pause(60);
    }
  };
  const run = async (): Promise<Reading> => {
    runs++;
    const reading = await probe.run({ signal: new AbortController().signal, clock, random: systemRandom });
    if ('drill' in settings) await settled();
    return reading;
  };
  return {
    api,
    add: (id, agoMs, more = {}) =>
      addSnapshot(api.region, id, { CreationDate: new Date(nowMs - agoMs).toISOString(), ...more }),
    pass: (ms) => {
      nowMs += ms;
    },
    run,
    async values() {
      const reading = await run();
      expect(reading.kind).toBe('answer');
      return reading.kind === 'answer' ? (reading.values ?? {}) : {};
    },
    outcome: (reading) => words(classify(reading, kind.defaults, kind.values(parse(kind, given)))),
    restart,
    calls: () => api.requests.map(({ action }) => action),
  };
}

/** The outcome and its cause, in words. */
function words(classified: Classification): string {
  if (classified.outcome === 'good') return 'good';
  return `${classified.outcome} ${classified.outcome === 'absent' ? classified.blind : classified.cause}`;
}

describe('snapshot: what there is', () => {
  it('completed, by id and by tag: good, and how old the oldest is', async () => {
    const on = await watch({ snapshots: [{ id: ID }], tag: 'backup=nightly' });
    on.add(ID, 50 * HOUR_MS);
    on.add(OTHER, 3 * HOUR_MS, { Tags: [{ Key: 'backup', Value: 'nightly' }] });
    on.add('snap-00000003', 90 * HOUR_MS, { Tags: [{ Key: 'backup', Value: 'weekly' }] });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('good');
    expect(reading).toMatchObject({
      values: { snapshots: 2, completed: 2, lost: [], error: [], oldestHours: 50, drill: 'off' },
    });
    expect(reading.detail).toBeUndefined();
    expect(on.api.requests.map(({ signature }) => signature)).toEqual(['valid', 'valid']);
  });

  it('in error: bad status, named', async () => {
    const on = await watch({ tag: 'vigie:sentinel' });
    on.add(ID, HOUR_MS, { State: 'error', Tags: [{ Key: 'vigie:sentinel', Value: '' }] });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('bad status');
    expect(reading).toMatchObject({
      values: { error: [ID], errorCount: 1 },
      evidence: { error: ID },
      detail: `error: ${ID}`,
    });
  });

  it.each(['in-queue', 'pending'] as const)('%s: good until stuckAfter, then bad slow', async (State) => {
    const on = await watch({ snapshots: [{ id: ID }], stuckAfter: '6h' });
    on.add(ID, 6 * HOUR_MS, { State, Progress: 40 });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('good');
    expect(reading).toMatchObject({ values: { pending: [`${ID}: ${State}, 40 %`], stuck: [] } });
    on.pass(1);
    const later = await on.run();
    expect(on.outcome(later)).toBe('bad slow');
    expect(later).toMatchObject({ values: { stuck: [`${ID}: ${State}, 40 %`] } });
  });

  it('more than a page: all of them are counted, none is lost', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => `snap-${String(i).padStart(8, '0')}`);
    const on = await watch({ snapshots: ids.map((id) => ({ id })) });
    for (const id of ids) on.add(id, 0);
    expect(await on.values()).toMatchObject({ snapshots: 250, lostCount: 0 });
    expect(on.calls()).toHaveLength(3);
  });
});

describe('snapshot: durability, promised from 24 h on', () => {
  it.each([
    ['24 h old', DAY_MS, 'bad lost', { lost: [ID], missing: [] }],
    ['a moment younger', DAY_MS - 1, 'good', { lost: [], missing: [ID] }],
  ])('a listed one that is gone, %s', async (_, agoMs, outcome, values) => {
    const created = new Date(START_MS - agoMs).toISOString();
    const on = await watch({ snapshots: [{ id: ID, created }] });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe(outcome);
    expect(reading).toMatchObject({ values });
  });

  it('a listed one without a date was there long ago: lost at the first look', async () => {
    const on = await watch({ snapshots: [{ id: ID }] });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('bad lost');
    expect(reading).toMatchObject({ evidence: { lost: ID }, detail: `lost: ${ID}` });
  });

  it('a tagged one that was seen and is gone: lost; one that only lost its tag is not', async () => {
    const on = await watch({ tag: 'vigie:sentinel' });
    const Tags = [{ Key: 'vigie:sentinel', Value: '1' }];
    on.add(ID, 2 * DAY_MS, { Tags });
    const other = on.add(OTHER, 2 * DAY_MS, { Tags });
    expect(on.outcome(await on.run())).toBe('good');
    other.Tags = [];
    expect(await on.values()).toMatchObject({ snapshots: 2, lostCount: 0 });
    on.api.region.snapshots.delete(ID);
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('bad lost');
    expect(reading).toMatchObject({ values: { lost: [ID], snapshots: 1 } });
  });

  it('acquiredAfter: another age', async () => {
    const created = new Date(START_MS - 2 * HOUR_MS).toISOString();
    const on = await watch({ snapshots: [{ id: ID, created }], acquiredAfter: '1h' });
    expect(on.outcome(await on.run())).toBe('bad lost');
  });

  it('another size than was listed, or than was seen: altered', async () => {
    const on = await watch({ snapshots: [{ id: ID, size: 2 }, { id: OTHER }] });
    on.add(ID, DAY_MS, { VolumeSize: 1 });
    const other = on.add(OTHER, DAY_MS, { VolumeSize: 4 });
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('bad altered');
    expect(reading).toMatchObject({ values: { altered: [`${ID}: 1 GiB, was 2 GiB`], alteredCount: 1 } });
    other.VolumeSize = 3;
    expect(await on.values()).toMatchObject({ alteredCount: 2 });
  });

  it.each(['pending', 'error', 'deleting'] as const)('once completed, now %s: altered', async (State) => {
    const on = await watch({ snapshots: [{ id: ID }] });
    const snapshot = on.add(ID, DAY_MS);
    expect(on.outcome(await on.run())).toBe('good');
    snapshot.State = State;
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('bad altered');
    expect(reading).toMatchObject({ values: { altered: [`${ID}: ${State}, was completed`] } });
  });
});

describe('snapshot: an API that does not tell loses nothing', () => {
  const faults: readonly (readonly [string, ApiFault, string])[] = [
    ['bare 503', { kind: 'bare-503' }, 'absent skipped'],
    ['a page of HTML', { kind: 'html-200' }, 'absent skipped'],
    ['a connection reset', { kind: 'reset' }, 'absent skipped'],
    ['a cut answer', { kind: 'truncated' }, 'absent skipped'],
    ['an empty object', { kind: 'lie', body: '{"ResponseContext":{}}' }, 'absent skipped'],
    ['half a snapshot', { kind: 'lie', body: '{"ResponseContext":{},"Snapshots":[{}]}' }, 'absent skipped'],
    ['503 code 6', { kind: 'refuse', refusal: REFUSALS.throttledPlatform }, 'absent skipped'],
    ['429 code 24', { kind: 'refuse', refusal: REFUSALS.throttledAccount }, 'excluded throttled'],
    ['401 code 1', { kind: 'refuse', refusal: REFUSALS.notAuthenticated }, 'absent credentials'],
    ['401 code 11', { kind: 'refuse', refusal: REFUSALS.lockedForGood }, 'excluded locked'],
  ];
  it.each(faults)('%s', async (_, fault, outcome) => {
    const on = await watch({ snapshots: [{ id: ID }] });
    on.add(ID, DAY_MS);
    on.api.fault = fault;
    expect(on.outcome(await on.run())).toBe(outcome);
    on.api.fault = undefined;
    expect(on.outcome(await on.run())).toBe('good');
  });

  it('a second page that fails: half a list is no list', async () => {
    const ids = Array.from({ length: 150 }, (_, i) => `snap-${String(i).padStart(8, '0')}`);
    const on = await watch({ snapshots: ids.map((id) => ({ id })) });
    for (const id of ids) on.add(id, DAY_MS);
    on.api.nextFaults.push({ kind: 'slow', afterMs: 0 }, { kind: 'bare-503' });
    expect(on.outcome(await on.run())).toBe('absent skipped');
  });
});

describe('snapshot: restore drill', () => {
  const drill = { snapshot: ID, subregion: `${REGION}b` };
  const settings = { snapshots: [{ id: ID }], drill };
  const INTERVAL_MS = 300_000;

  async function drilling(more: object = {}): Promise<Watch> {
    const on = await watch({ ...settings, drill: { ...drill, ...more } });
    on.add(ID, 2 * DAY_MS);
    on.api.region.newVolumeState = 'creating';
    return on;
  }

  const volumesOf = (on: Watch) => [...on.api.region.volumes.values()];
  const creations = (on: Watch): number => on.calls().filter((action) => action === 'CreateVolume').length;

  it('is off unless it is asked for: nothing but reading', async () => {
    const on = await watch({ snapshots: [{ id: ID }] });
    on.add(ID, 2 * DAY_MS);
    await on.run();
    await on.run();
    expect(new Set(on.calls())).toEqual(new Set(['ReadSnapshots']));
  });

  it('writes its instant on the snapshot, makes a tagged volume, waits, deletes it, and says how long it took', async () => {
    const on = await drilling();
    expect(await on.values()).toMatchObject({ drill: 'idle' });
    const [volume] = volumesOf(on);
    expect(volume).toMatchObject({
      SnapshotId: ID,
      SubregionName: `${REGION}b`,
      Tags: [{ Key: 'vigie:drill', Value: ID }],
    });
    expect(on.calls()).toEqual([
      'ReadSnapshots',
      'ReadVolumes',
      'ReadVolumes',
      'CreateTags',
      'CreateVolume',
      'CreateTags',
    ]);
    on.pass(INTERVAL_MS);
    expect(await on.values()).toMatchObject({ drill: 'creating' });
    expect(volumesOf(on)).toHaveLength(1);
    if (volume) volume.State = 'available';
    on.pass(INTERVAL_MS);
    await on.run();
    expect(volumesOf(on)).toEqual([]);
    expect(await on.values()).toMatchObject({ drill: 'restored', drillSeconds: 600, drillFailed: false });
  });

  it.each([
    [1, DAY_MS],
    [4, 6 * HOUR_MS],
  ])(
    '%i a day: the next one is made no sooner than its share, not even after a restart',
    async (perDay, gapMs) => {
      const on = await drilling({ perDay });
      on.api.region.newVolumeState = 'available';
      await on.run();
      await on.run();
      expect([creations(on), volumesOf(on).length]).toEqual([1, 0]);
      on.restart();
      on.pass(gapMs - 1);
      await on.run();
      await on.run();
      expect(creations(on)).toBe(1);
      on.pass(1);
      await on.run();
      expect(creations(on)).toBe(2);
    },
  );

  it('a snapshot larger than maxSize, or not completed: no volume', async () => {
    const on = await drilling({ maxSize: 2 });
    const snapshot = on.add(ID, 2 * DAY_MS, { VolumeSize: 3 });
    await on.run();
    const reading = await on.run();
    expect(reading).toMatchObject({
      values: { drill: 'withheld' },
      detail: expect.stringContaining('3 GiB'),
    });
    snapshot.VolumeSize = 2;
    snapshot.State = 'pending';
    await on.run();
    expect(creations(on)).toBe(0);
  });

  it('a volume in error, or not there in time: bad once, and deleted', async () => {
    for (const state of ['error', 'creating'] as const) {
      const on = await drilling({ within: '10m' });
      await on.run();
      const [volume] = volumesOf(on);
      if (volume) volume.State = state;
      on.pass(600_001);
      await on.run();
      const reading = await on.run();
      expect(on.outcome(reading)).toBe('bad status');
      expect(reading).toMatchObject({ values: { drill: 'failed', drillFailed: true } });
      expect(volumesOf(on)).toEqual([]);
      expect(await on.values()).toMatchObject({ drill: 'failed', drillFailed: false });
    }
  });

  it('a crash after the creation: the next process finds the volume by its token, untagged, and deletes it', async () => {
    const on = await drilling();
    await on.run();
    const [volume] = volumesOf(on);
    if (volume) Object.assign(volume, { Tags: [], State: 'available' });
    on.restart();
    await on.run();
    expect(volumesOf(on)).toEqual([]);
    expect(creations(on)).toBe(1);
  });

  it('an answer to the creation that is lost: no second volume, the first one is found', async () => {
    const on = await drilling();
    on.api.nextFaults.push(...Array.from({ length: 4 }, () => ({ kind: 'slow', afterMs: 0 }) as const), {
      kind: 'truncated',
    });
    await on.run();
    expect(volumesOf(on)).toHaveLength(1);
    on.api.region.volumes.forEach((volume) => {
      volume.State = 'available';
    });
    await on.run();
    expect([creations(on), volumesOf(on).length]).toEqual([1, 0]);
  });

  it('leftovers of other drills are deleted after a day; volumes of others and those in use never', async () => {
    const on = await drilling();
    const CreationDate = new Date(START_MS - DAY_MS - 1).toISOString();
    const Tags = [{ Key: 'vigie:drill', Value: OTHER }];
    addVolume(on.api.region, 'vol-0000000a', { CreationDate, Tags, SnapshotId: OTHER });
    addVolume(on.api.region, 'vol-0000000b', { CreationDate, Tags, SnapshotId: OTHER, State: 'in-use' });
    addVolume(on.api.region, 'vol-0000000c', { CreationDate, SnapshotId: ID });
    addVolume(on.api.region, 'vol-0000000d', { CreationDate });
    await on.run();
    const left = volumesOf(on).map(({ VolumeId }) => VolumeId);
    expect(left).toEqual(['vol-0000000b', 'vol-0000000c', 'vol-0000000d']);
    expect(await on.values()).toMatchObject({ drillLeftovers: ['vol-0000000b'] });
  });

  it('one at a time: none is made while the volume of another drill is there, and that is left alone', async () => {
    const on = await drilling();
    const CreationDate = new Date(START_MS - HOUR_MS).toISOString();
    const Tags = [{ Key: 'vigie:drill', Value: OTHER }];
    addVolume(on.api.region, 'vol-0000000a', { CreationDate, Tags, SnapshotId: OTHER });
    await on.run();
    expect([creations(on), volumesOf(on).length]).toEqual([0, 1]);
    on.api.region.volumes.clear();
    await on.run();
    expect(creations(on)).toBe(1);
  });

  it('a key that may not write: told as refused, nothing is made, and it is not tried again at once', async () => {
    const on = await drilling();
    on.api.nextFaults.push(...Array.from({ length: 3 }, () => ({ kind: 'slow', afterMs: 0 }) as const), {
      kind: 'refuse',
      refusal: { status: 403, code: '4', type: 'AccessDenied' },
    });
    await on.run();
    const reading = await on.run();
    expect(on.outcome(reading)).toBe('good');
    expect(reading).toMatchObject({ values: { drill: 'refused' }, detail: expect.stringContaining('403 4') });
    expect(on.calls().filter((action) => action === 'CreateTags')).toHaveLength(1);
    expect(creations(on)).toBe(0);
  });
});

describe('snapshot: settings', () => {
  it.each([
    ['no credentials', { credentials: undefined }],
    ['neither snapshots nor a tag', { snapshots: [] }],
    ['a drill on a snapshot that is not listed', { drill: { snapshot: OTHER, subregion: `${REGION}a` } }],
    ['an id that is none', { snapshots: [{ id: 'vol-00000001' }] }],
  ])('%s: refused', (_, wrong) => {
    const kind = open();
    const right = { region: REGION, credentials: CREDENTIALS, snapshots: [{ id: ID }] };
    expect(kind.settings.safeParse(right).success).toBe(true);
    expect(kind.settings.safeParse({ ...right, ...wrong }).success).toBe(false);
  });
});

describe('config/examples/snapshots.yaml', () => {
  it('every check is good against the double', async () => {
    const api = await startOutscaleApi({ keys: { EXAMPLE: 'example' } });
    cleanups.push(() => api.close());
    for (const id of ['snap-0a1b2c3d', ID, OTHER]) addSnapshot(api.region, id);
    const kinds = probeKinds();
    const path = fileURLToPath(new URL('../../config/examples/snapshots.yaml', import.meta.url));
    const env = { OSC_ACCESS_KEY: 'EXAMPLE', OSC_SECRET_KEY: 'example' };
    const { config } = loadConfig(path, { kinds, readFile: readTextFile, env, shippedContract });
    const kind = open();
    cleanups.push(() => kind.close());
    const outcomes: string[] = [];
    for (const { settings, expectations } of config?.checks ?? []) {
      const own = settings as SnapshotSettings;
      const probe = kind.configure({ ...own, endpoint: api.origin });
      const context = { signal: new AbortController().signal, clock: systemClock, random: systemRandom };
      outcomes.push(classify(await probe.run(context), expectations, kind.values(own)).outcome);
    }
    expect(outcomes).toEqual(['good', 'good']);
    await Promise.all([...kinds.values()].map((each) => each.close()));
  });
});
