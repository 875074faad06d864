import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runVigie } from './commands/spawn-vigie.ts';
import { findProgram } from './servers/packages.ts';
import { becomes, type RedisServer, startRedis } from './servers/redis.ts';
import { figuresOf, type FleetProcess, type FleetSetup, WatchedFleet } from './servers/watched-fleet.ts';

const VANTAGES = ['az-a', 'az-b', 'az-c'];

describe.skipIf(!findProgram('redis-server'))('vigie run --role (needs redis-server)', () => {
  let redis: RedisServer | undefined;
  let fleet: WatchedFleet | undefined;

  const opened = async (
    setup: Partial<FleetSetup> = {},
  ): Promise<{ redis: RedisServer; fleet: WatchedFleet }> => {
    const server = await startRedis();
    redis = server;
    const watched = await WatchedFleet.open({
      redisUrl: server.url,
      vantages: VANTAGES,
      checks: 4,
      intervalMs: 2_000,
      ...setup,
    });
    fleet = watched;
    return { redis: server, fleet: watched };
  };
  afterEach(async () => {
    await fleet?.stop();
    await redis?.stop();
    fleet = undefined;
    redis = undefined;
  });

  const probing = (at: WatchedFleet, vantage: string): Promise<FleetProcess> =>
    at.start(['--role', 'probe', '--vantage', vantage]);
  const judging = (at: WatchedFleet): Promise<FleetProcess> => at.start(['--role', 'judge']);
  const allReady = (at: WatchedFleet, processes: readonly FleetProcess[]): Promise<void> =>
    becomes(async () => (await Promise.all(processes.map((one) => at.isReady(one)))).every(Boolean), 40_000);

  it(
    'keeps every slot and the figures of a replay, whoever of probes, judges and Redis is killed',
    { timeout: 180_000 },
    async () => {
      const { redis: server, fleet: at } = await opened();
      const probes = await Promise.all(VANTAGES.map((vantage) => probing(at, vantage)));
      const judges = await Promise.all([judging(at), judging(at)]);
      await allReady(at, [...probes, ...judges]);
      const leader = await at.leader(judges);
      const [standby = leader] = judges.filter((one) => one !== leader);
      expect(await at.metric(standby, 'vigie_judge_leading')).toBe(0);
      expect((await at.verdict(standby)).warnings.join()).toContain('this judge stands by');
      at.broken.add('web-1');
      await pause(8_000);
      at.broken.clear();
      leader.kill('SIGKILL');
      const diedMs = performance.now();
      await server.kill();
      await pause(4_000);
      const shown = await at.verdict(standby);
      expect(await at.isReady(standby)).toBe(false);
      expect(await at.metric(standby, 'vigie_window_up')).toBe(0);
      await server.start();
      expect(await at.leader([standby])).toBe(standby);
      expect(performance.now() - diedMs).toBeLessThan(20_000);
      const [a, b, c] = probes;
      if (!a || !b || !c) throw new Error('three probes were started');
      // Until it has told the new Redis again what the old one had, only it knows.
      await allReady(at, [...probes, standby]);
      const beforeDeath = await at.observed(b);
      b.kill('SIGKILL');
      await pause(2_000);
      const heir = await probing(at, 'az-b');
      at.broken.add('web-2');
      await pause(6_000);
      at.broken.clear();
      await pause(6_000);
      const counts = [await at.observed(a), beforeDeath + (await at.observed(heir)), await at.observed(c)];
      for (const one of [a, c, heir]) one.kill('SIGTERM');
      await Promise.all([a, c, heir].map(({ finished }) => finished));
      await pause(5_000);

      const { slots, wrong } = await at.stored();
      expect(wrong).toEqual([]);
      expect(slots.filter((slot) => slot.includes(' bad')).length).toBeGreaterThan(10);
      for (const [i, vantage] of VANTAGES.entries()) {
        const kept = slots.filter((slot) => slot.includes(` ${vantage} `)).length;
        expect(kept, `slots of ${vantage}`).toBeGreaterThanOrEqual(counts[i] ?? Infinity);
      }
      const verdict = await at.verdict(standby);
      const replayed = await at.replayed(slots, verdict.at);
      expect(replayed?.incidents.length).toBeGreaterThanOrEqual(2);
      expect(figuresOf(verdict)).toEqual(figuresOf(replayed));
      expect(shown.incidents.length).toBeGreaterThanOrEqual(1);
    },
  );

  it(
    'a leader that was stopped and goes on does no harm: another leads, and it is the one that stands by',
    { timeout: 120_000 },
    async () => {
      const { fleet: at } = await opened({ vantages: ['az-a'], checks: 2 });
      const probe = await probing(at, 'az-a');
      const judges = await Promise.all([judging(at), judging(at)]);
      await allReady(at, [probe, ...judges]);
      const leader = await at.leader(judges);
      const [standby = leader] = judges.filter((one) => one !== leader);
      leader.kill('SIGSTOP');
      await at.leader([standby], 20_000);
      at.broken.add('web-0');
      await pause(6_000);
      leader.kill('SIGCONT');
      await becomes(async () => (await at.metric(leader, 'vigie_judge_leading')) === 0);
      await becomes(async () => figuresOf(await at.verdict(leader)).downtimeMs.raw >= 2_000, 20_000);
      expect(await at.metric(standby, 'vigie_judge_leading')).toBe(1);
      at.broken.clear();
      await becomes(async () => {
        const [one, other] = [await at.verdict(leader), await at.verdict(standby)];
        return JSON.stringify(one.downtimeMs) === JSON.stringify(other.downtimeMs);
      });
    },
  );

  it(
    'members of a sharded vantage divide its checks, and take over from one that dies within two slots',
    { timeout: 120_000 },
    async () => {
      const { fleet: at } = await opened({ vantages: ['az-a'], checks: 12, more: 'sharding: true' });
      const judge = await judging(at);
      const members = await Promise.all([probing(at, 'az-a'), probing(at, 'az-a')]);
      await allReady(at, [judge, ...members]);
      const [first, second] = members;
      if (!first || !second) throw new Error('two members were started');
      // What was run at the start before each knew of the other is over.
      await pause(5_000);
      const fromMs = performance.now();
      const before = [await at.observed(first), await at.observed(second)];
      await pause(8_000);
      const shares = [
        (await at.observed(first)) - (before[0] ?? 0),
        (await at.observed(second)) - (before[1] ?? 0),
      ];
      expect(Math.min(...shares)).toBeGreaterThan(0);
      const slotsPassed = (performance.now() - fromMs) / at.setup.intervalMs;
      // With the edge of a slot: two that run all of the 12 checks each would run twice as many.
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(12 * (slotsPassed + 1));
      const diedSlot = Math.floor(Date.now() / at.setup.intervalMs);
      first.kill('SIGKILL');
      await pause(6 * at.setup.intervalMs);
      for (const check of at.checks) {
        const slots = at.answered.filter((one) => one.check === check).map((one) => at.slotOf(one));
        for (let slot = diedSlot + 3; slot < diedSlot + 5; slot++) {
          expect(
            slots.filter((one) => one === slot).length,
            `${check} in slot ${slot - diedSlot}`,
          ).toBeGreaterThanOrEqual(1);
        }
      }
    },
  );

  it(
    'no two identical requests of any two processes leave within a second',
    { timeout: 60_000 },
    async () => {
      const { fleet: at } = await opened({ checks: 2, identical: true });
      const probes = await Promise.all(VANTAGES.map((vantage) => probing(at, vantage)));
      await allReady(at, probes);
      await pause(10_000);
      for (const check of at.checks) {
        const times = at.answered.filter((one) => one.check === check).map(({ atMs }) => atMs);
        const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
        expect(gaps.length).toBeGreaterThan(5);
        // The time from leaving to being answered is not always the same.
        expect(Math.min(...gaps)).toBeGreaterThan(900);
      }
    },
  );

  it.each([
    [['--role', 'probe'], '--role probe needs shared windows: expected window.url in the configuration'],
    [['--role', 'judge'], '--role judge needs shared windows: expected window.url in the configuration'],
    [['--role', 'spectator'], 'Allowed choices are both, probe, judge'],
  ])('refuses %j without shared windows', async (args, message) => {
    const { code, stderr } = await runVigie(['run', '--config', 'config/examples/outside.yaml', ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
