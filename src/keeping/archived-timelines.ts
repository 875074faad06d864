import { timelineDigest, timelineFromMs, timelineWithin } from '../closing/judged-timeline.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Transition } from '../core/timeline.ts';
import type { ArchiveReader } from './archive-reader.ts';

const DAY_MS = 86_400_000;

/** What of a closing says which timelines it was judged from. */
export type ClosedFrom = Pick<ClosedPeriod, 'period' | 'at' | 'inputs'>;

/**
 * The timelines of all checks of a closing, from the days as they were known when the archive had `sequence` links.
 * Whether they are those that it was judged from, {@link differingChecks} says.
 */
export async function archivedTimelines(
  reader: ArchiveReader,
  { period, at, inputs }: ClosedFrom,
  sequence: number,
  breathe: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly Transition[]>> {
  const atMs = Date.parse(at);
  const fromMs = timelineFromMs(Date.parse(period.from));
  const joined = new Map<string, Transition[]>();
  for (const link of reader.daysAsOf(sequence)) {
    const dayMs = Date.parse(link.name);
    if (dayMs + DAY_MS <= fromMs || dayMs >= atMs) continue;
    for (const [check, timeline] of (await reader.day(link))?.timelines ?? []) {
      const known = joined.get(check) ?? [];
      known.push(...timeline);
      joined.set(check, known);
    }
    await breathe();
  }
  return new Map(
    Object.keys(inputs.checks)
      .map((check) => [check, timelineWithin(joined.get(check) ?? [], fromMs, atMs)] as const)
      .filter(([, timeline]) => timeline.length > 0),
  );
}

/** The checks of a closing that these are not the timelines of which it was judged from. */
export function differingChecks(
  { inputs }: Pick<ClosedPeriod, 'inputs'>,
  timelines: ReadonlyMap<string, readonly Transition[]>,
): readonly string[] {
  return Object.entries(inputs.checks)
    .filter(([check, digest]) => timelineDigest(check, timelines.get(check) ?? []) !== digest)
    .map(([check]) => check);
}

/** What a closing was judged from, or why that is not to be had. */
export type TimelinesAsClosed =
  | { readonly ok: true; readonly timelines: ReadonlyMap<string, readonly Transition[]> }
  | { readonly ok: false; readonly missing: string };

/** The timelines that a closing was judged from, out of an archive; none but those very ones. */
export async function timelinesAsClosed(
  closed: ClosedFrom,
  reader: ArchiveReader | undefined,
  breathe: () => Promise<void>,
): Promise<TimelinesAsClosed> {
  if (!reader) return { ok: false, missing: 'there is no archive of the evidence' };
  const timelines = await archivedTimelines(reader, closed, Infinity, breathe);
  const [first, ...others] = differingChecks(closed, timelines);
  if (first === undefined) return { ok: true, timelines };
  const days = reader.daysAsOf(Infinity);
  const span = days.length === 0 ? 'holds no day' : `holds ${days.at(0)?.name} to ${days.at(-1)?.name}`;
  const checks = others.length === 0 ? first : `${first} and ${others.length} more`;
  return { ok: false, missing: `the archive ${span}, and not what ${checks} was judged from` };
}
