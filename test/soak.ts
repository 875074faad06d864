import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type RedisServer, startRedis } from './servers/redis.ts';
import { figuresOf, type FleetProcess, WatchedFleet } from './servers/watched-fleet.ts';

/**
 * `node test/soak.ts [minutes] [checks] [interval in seconds] [seed]`: three probes and two judges on a Redis that keeps
 * what it has by the second, under faults at random, end with what the target answered, and with the figures of a replay. By hand: it takes
 * its time.
 */
const [minutes = 30, checks = 500, seconds = 1, seed = 1] = process.argv.slice(2).map(Number);
const VANTAGES = ['az-a', 'az-b', 'az-c'];
/** Each process holds the last ten minutes to tell them again; less, so that nothing is on the edge. */
const REMEMBERED_MS = 8 * 60_000;
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

let state = seed;
/** Uniform in [0, 1), the same for the same seed (Lehmer). */
function random(): number {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
}

interface Soak {
  /** When it ends, on the monotonic clock. */
  readonly untilMs: number;
  readonly redis: RedisServer;
  readonly fleet: WatchedFleet;
  readonly probes: readonly FleetProcess[];
  readonly judges: FleetProcess[];
}

/** Starts a process of no more weight than it has for users. */
async function startPlain(fleet: WatchedFleet, args: readonly string[]): Promise<FleetProcess> {
  const started = await fleet.start(args);
  if (process.getuid?.() === 0) setPriority(started.pid, 0);
  return started;
}

const FAULTS: Readonly<Record<string, (soak: Soak) => Promise<void>>> = {
  async 'Redis is killed and comes back with what it had on disk'({ redis }) {
    await redis.kill();
    await pause(1_000 + random() * 14_000);
    await redis.start();
  },
  async 'Redis is killed and comes back empty, as long as all is remembered'({ redis, untilMs }) {
    await redis.kill();
    const ranMs = performance.now() - (untilMs - minutes * 60_000);
    if (ranMs < REMEMBERED_MS) redis.forget();
    await pause(1_000 + random() * 14_000);
    await redis.start();
  },
  async 'a judge is killed and another started'({ fleet, judges }) {
    const i = Math.floor(random() * judges.length);
    judges[i]?.kill('SIGKILL');
    judges[i] = await startPlain(fleet, ['--role', 'judge']);
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
  const { fleet, probes, judges, untilMs } = at;
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
  const { slots, wrong, doubtful } = await fleet.stored();
  const leader = await fleet.leader(judges);
  const verdict = await fleet.verdict(leader);
  const [told, replayed] = [verdict, await fleet.replayed(slots, verdict.at)].map((one) =>
    JSON.stringify(figuresOf(one), undefined, 1),
  );
  const isSame = told === replayed;
  if (!isSame) console.log('told by the leader', told, 'by a replay', replayed);
  const kept = VANTAGES.map((vantage) => slots.filter((slot) => slot.includes(` ${vantage} `)).length);
  console.log({ counted, kept, answered: fleet.answered.length, wrong: wrong.length, doubtful, isSame });
  const perSlot = Map.groupBy(wrong, (text) => text.split(' ')[2]);
  console.log('wrong by slot', [...perSlot].map(([slot, all]) => `${slot} ${all.length}`).join());
  console.log((await fleet.caused(wrong.slice(0, 40))).join('\n'));
  return isSame && wrong.length === 0 && kept.every((count, i) => count >= (counted[i] ?? Infinity));
}

// The target is to answer at once whatever the others are busy with: what is late then is not for its sake.
if (process.getuid?.() === 0) setPriority(-15);
const redis = await startRedis(DURABLE);
const setup = { redisUrl: redis.url, vantages: VANTAGES, checks, intervalMs: seconds * 1_000 };
const fleet = await WatchedFleet.open(setup);
try {
  const probes = await Promise.all(
    VANTAGES.map((one) => startPlain(fleet, ['--role', 'probe', '--vantage', one])),
  );
  const judges = await Promise.all([1, 2].map(() => startPlain(fleet, ['--role', 'judge'])));
  const isEqual = await soak({ redis, fleet, probes, judges, untilMs: performance.now() + minutes * 60_000 });
  console.log(isEqual ? 'equal' : 'NOT EQUAL');
  process.exitCode = isEqual ? 0 : 1;
} finally {
  await fleet.stop();
  await redis.stop();
}
