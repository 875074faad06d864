import { z } from 'zod';
import { type DeclaredExclusion, declaredOver, EXCLUSION_KINDS } from '../core/exclusion.ts';
import { occurrences } from '../core/recurrence.ts';
import type { Span } from '../core/span.ts';
import { idSchema, instantSchema, LOCAL_INSTANT_EXPECTED } from './quantity.ts';
import { recurrenceSchema } from './recurrence-schema.ts';

const evidenceSchema = z.url({ protocol: /^https?$/, error: 'expected an http:// or https:// link' });

/**
 * What a declared exclusion says (sla-math §4), by itself: when (`from` and `to`, or `recurs`), of what kind, where, why
 * and by whom. See {@link exclusionStatementSchema} for what its parts say of each other.
 */
export const exclusionSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(EXCLUSION_KINDS),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
  recurs: recurrenceSchema.optional().describe('Instead of from and to: spans that come back.'),
  rows: z.array(z.string()).min(1).optional(),
  checks: z.array(z.string()).min(1).optional(),
  scopes: z.array(z.string()).min(1).optional(),
  reason: z.string().min(1),
  author: z.string().min(1),
  enteredAt: instantSchema.optional().describe('When it was first declared.'),
  evidence: evidenceSchema.optional().describe('Where what it rests on is to be read.'),
});

type ExclusionParts = z.output<typeof exclusionSchema>;

/** An exclusion of which it is said when, in the one way or the other. */
export const timedExclusionSchema = exclusionSchema.superRefine((exclusion, context) => {
  const { from, to, recurs } = exclusion;
  const missing = (key: string): void =>
    context.addIssue({ code: 'custom', path: [key], message: `expected ${LOCAL_INSTANT_EXPECTED}` });
  if (recurs === undefined) {
    if (from === undefined) missing('from');
    if (to === undefined) missing('to');
  } else if (from !== undefined || to !== undefined) {
    const message = 'expected either recurs, or from and to';
    context.addIssue({ code: 'custom', path: ['recurs'], message });
  }
});

/** A whole exclusion, as someone declares it: a span of time that is not empty. */
export const exclusionStatementSchema = timedExclusionSchema.superRefine(({ from, to }, context) => {
  // What is no instant was told by itself, and is not later than anything.
  if (from === undefined || to === undefined || !(from >= to)) return;
  context.addIssue({ code: 'custom', path: ['to'], message: 'expected an instant later than `from`' });
});

/** An exclusion as the product works with it: instants and durations in milliseconds. */
export type ExclusionStatement = ExclusionParts;

/** The spans that a statement is about, in order of their beginnings; one, or all that come back. */
export function spansOf({ from, to, recurs }: ExclusionStatement): readonly Span[] {
  if (recurs) return occurrences(recurs);
  return from === undefined || to === undefined ? [] : [{ from, to }];
}

/** What the judge makes of a statement: one exclusion for each of its spans, all of the same id. */
export function declaredBy(statement: ExclusionStatement): readonly DeclaredExclusion[] {
  return declaredOver(spansOf(statement), { ...statement, enteredAtMs: statement.enteredAt });
}
