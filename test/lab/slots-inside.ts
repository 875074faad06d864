import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Namespace } from '../servers/netns.ts';
import type { SlotRequest } from './slot-runner.ts';

const RUNNER = join(import.meta.dirname, 'slot-runner.ts');

/** Has slots run in a namespace by a process of its own: what each came to, at least as many as asked for. */
export async function slotsInside(namespace: Namespace, request: SlotRequest): Promise<readonly string[]> {
  const child = namespace.spawn(process.execPath, RUNNER, JSON.stringify(request));
  const ended = once(child, 'close');
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  if (complained !== '') throw new Error(complained);
  const outcomes: readonly string[] = JSON.parse(said);
  return outcomes;
}
