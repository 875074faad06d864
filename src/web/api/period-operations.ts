import { z } from 'zod';
import type { Sources } from '../sources.ts';
import { operation, type Operation } from './operation.ts';
import { instantQuery, listQuery } from './query.ts';

const spanSchema = z.looseObject({
  name: z.string(),
  kind: z.enum(['month', 'year']),
  from: z.string(),
  to: z.string(),
});
const listSchema = z.object({
  periods: z.array(
    z.looseObject({
      period: spanSchema,
      number: z.int().describe('0 for the original; amendments count from 1.'),
      madeAt: z.string(),
      at: z.string(),
      changes: z.array(z.looseObject({ what: z.string() })).nullable(),
    }),
  ),
});
const closingSchema = z.looseObject({
  record: z.literal('closing'),
  period: spanSchema,
  number: z.int().nullable().describe('Null while the period is not closed.'),
  at: z.string(),
  verdicts: z.array(z.looseObject({ row: z.string(), scope: z.string(), reading: z.string() })),
  explanations: z.array(z.looseObject({ row: z.string() })),
  tickets: z.array(z.looseObject({ ticket: z.string() })),
  exclusions: z.array(z.looseObject({ id: z.string() })),
});
const timelineSchema = z.object({ timelines: z.array(z.looseObject({ check: z.string(), at: z.string() })) });
const lineSchema = z.looseObject({ check: z.string(), at: z.string(), state: z.enum(['D', 'U', 'X', '?']) });

/** Closed periods: what they came to, frozen, with their amendments. */
export function periodOperations({ periods }: Sources): readonly Operation[] {
  if (!periods) return [];
  return [
    operation({
      path: '/api/periods',
      summary: 'The closings of periods and their amendments, in the order in which they were made.',
      query: {},
      answer: listSchema,
      handle: async () => ({ json: { periods: await periods.closings() } }),
    }),
    operation({
      path: '/api/periods/{period}',
      summary: 'What a period came to, as it was closed; what it comes to so far where it is not closed.',
      query: {
        number: z.coerce.number().int().min(0).optional().describe('A closing; the latest when absent.'),
      },
      answer: closingSchema,
      isPrivate: true,
      async handle({ number }, context) {
        const { period = '' } = context.req.param() as Readonly<Record<string, string>>;
        const closing = await periods.closing(period, number);
        if (closing) return { json: closing };
        return {
          status: 422,
          detail: `there is no closing of ${period}, expected a period like 2026-03 or 2026`,
        };
      },
    }),
    operation({
      path: '/api/timelines',
      summary: 'How checks were judged in a span: the states that settled, one after the other.',
      query: {
        check: listQuery.describe('Of these checks.'),
        from: instantQuery,
        to: instantQuery,
      },
      answer: timelineSchema,
      line: lineSchema,
      formats: ['json', 'jsonl'],
      async handle({ check, from, to }) {
        const lines = await periods.timelines(check, from, to);
        return { json: { timelines: lines.map((line): unknown => JSON.parse(line)) }, lines };
      },
    }),
  ];
}
