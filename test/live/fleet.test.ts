import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createLog } from '../../src/export/log.ts';
import { Fleet } from '../../src/live/fleet.ts';
import type { RunResult } from '../../src/schedule/scheduled-check.ts';
import { scheduledChecks } from '../../src/live/scheduling.ts';
import { configWith } from '../config/config-with.ts';
import { judgedCheck } from '../judge/make-judge.ts';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from '../window/redis-subject.ts';

const KINDS = probeKinds();

function configOf(shardedVantages: readonly string[] = []) {
  const check = (id: string, vantages: readonly string[], port: number) =>
    judgedCheck({ id, vantages, intervalMs: 1_000, timeoutMs: 500, settings: { host: '127.0.0.1', port } });
  return configWith({
    vantages: ['az-a', 'az-b'],
    shardedVantages,
    checks: [
      check('both', ['az-a', 'az-b'], 1),
      check('mine', ['az-a'], 2),
      ...Array.from({ length: 20 }, (_, i) => check(`c${i}`, ['az-a'], 3 + i)),
    ],
  });
}

describe.skipIf(!findProgram('redis-server'))('Fleet (needs redis-server)', () => {
  let server: RedisServer;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  const joined = async (
    prefix: string,
    member: string,
    { config = configOf(), clock = systemClock, vantages = ['az-a'] as readonly string[] } = {},
  ) => {
    const windows = await openShared(server.url, { prefix, clock });
    ends.push(() => windows.close());
    const told: { vantages?: readonly { vantage: string; isHeard: boolean }[] } = {};
    const metrics = {
      spilled: () => undefined,
      dropped: () => undefined,
      clockOffset: () => undefined,
      vantages: (heard: readonly { vantage: string; isHeard: boolean }[]) => void (told.vantages = heard),
    };
    const log = createLog({ clock, level: 'silent', format: 'json' });
    const fleet = new Fleet(
      { clock, log, windows, kinds: KINDS, vantages, member, metrics, onMoved: () => undefined },
      config,
    );
    await fleet.start();
    ends.push(() => fleet.stop());
    const scheduled = scheduledChecks(config, KINDS, vantages);
    const run = (id: string) => {
      const found = scheduled.find(({ check }) => check.id === id);
      if (!found) throw new Error(`no check ${id}`);
      return found;
    };
    return { fleet, scheduled, run, told };
  };

  it('reserve: asks for what another vantage sends too, and for nothing else', async () => {
    const prefix = `${randomUUID()}:`;
    const { fleet, run } = await joined(prefix, 'p1');
    expect(fleet.reserve(run('mine').probe.identity)).toBeUndefined();
    expect(await fleet.reserve(run('both').probe.identity)).toBe(0);
    const other = await joined(prefix, 'p2', { vantages: ['az-b'] });
    const waitMs = await other.fleet.reserve(other.run('both').probe.identity);
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1_020);
  });

  it('reserve: asks for everything while another process looks from the same vantage', async () => {
    const prefix = `${randomUUID()}:`;
    const [first, second] = [await joined(prefix, 'p1'), await joined(prefix, 'p2')];
    expect(await second.fleet.reserve(second.run('mine').probe.identity)).toBe(0);
    await becomes(() => Promise.resolve(first.fleet.reserve(first.run('mine').probe.identity) !== undefined));
  });

  it('runs: everything where nothing is sharded; each check once where it is', async () => {
    const prefix = `${randomUUID()}:`;
    const plain = [await joined(prefix, 'p1'), await joined(prefix, 'p2')];
    for (const { fleet, scheduled } of plain) for (const one of scheduled) expect(fleet.runs(one)).toBe(true);
    const config = configOf(['az-a']);
    const other = `${randomUUID()}:`;
    const shards = [await joined(other, 'p1', { config }), await joined(other, 'p2', { config })];
    await becomes(() =>
      Promise.resolve(
        shards[0]?.scheduled.every(
          ({ check }) => shards.filter(({ fleet, run }) => fleet.runs(run(check.id))).length === 1,
        ) ?? false,
      ),
    );
    const [first] = shards;
    await first?.fleet.stop();
    await becomes(() =>
      Promise.resolve(shards[1]?.scheduled.every((one) => shards[1]?.fleet.runs(one)) ?? false),
    );
  });

  it('warnings and metrics tell of a vantage that is expected and not heard of', async () => {
    const { fleet, told } = await joined(`${randomUUID()}:`, 'p1');
    expect(fleet.warnings).toEqual(['nothing is heard of vantage az-b yet: its slots are not seen']);
    expect(told.vantages).toMatchObject([
      { vantage: 'az-a', isHeard: true },
      { vantage: 'az-b', isHeard: false },
    ]);
  });

  it('labelled: a slot of a clock that is off by more than a quarter of it was not seen', async () => {
    const fast: Clock = {
      wallMs: () => systemClock.wallMs() + 6_000,
      monotonicMs: () => systemClock.monotonicMs(),
      after: (ms, fire) => systemClock.after(ms, fire),
    };
    const right = await joined(`${randomUUID()}:`, 'p1');
    const wrong = await joined(`${randomUUID()}:`, 'p1', { clock: fast });
    const { check } = right.run('mine');
    const key = { check: 'mine', intervalMs: 1_000, vantage: 'az-a', slot: 7 };
    const result: RunResult = {
      ...{
        check,
        vantage: 'az-a',
        slot: 7,
        detail: undefined,
        reading: undefined,
        latencyMs: 1,
        attempts: 1,
      },
      ...{ startedWallMs: 0, lateMs: 0, heldMs: 0, lagMs: 0, bug: undefined },
      seen: { ...key, outcome: 'bad', cause: 'timeout' },
    };
    expect(right.fleet.labelled(result)).toBe(result);
    const { seen } = wrong.fleet.labelled(result);
    expect(seen).toMatchObject({ ...key, outcome: 'absent', blind: 'clock-skew' });
    expect(seen).toMatchObject({
      detail: expect.stringMatching(/^our clock is (59|60)\d\d ms from that of the shared windows$/),
    });
    const hourly = { ...result, check: { ...check, intervalMs: 60_000 } };
    expect(wrong.fleet.labelled(hourly)).toBe(hourly);
  });
});
