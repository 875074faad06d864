import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from './servers/packages.ts';
import { startRedis } from './servers/redis.ts';
import { type FleetSetup, WatchedFleet } from './servers/watched-fleet.ts';

describe.skipIf(!findProgram('redis-server'))('vigies that share a slot (needs redis-server)', () => {
  const opened = async (setup: Omit<FleetSetup, 'redisUrl' | 'intervalMs'>): Promise<WatchedFleet> => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const fleet = await WatchedFleet.open({ redisUrl: redis.url, intervalMs: 2_000, ...setup });
    onTestFinished(() => fleet.stop());
    return fleet;
  };

  it(
    'members of a sharded vantage divide its checks, and take over from one that dies within two slots',
    { timeout: 120_000 },
    async () => {
      const at = await opened({ vantages: ['az-a'], checks: 12, more: 'sharding: true' });
      const judge = await at.startJudge();
      const members = await Promise.all([at.startProbe('az-a'), at.startProbe('az-a')]);
      await at.allReady([judge, ...members]);
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
      const vantages = ['az-a', 'az-b', 'az-c'];
      const at = await opened({ vantages, checks: 2, identical: true });
      const probes = await Promise.all(vantages.map((vantage) => at.startProbe(vantage)));
      await at.allReady(probes);
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
});
