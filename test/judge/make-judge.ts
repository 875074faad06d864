import { contractSchema } from '../../src/contract/schema.ts';
import type { Check } from '../../src/core/check.ts';

/** A check with nothing but what judging looks at. */
export function judgedCheck(fields: Partial<Check> & Pick<Check, 'id'>): Check {
  return {
    probe: 'tcp',
    row: 'row',
    scope: 'region',
    intervalMs: 10_000,
    timeoutMs: 3_000,
    attempts: 1,
    confirm: 1,
    vantages: ['a'],
    settings: {},
    expectations: {},
    ...fields,
  };
}

/** A contract with one availability row, judged by calendar months in UTC unless said otherwise. */
export function contractWith(row: object, rest: object = {}) {
  return contractSchema.parse({
    id: 'test',
    version: '1',
    timezone: 'UTC',
    period: {},
    readings: { only: {} },
    rows: [
      {
        id: 'row',
        clause: 'C1',
        title: 'Row',
        type: 'availability',
        target: '99.9',
        period: 'month',
        ...row,
      },
    ],
    ...rest,
  });
}
