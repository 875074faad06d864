import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { ToExposition } from './batch.ts';
import { createExposition } from './exposition.ts';

// Rendering must give way to the probes. On Linux a thread has a priority of its own; elsewhere this would slow the
// whole process. Without the right to change it, the scheduler's fairness has to do.
const NICE = 10;
if (process.platform === 'linux') {
  try {
    setPriority(NICE);
  } catch {
    process.emitWarning('the metrics thread runs at the priority of the probes');
  }
}

const exposition = createExposition();
let rendered: Promise<void> = Promise.resolve();

async function handle(message: ToExposition): Promise<void> {
  if (message.kind === 'batch') {
    exposition.apply(message.batch);
    return;
  }
  const answer = await exposition.render(message.format);
  parentPort?.postMessage({ request: message.request, exposition: answer }, [answer.body.buffer]);
}

parentPort?.on('message', (message: ToExposition) => {
  rendered = rendered.then(() => handle(message));
});
