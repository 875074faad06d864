import { cpus } from 'node:os';
import { cadenceBench } from './cadence-bench.ts';
import { costBench } from './cost-bench.ts';
import { expositionBench } from './exposition-bench.ts';
import { evidenceBench } from './evidence-bench.ts';
import type { Bench } from './figure.ts';
import { judgeBench, restoreBench } from './judge-bench.ts';
import { kindsBench } from './kinds-bench.ts';
import { latencyBench } from './latency-bench.ts';
import { memoryBench, startBench } from './process-bench.ts';
import { redisSizeBench, redisWriteBench } from './redis-bench.ts';
import { serviceBench } from './service-bench.ts';
import { asText, type Outcome } from './table.ts';
import { webBench } from './web-bench.ts';
import { replayYearBench } from './year-bench.ts';

const BENCHES: readonly Bench[] = [
  costBench('http', 0.8),
  costBench('https', 1.1),
  costBench('tcp', 0.4),
  costBench('dns', 0.2),
  serviceBench('outscale-api'),
  serviceBench('object-storage'),
  cadenceBench(1_000, 1),
  cadenceBench(2_000, 1),
  cadenceBench(4_000, 2),
  latencyBench,
  webBench,
  kindsBench,
  expositionBench(1_667, 10_000),
  expositionBench(4_167, 25_000),
  judgeBench('rows'),
  judgeBench('scopes'),
  restoreBench,
  replayYearBench,
  memoryBench,
  startBench,
  redisWriteBench,
  redisSizeBench,
  evidenceBench,
];

const words = process.argv.slice(2);
const asJson = words.join(' ').includes('--output json') || words.includes('--output=json');
const names = words.filter((word) => !word.startsWith('--') && word !== 'json' && word !== 'text');
const unknown = names.find((name) => BENCHES.every((bench) => bench.name !== name));
if (unknown !== undefined) {
  process.stderr.write(`no bench ${unknown}; there are ${BENCHES.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const outcomes: Outcome[] = [];
for (const bench of BENCHES) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  process.stderr.write(`${bench.name}: ${bench.summary}\n`);
  const result = await bench.run().catch((error: unknown) => {
    process.exitCode = 1;
    return { skipped: `it failed: ${String(error)}` };
  });
  const outcome = { bench: bench.name, summary: bench.summary, result };
  outcomes.push(outcome);
  if (!asJson) process.stdout.write(asText(outcome));
}
if (asJson) {
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), machine, outcomes }, undefined, 1)}\n`,
  );
}
