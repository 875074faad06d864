import { describe, expect, it } from 'vitest';
import { quorumOf, slotState } from '../../src/judge/quorum.ts';

describe('quorumOf', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('of %i vantages is %i', (expected, quorum) => {
    expect(quorumOf(expected)).toBe(quorum);
  });
});

describe('slotState', () => {
  it.each([
    // V, good, bad, excluded, past the watermark, state
    [1, 0, 1, 0, false, 'D'],
    [1, 1, 0, 0, false, 'U'],
    [1, 0, 0, 1, false, 'pending'],
    [1, 0, 0, 1, true, 'X'],
    [1, 0, 0, 0, false, 'pending'],
    [1, 0, 0, 0, true, '?'],
    [2, 0, 2, 0, false, 'D'],
    [2, 1, 0, 0, false, 'U'],
    [2, 1, 1, 0, false, 'U'],
    [2, 0, 1, 0, false, 'pending'],
    [2, 0, 1, 0, true, '?'],
    [2, 0, 1, 1, true, 'D'],
    [2, 0, 0, 2, true, 'X'],
    [3, 0, 2, 0, false, 'D'],
    [3, 2, 0, 0, false, 'U'],
    [3, 1, 1, 0, false, 'pending'],
    [3, 1, 1, 0, true, 'U'],
    [3, 0, 1, 1, true, 'D'],
    [3, 1, 0, 1, true, 'U'],
    [3, 0, 0, 2, true, 'X'],
    [3, 0, 1, 0, true, '?'],
    [5, 2, 2, 0, true, 'U'],
    [5, 1, 2, 0, true, 'D'],
  ] as const)('V=%i g=%i d=%i x=%i past=%s is %s', (expected, good, bad, excluded, past, state) => {
    expect(slotState({ good, bad, excluded }, expected, past)).toBe(state);
  });
});
