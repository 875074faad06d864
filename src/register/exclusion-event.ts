import { z } from 'zod';
import { type ExclusionStatement, exclusionStatementSchema } from '../contract/exclusion-schema.ts';
import type { LedgerEntry, NewLedgerEntry } from '../window/ledger.ts';

/**
 * What happens to an exclusion; never changed or dropped. `declared`: a person says so, and it counts at once.
 * `proposed`: by what `source` names; it counts for nothing until `confirmed`. `withdrawn`: it counts for nothing any more.
 */
export type ExclusionEvent =
  | {
      readonly event: 'declared' | 'proposed';
      /** As it was given; `statement` is what it says. */
      readonly exclusion: unknown;
      readonly statement: ExclusionStatement;
      readonly source: string;
    }
  | {
      readonly event: 'confirmed' | 'withdrawn';
      readonly id: string;
      readonly author: string;
      readonly reason: string;
    };

/** An event with its place in the ledger. */
export type EnteredExclusionEvent = ExclusionEvent & {
  readonly sequence: number;
  /** When it was entered, in milliseconds since the epoch. */
  readonly enteredAtMs: number;
};

/** One key for the opening of an id, whoever says it and however: ids are never taken twice. */
export function exclusionEntry(event: ExclusionEvent, atMs: number): NewLedgerEntry {
  if ('statement' in event) {
    const { statement, ...said } = event;
    return { key: statement.id, atMs, json: JSON.stringify(said) };
  }
  return { key: `${event.id} ${event.event}`, atMs, json: JSON.stringify(event) };
}

const eventSchema = z.union([
  z.object({ event: z.enum(['declared', 'proposed']), exclusion: z.unknown(), source: z.string() }),
  z.object({
    event: z.enum(['confirmed', 'withdrawn']),
    id: z.string(),
    author: z.string(),
    reason: z.string(),
  }),
]);

/** The event that a line of the ledger tells; undefined when this version does not understand it. */
export function exclusionEventOf({ sequence, atMs, json }: LedgerEntry): EnteredExclusionEvent | undefined {
  const event = eventSchema.safeParse(parsed(json)).data;
  if (!event) return undefined;
  const entered = { sequence, enteredAtMs: atMs };
  if (!('exclusion' in event)) return { ...event, ...entered };
  const statement = exclusionStatementSchema.safeParse(event.exclusion).data;
  return statement && { ...event, statement, ...entered };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
