import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Reading } from '../../src/core/reading.ts';
import type { Namespace } from './netns.ts';

/** One attempt of one probe. */
export interface RunnerRequest {
  readonly kind: string;
  /** The `with:` block of a check. */
  readonly settings: unknown;
  readonly deadlineMs: number;
}

/** A process of its own that runs probes in a network namespace, one after the other. */
export interface ProbeRunner {
  /** What a probe sees from there. The deadline is 2 seconds unless told otherwise. */
  probe(kind: string, settings: object, deadlineMs?: number): Promise<Reading>;
  close(): Promise<void>;
}

const RUNNER = fileURLToPath(new URL('./probe-runner.ts', import.meta.url));
const DEADLINE_MS = 2_000;

/** Starts a runner in a namespace, as another user when told to: then without any capability. */
export function startProbeRunner(namespace: Namespace, uid?: number): ProbeRunner {
  const child = namespace.spawn(process.execPath, RUNNER, ...(uid === undefined ? [] : [String(uid)]));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  let last: Promise<unknown> = Promise.resolve();
  const probe: ProbeRunner['probe'] = async (kind, settings, deadlineMs = DEADLINE_MS) => {
    const request: RunnerRequest = { kind, settings, deadlineMs };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the runner ended: ${said}`);
    const reading: Reading = JSON.parse(value);
    return reading;
  };
  return {
    probe(...asked) {
      const reading = last.then(() => probe(...asked));
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
