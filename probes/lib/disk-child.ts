// oxlint-disable-next-line no-restricted-imports -- a process of its own has nobody to lend it a clock
import { systemClock } from '../../src/clock.ts';
import type { CancelTimer } from '../../src/core/clock.ts';
import { burst } from './disk-burst.ts';
import { createPlace } from './disk-create.ts';
import type { DiskJob, DiskMessage, DiskResult, DiskStep } from './disk-messages.ts';
import { codeOf } from './faults.ts';
import { roundTrip } from './disk-round-trip.ts';

/** A process that nobody asks anything of any more (its check was removed) is not kept for ever. */
const IDLE_MS = 2 * 3_600_000;

/**
 * The process that touches the disk: whatever waits for it, waits here, and can be killed. One job at a time. Ends
 * with the process that started it.
 */
function serve(): void {
  let forget: CancelTimer = () => undefined;
  process.on('disconnect', () => process.exit());
  const answer = async (job: DiskJob): Promise<void> => {
    forget();
    say({ say: 'result', result: await perform(job) });
    forget = systemClock.after(IDLE_MS, () => process.exit());
  };
  process.on('message', (job: DiskJob) => void answer(job));
}

function say(message: DiskMessage): void {
  process.send?.(message);
}

async function perform(job: DiskJob): Promise<DiskResult> {
  let at: DiskStep = 'open';
  const tell = (step: DiskStep): void => {
    at = step;
    say({ say: 'step', step });
  };
  try {
    return await begin(job, tell);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    return { kind: 'failed', code, step: at };
  }
}

function begin(job: DiskJob, tell: (step: DiskStep) => void): DiskResult | Promise<DiskResult> {
  switch (job.job) {
    case 'create':
      tell('create');
      return createPlace(job.place);
    case 'round-trip':
      return roundTrip(job.place, job.turn, systemClock, tell);
    case 'burst':
      return burst(job.place, job.plan, systemClock, tell);
  }
}

serve();
