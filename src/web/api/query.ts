import { z } from 'zod';
import { INSTANT_EXPECTED, parseInstant } from '../../core/instant.ts';
import type { Asked } from '../environment.ts';
import type { Refusal } from './answer.ts';

/** An instant in a query, in milliseconds since the epoch. A `+` that was not escaped arrives as a blank. */
export const instantQuery = z
  .string()
  .transform((text, context) => {
    const ms = parseInstant(text.trim().replace(' ', '+'));
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `expected ${INSTANT_EXPECTED}` });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time' });

/** How many are wanted at the most. */
export function limitQuery(byDefault: number, most: number) {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(most)
    .default(byDefault)
    .describe(`How many at the most: 1 to ${most}.`);
}

/** The cursor of a page. */
export const afterQuery = z
  .string()
  .max(1_024)
  .optional()
  .describe('The `next` of the page before; from the beginning when absent.');

/** What the query of a request says, undecoded. A name that is there twice has a list. */
export function givenIn(context: Asked): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}

/** A query, or a part of one, as a schema has it; or what is wrong with it. */
export function decoded<S extends z.ZodType>(
  given: Readonly<Record<string, unknown>>,
  schema: S,
): { readonly value: z.output<S> } | Refusal {
  const parsed = schema.safeParse(given);
  if (parsed.success) return { value: parsed.data };
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  return { status: 422, detail: wrong.join('; ') };
}

/** One text or several, as a list. */
export const listQuery = z
  .union([z.string().transform((one) => [one]), z.array(z.string()).max(100)])
  .default([]);
