import { setTimeout as pause } from 'node:timers/promises';
import { type RedisServer, startRedis } from './servers/redis.ts';
import { figuresOf, type FleetProcess, WatchedFleet } from './servers/watched-fleet.ts';

/**
 * `node test/soak.ts [minutes] [checks] [interval in seconds] [seed]`: three probes and two judges on a Redis that keeps
 * nothing, under faults at random, end with what the target answered, and with the figures of a replay. By hand: it takes
 * its time.
 */
const [minutes = 30, checks = 500, seconds = 1, seed = 1] = process.argv.slice(2).map(Number);
const VANTAGES = ['az-a', 'az-b', 'az-c'];

let state = seed;
/** Uniform in [0, 1), the same for the same seed (Lehmer). */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

interface Soak {
  readonly redis: RedisServer;
  readonly fleet: WatchedFleet;
  readonly probes: readonly FleetProcess[];
  readonly judges: FleetProcess[];
}

const FAULTS: Readonly<Record<string, (soak: Soak) => Promise<void>>> = {
  async 'Redis is killed and comes back empty'({ redis }) {
    await redis.kill();
    await pause(1_000 + random() * 14_000);
    await redis.start();
  },
  async 'a judge is killed and another started'({ fleet, judges }) {
    const i = Math.floor(random() * judges.length);
    judges[i]?.kill('SIGKILL');
    judges[i] = await fleet.start(['--role', 'judge']);
  },
  async 'a judge is stopped and goes on'({ judges }) {
    const judge = judges[Math.floor(random() * judges.length)];
    judge?.kill('SIGSTOP');
    await pause(random() * 30_000);
    judge?.kill('SIGCONT');
  },
  async 'some checks go down'({ fleet }) {
    for (const check of fleet.checks) if (random() < 0.1) fleet.broken.add(check);
    await pause(2_000 + random() * 8_000);
    fleet.broken.clear();
  },
};

async function soak(at: Soak): Promise<boolean> {
  const { fleet, probes, judges } = at;
  const untilMs = performance.now() + minutes * 60_000;
  const names = Object.keys(FAULTS);
  while (performance.now() < untilMs) {
    const name = names[Math.floor(random() * names.length)] ?? '';
    console.log(new Date().toISOString(), name);
    await FAULTS[name]?.(at);
    await pause(random() * 10_000);
  }
  await pause(20_000);
  const counted = await Promise.all(probes.map((probe) => fleet.observed(probe)));
  for (const probe of probes) probe.kill('SIGTERM');
  await Promise.all(probes.map(({ finished }) => finished));
  await pause(10_000);
  const { slots, wrong } = await fleet.stored();
  const leader = await fleet.leader(judges);
  const verdict = await fleet.verdict(leader);
  const isSame =
    JSON.stringify(figuresOf(verdict)) === JSON.stringify(figuresOf(await fleet.replayed(slots, verdict.at)));
  const kept = VANTAGES.map((vantage) => slots.filter((slot) => slot.includes(` ${vantage} `)).length);
  console.log({ counted, kept, answered: fleet.answered.length, wrong: wrong.slice(0, 5), isSame });
  return isSame && wrong.length === 0 && kept.every((count, i) => count >= (counted[i] ?? Infinity));
}

const redis = await startRedis();
const setup = { redisUrl: redis.url, vantages: VANTAGES, checks, intervalMs: seconds * 1_000 };
const fleet = await WatchedFleet.open(setup);
try {
  const probes = await Promise.all(VANTAGES.map((one) => fleet.start(['--role', 'probe', '--vantage', one])));
  const judges = await Promise.all([1, 2].map(() => fleet.start(['--role', 'judge'])));
  const isEqual = await soak({ redis, fleet, probes, judges });
  console.log(isEqual ? 'equal' : 'NOT EQUAL');
  process.exitCode = isEqual ? 0 : 1;
} finally {
  await fleet.stop();
  await redis.stop();
}
