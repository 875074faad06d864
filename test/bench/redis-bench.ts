import { spawnSync } from 'node:child_process';
import type { Redis } from 'ioredis';
import { findProgram } from '../servers/packages.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from '../window/redis-subject.ts';
import { type Bench, type Figure, figure, ratio } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { cpuMs } from './process-figures.ts';
import type { RedisTalk } from './redis-load.ts';

const ROUNDS = 3;
const CHECKS = 1_000;
const PIPELINE = 200;
const INTERVAL_MS = 10_000;
const DAY_MS = 86_400_000;
const SLOTS_A_DAY = DAY_MS / INTERVAL_MS;
const YEAR_DAYS = 365;
/** Half as many samples a second and core as SETBITs. */
const MOST_COST = 2;
const MOST_MEGABYTES = 1;

const MISSING = { skipped: 'redis-server (redis-server) is not there' };

interface Cost {
  readonly seconds: number;
  /** Of client and server, in microseconds. */
  readonly cpuUs: number;
}

/**
 * Observations through the store by SETBIT of redis-benchmark, as it comes (50 connections) and in pipelines as long as
 * ours: CPU of client and server together, so that neither cores nor waiting count.
 */
export const redisWriteBench: Bench = {
  name: 'redis-write',
  summary: `slots of ${CHECKS} checks written to Redis, one or six of each at a time, by SETBIT of redis-benchmark`,
  async run() {
    if (!findProgram('redis-server') || !findProgram('redis-benchmark')) return MISSING;
    const server = await startRedis();
    const writer = new HelperProcess<RedisTalk>('./redis-load.ts');
    try {
      const [one, six, plain, piped]: [Cost[], Cost[], Cost[], Cost[]] = [[], [], [], []];
      for (let i = 0; i < ROUNDS; i++) {
        one.push(await written(server, writer, 60, 1));
        plain.push(setbits(server, 100_000));
        six.push(await written(server, writer, 10, 6));
        piped.push(setbits(server, 500_000, '-c', '1', '-P', String(PIPELINE)));
      }
      return [
        ...figuresOf('redis: samples, one of each check a write', one),
        ...figuresOf('redis: samples, six of each check a write', six),
        ...figuresOf('redis-benchmark: SETBIT', plain),
        ...figuresOf(`redis-benchmark: SETBIT, pipelines of ${PIPELINE}`, piped),
        ratio('redis: CPU of a sample, one a write, by SETBIT', cpuOf(one), cpuOf(plain), MOST_COST),
        ratio('redis: CPU of a sample, six a write, by SETBIT', cpuOf(six), cpuOf(plain), MOST_COST),
        ratio('redis: CPU of a sample, six a write, by piped SETBIT', cpuOf(six), cpuOf(piped)),
      ];
    } finally {
      await writer.end();
      await server.stop();
    }
  },
};

function cpuOf(costs: readonly Cost[]): readonly number[] {
  return costs.map(({ cpuUs }) => cpuUs);
}

function figuresOf(what: string, costs: readonly Cost[]): readonly Figure[] {
  const rates = costs.map(({ seconds }) => 1 / seconds);
  return [figure(what, '/s', rates), figure(what, 'µs CPU each', cpuOf(costs))];
}

async function written(
  server: RedisServer,
  writer: HelperProcess<RedisTalk>,
  writes: number,
  slotsAWrite: number,
): Promise<Cost> {
  const before = cpuMs(server.pid ?? 0);
  const asked = { url: server.url, checks: CHECKS, writes, slotsAWrite };
  const { samples, seconds, cpuSeconds } = await writer.ask('write', asked);
  const serverMs = cpuMs(server.pid ?? 0) - before;
  return { seconds: seconds / samples, cpuUs: (cpuSeconds * 1e6 + serverMs * 1_000) / samples };
}

function setbits(server: RedisServer, count: number, ...more: readonly string[]): Cost {
  const before = cpuMs(server.pid ?? 0);
  const args = ['-p', server.port, '-q', '-n', count, '-r', CHECKS, ...more];
  const command = ['SETBIT', 'bench:__rand_int__', 4_000, 1];
  // The shell tells what its child took: seconds, and CPU of user and system.
  const timed = `TIMEFORMAT='%R %U %S'; time redis-benchmark "$@" >/dev/null`;
  const { stderr, status } = spawnSync('bash', ['-c', timed, 'bash', ...[...args, ...command].map(String)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`redis-benchmark failed: ${stderr}`);
  const [seconds = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const serverMs = cpuMs(server.pid ?? 0) - before;
  return { seconds: seconds / count, cpuUs: ((user + system) * 1e6 + serverMs * 1_000) / count };
}

/** What a year takes in Redis: quiet, with five minutes of outage a week, and with one slot in a thousand bad. */
export const redisSizeBench: Bench = {
  name: 'redis-size',
  summary: 'memory of a check, vantage and year at 10 s in Redis, by MEMORY USAGE of every key',
  async run() {
    if (!findProgram('redis-server')) return MISSING;
    const server = await startRedis();
    try {
      const year = async (what: string, isBad: (slot: number) => boolean): Promise<Figure> =>
        figure(`redis: a year ${what}`, 'MB', [await yearOf(server, isBad)], MOST_MEGABYTES);
      return [
        await year('without a bad slot', () => false),
        await year('with five minutes of outage a week', (slot) => slot % (7 * SLOTS_A_DAY) < 30),
        await year('with one slot in a thousand bad', (slot) => slot % 1_000 === 0),
      ];
    } finally {
      await server.stop();
    }
  },
};

async function yearOf(server: RedisServer, isBad: (slot: number) => boolean): Promise<number> {
  const store = await openShared(server.url, { prefix: 'vigie:' });
  const first = Date.parse('2026-01-01T00:00:00Z') / INTERVAL_MS;
  for (let day = 0; day < YEAR_DAYS; day++) {
    await store.put(
      Array.from({ length: SLOTS_A_DAY }, (_, i) => {
        const slot = first + day * SLOTS_A_DAY + i;
        const place = { check: 'dns-internal', intervalMs: INTERVAL_MS, vantage: 'az-a', slot };
        return isBad(slot)
          ? ({ ...place, outcome: 'bad', cause: 'timeout' } as const)
          : ({ ...place, outcome: 'good' } as const);
      }),
    );
    await store.flush();
  }
  await store.close();
  return server.with(async (client) => {
    const megabytes = await usageOf(client);
    await client.flushall();
    return megabytes;
  });
}

async function usageOf(client: Redis): Promise<number> {
  let bytes = 0;
  for (const key of await client.keys('*')) bytes += Number(await client.memory('USAGE', key));
  return bytes / 1e6;
}
