import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runVigie } from './commands/spawn-vigie.ts';
import { findProgram } from './servers/packages.ts';
import { becomes, type RedisServer, startRedis } from './servers/redis.ts';
import { figuresOf, type FleetSetup, WatchedFleet } from './servers/watched-fleet.ts';

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

  it(
    'keeps every slot and the figures of a replay, whoever of probes, judges and Redis is killed',
    { timeout: 180_000 },
    async () => {
      const { redis: server, fleet: at } = await opened();
      const probes = await Promise.all(VANTAGES.map((vantage) => at.startProbe(vantage)));
      const judges = await Promise.all([at.startJudge(), at.startJudge()]);
      await at.allReady([...probes, ...judges]);
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
      await at.allReady([...probes, standby]);
      const beforeDeath = await at.observed(b);
      // What is younger than a second may not have been stored yet.
      await pause(1_000);
      b.kill('SIGKILL');
      await pause(2_000);
      const heir = await at.startProbe('az-b');
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
      const probe = await at.startProbe('az-a');
      const judges = await Promise.all([at.startJudge(), at.startJudge()]);
      await at.allReady([probe, ...judges]);
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
