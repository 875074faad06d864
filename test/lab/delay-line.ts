import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Namespace } from '../servers/netns.ts';

/** One end of a line. */
export interface LineEnd {
  readonly namespace: Namespace;
  /** With its prefix length, like `10.77.0.1/24`. */
  readonly address: string;
}

/** Two namespaces joined by a line whose delay is known: the kernel may lack netem, whose failure is easily missed. */
export interface DelayLine {
  /** How long a round trip takes, and the share of the packets that get lost; in force when it resolves. */
  set(delayMs: number, lossRatio?: number): Promise<void>;
  close(): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'delay-line.py');

/** Lays a line without delay. Needs root, python3 and /dev/net/tun; rejects when it cannot. */
export async function layDelayLine(near: LineEnd, far: LineEnd): Promise<DelayLine> {
  const ends = [near, far].flatMap(({ namespace, address }) => [namespace.name, address]);
  const child = spawn('python3', [SCRIPT, ...ends], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ready = async (): Promise<void> => {
    const { done } = await lines.next();
    if (done) throw new Error('the delay line ended');
  };
  await ready();
  return {
    async set(delayMs, lossRatio = 0) {
      child.stdin.write(`${delayMs} ${lossRatio}\n`);
      await ready();
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
