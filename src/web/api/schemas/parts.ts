import { z } from 'zod';
import { CAUSES } from '../../../core/cause.ts';
import { EXCLUSION_KINDS } from '../../../core/exclusion.ts';

/** The parts of answers that have names of their own in the description (OpenAPI `components`). */
export const components = z.registry<{ id: string }>();

/** An instant: RFC 3339 with milliseconds, UTC. */
export const instant = z.iso.datetime({ precision: 3 });
/** A length of time in whole milliseconds. */
export const ms = z.int();
/** A number that JSON could not hold: decimal text. */
export const decimal = z.string().regex(/^-?\d+(?:\.\d+)?$/);
/** A whole number that JSON could not hold. */
export const whole = z.string().regex(/^-?\d+$/);
/** Why a slot was not good. */
export const cause = z.enum(CAUSES);
/** Why a span was declared not to be downtime. */
export const exclusionKind = z.enum(EXCLUSION_KINDS);
/** Small facts kept for a claim. */
export const evidence = z.record(z.string(), z.union([z.string(), z.number()]));

/** An answer that says no (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('For people.'),
  })
  .register(components, { id: 'Problem' });

/** The cursor of the next page. */
export const next = z.string().nullable().describe('For `after`, to have the next page; null on the last.');
