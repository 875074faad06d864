import { z } from 'zod';
import { amountSchema, creditSchema, durationSchema, targetSchema } from './quantity.ts';

const tierSchema = z.strictObject({
  below: targetSchema.describe('Applies when the availability of the period is below this percentage.'),
  credit: creditSchema.describe('Percent of the period’s bill.'),
});

const penaltySchema = z
  .strictObject({
    rows: z.array(z.string()).min(1).optional().describe('The rows it is owed for; all when absent.'),
    tiers: z.array(tierSchema).min(1).optional().describe('A table; the lowest tier that applies is owed.'),
    formula: z
      .literal('promised-minus-observed')
      .optional()
      .describe('Owed is the promised percentage less the observed one.'),
    cap: creditSchema.optional().describe('At most this percent of the period’s bill.'),
    bill: amountSchema.optional().describe('The period’s bill.'),
    claimWithin: durationSchema
      .optional()
      .describe('How long after the end of the period a claim may be made.'),
  })
  .refine((penalty) => (penalty.tiers === undefined) !== (penalty.formula === undefined), {
    error: 'expected either tiers or a formula',
  });

/** What is owed for a breach, in the user's own terms: one penalty or a list of them; read as a list. */
export const penaltiesSchema = z.union(
  [z.array(penaltySchema).min(1), penaltySchema.transform((penalty) => [penalty])],
  { error: 'expected a penalty, or a list of them' },
);

/** One way in which a breach is paid for. */
export type Penalty = z.output<typeof penaltySchema>;
