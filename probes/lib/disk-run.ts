import type { ProbeContext } from '../../src/core/probe.ts';
import type { DiskJob } from './disk-messages.ts';
import { type DiskEnd, type DiskProcess, REACT_MS } from './disk-process.ts';

/** How long a run waits for its file to be made, in milliseconds; a larger one is there for later runs. */
const MAKING_MS = 2_000;

/** What a run may spend on our own behalf before the volume is asked, in milliseconds; the timeout must be longer. */
export const DISK_OWN_MS = REACT_MS + MAKING_MS;

/** Does a job in its place, which is made first where it is not there. */
export async function runOnDisk(
  process: DiskProcess,
  job: Exclude<DiskJob, { readonly job: 'create' }>,
  context: ProbeContext,
): Promise<DiskEnd> {
  const end = await process.perform(job, context);
  if (end.kind !== 'absent') return end;
  const made = await process.create({ job: 'create', place: job.place }, MAKING_MS, context);
  return made.kind === 'created' ? process.perform(job, context) : made;
}
