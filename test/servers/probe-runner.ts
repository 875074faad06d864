import { createInterface } from 'node:readline';
import { probeKinds } from '../../probes/index.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import { parse } from '../contracts/probing.ts';
import type { RunnerRequest } from './probe-in.ts';

/**
 * Runs probes for a test in another place than its own: another network namespace, another user. One request a line
 * on standard input, as JSON, every secret being the marker of the contract suite; one reading a line on standard output.
 * Argument: the user id to become, if any.
 */
const [uid] = process.argv.slice(2);
const kinds = probeKinds();

if (uid !== undefined) {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(JSON.parse(line)))}\n`);
}
await Promise.all([...kinds.values()].map((kind) => kind.close()));

async function answerTo({ kind: word, settings, deadlineMs }: RunnerRequest): Promise<unknown> {
  const kind = kinds.get(word);
  if (!kind) throw new Error(`no probe ${word}`);
  const probe = kind.configure(parse(kind, settings));
  const signal = AbortSignal.timeout(deadlineMs);
  return probe.run({ signal, clock: systemClock, random: systemRandom });
}
