import { readdirSync, readFileSync } from 'node:fs';

const TASKS = '/proc/self/task';
const NS_PER_MS = 1_000_000;

/**
 * How long the threads of this process have waited for a processor since they began, together, in milliseconds: the
 * second figure of their schedstat (the Linux kernel's sched-stats). 0 where it is not kept.
 */
export function threadsQueuedMs(): number {
  try {
    const waits = readdirSync(TASKS).map((task) =>
      Number(readFileSync(`${TASKS}/${task}/schedstat`, 'latin1').split(' ')[1]),
    );
    return waits.reduce((sum, wait) => sum + wait, 0) / NS_PER_MS;
  } catch {
    return 0;
  }
}
