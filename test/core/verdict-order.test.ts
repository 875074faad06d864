import { describe, expect, it } from 'vitest';
import { worstFirst } from '../../src/core/verdict-order.ts';
import { makeVerdict } from '../export/make-verdict.ts';

describe('worstFirst', () => {
  it('puts the worst member of a row on top: state, open incident, budget; rows stay where they are', () => {
    const openIncident = { fromMs: 0, toMs: 1, badMs: 1, countedMs: 1, causes: [] };
    const members = [
      makeVerdict({ row: 'b', scope: 'calm' }),
      makeVerdict({ row: 'b', scope: 'spent', remainingMs: -1 }),
      makeVerdict({ row: 'a', scope: 'met', state: 'met' }),
      makeVerdict({ row: 'b', scope: 'breached', state: 'breached' }),
      makeVerdict({ row: 'b', scope: 'open', openIncident }),
      makeVerdict({ row: 'a', scope: 'no budget', state: 'not-falsified', remainingMs: null }),
      makeVerdict({ row: 'b', scope: 'unsure', state: 'undecided' }),
    ];
    expect(worstFirst(members, (one) => one).map(({ row, scope }) => `${row} ${scope}`)).toEqual([
      'b breached',
      'b unsure',
      'b open',
      'b spent',
      'b calm',
      'a no budget',
      'a met',
    ]);
  });
});
