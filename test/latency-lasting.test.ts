import { afterEach, describe, expect, it } from 'vitest';
import { findProgram } from './servers/packages.ts';
import { becomes, type RedisServer, startRedis } from './servers/redis.ts';
import { type FleetProcess, WatchedFleet } from './servers/watched-fleet.ts';

interface Shown {
  readonly latencies: readonly { readonly check: string; readonly vantage: string; readonly count: number }[];
}

describe.skipIf(!findProgram('redis-server'))('latency history (needs redis-server)', () => {
  let redis: RedisServer | undefined;
  let fleet: WatchedFleet | undefined;
  afterEach(async () => {
    await fleet?.stop();
    await redis?.stop();
  });

  const shown = async ({ url }: FleetProcess): Promise<Shown> =>
    (await (await fetch(`${url}/api/latencies`)).json()) as Shown;

  it(
    'what probing vantages measured is told by every judge, and by those that are started anew',
    { timeout: 120_000 },
    async () => {
      redis = await startRedis();
      const at = await WatchedFleet.open({
        redisUrl: redis.url,
        vantages: ['az-a', 'az-b'],
        checks: 2,
        intervalMs: 1_000,
      });
      fleet = at;
      const probes = await Promise.all(
        ['az-a', 'az-b'].map((vantage) => at.start(['--role', 'probe', '--vantage', vantage])),
      );
      const judge = await at.start(['--role', 'judge']);
      const answeredTo = new Set<string>();
      await becomes(async () => {
        for (const { check, vantage } of at.answered) answeredTo.add(`${check} ${vantage}`);
        return Promise.resolve(answeredTo.size === 4 && at.answered.length > 12);
      }, 30_000);
      for (const one of probes) one.kill('SIGTERM');
      await Promise.all(probes.map(({ finished }) => finished));
      const answered = at.answered.length;
      const { latencies } = await shown(judge);
      const pairs = new Set(latencies.map(({ check, vantage }) => `${check} ${vantage}`));
      expect([...pairs]).toEqual(['web-0 az-a', 'web-0 az-b', 'web-1 az-a', 'web-1 az-b']);
      const count = latencies.reduce((sum, one) => sum + one.count, 0);
      expect(count).toBeGreaterThanOrEqual(6);
      expect(count).toBeLessThanOrEqual(answered);
      const page = await (await fetch(`${judge.url}/rows/web`)).text();
      expect(page).toMatch(/web-1[^]*data-key="web-1 az-b"/);

      const again = await at.start(['--role', 'probe', '--vantage', 'az-a']);
      await becomes(async () => (await at.observed(again)) > 6, 30_000);
      again.kill('SIGTERM');
      await again.finished;
      const after = (await shown(await at.start(['--role', 'judge']))).latencies;
      expect(after.reduce((sum, one) => sum + one.count, 0)).toBeGreaterThan(count);
    },
  );
});
