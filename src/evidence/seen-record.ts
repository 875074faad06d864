import { z } from 'zod';
import { CAUSES } from '../core/cause.ts';
import {
  observationLine,
  type SeenRun,
  seenRuns,
  type SeenSlots,
  sortedEvidence,
} from './observation-lines.ts';

const OUTCOME_OF = { b: 'bad', x: 'excluded' } as const;

/**
 * What one vantage saw as the archive keeps it: a line that says of whom and from when, then a line for each run of slots:
 * `[96]` good, `[4,"-"]` not seen, `[1,"b","status",{…}]` bad and `[2,"x","throttled"]` excluded, with cause and evidence
 * where there are any. A tenth of the bytes of observation lines (interfaces.md), which {@link seenObservations} makes of
 * it again.
 */
export function* seenRecord(seen: SeenSlots, vantage: string): Generator<string, void, void> {
  const { check, intervalMs, fromSlot } = seen;
  const from = new Date(fromSlot * intervalMs).toISOString();
  yield JSON.stringify({ record: 'seen', check, vantage, intervalMs, from });
  let slot = fromSlot;
  for (const run of seenRuns(seen, vantage)) {
    if (run.from > slot) yield JSON.stringify([run.from - slot, '-']);
    yield runLine(run);
    slot = run.to;
  }
}

function runLine({ from, to, outcome, cause, evidence }: SeenRun): string {
  if (outcome === 'good') return JSON.stringify([to - from]);
  const told = cause === undefined ? [] : evidence ? [cause, sortedEvidence(evidence)] : [cause];
  return JSON.stringify([to - from, outcome === 'bad' ? 'b' : 'x', ...told]);
}

const headSchema = z.object({
  record: z.literal('seen'),
  check: z.string(),
  vantage: z.string(),
  intervalMs: z.int().min(1),
  from: z.iso.datetime(),
});
const runSchema = z.union([
  z.tuple([z.int().min(1)]),
  z.tuple([z.int().min(1), z.literal('-')]),
  z.tuple([z.int().min(1), z.enum(['b', 'x'])]),
  z.tuple([z.int().min(1), z.enum(['b', 'x']), z.enum(CAUSES)]),
  z.tuple([
    z.int().min(1),
    z.enum(['b', 'x']),
    z.enum(CAUSES),
    z.record(z.string(), z.union([z.string(), z.number()])),
  ]),
]);

/** The observation lines (interfaces.md) in the lines of a record; what is none of {@link seenRecord} is passed over. */
export async function* seenObservations(
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string, void, void> {
  let head: z.output<typeof headSchema> | undefined;
  let slot = 0;
  for await (const line of lines) {
    if (line.startsWith('{')) {
      head = line.startsWith('{"record":"seen"') ? headSchema.safeParse(parsed(line)).data : undefined;
      slot = head ? Date.parse(head.from) / head.intervalMs : 0;
      continue;
    }
    const run = head && runSchema.safeParse(parsed(line)).data;
    if (!head || !run) continue;
    const [length, what, cause, evidence] = run;
    const span = { from: slot, to: slot + length };
    slot += length;
    if (what === '-') continue;
    const outcome = what === undefined ? 'good' : OUTCOME_OF[what];
    yield observationLine(head, head.vantage, {
      ...{ ...span, outcome },
      ...(cause !== undefined && { cause }),
      ...(evidence !== undefined && { evidence }),
    });
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
