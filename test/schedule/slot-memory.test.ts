import { describe, expect, test } from 'vitest';
import { SlotMemory } from '../../src/schedule/slot-memory.ts';

const TEN_SECONDS = 10_000;

describe('SlotMemory', () => {
  test.each([
    ['nothing was run', [], 5, 5],
    ['the slot was run', [5], 5, 6],
    ['all up to 9 were run', [5, 6, 7, 8, 9], 6, 10],
    ['a slot before the first', [5], 4, 4],
    ['a gap of a minute is closed', [5, 11], 7, 12],
    ['a gap of more is free: the wall clock had stepped', [5, 600], 7, 7],
    ['two spans that touch are crossed at once', [105, 100, 101, 102, 103, 104], 100, 106],
  ])('firstFree: %s', (_case, run, from, free) => {
    const memory = new SlotMemory(TEN_SECONDS);
    for (const slot of run) memory.add(slot);
    expect(memory.firstFree(from)).toBe(free);
  });

  test('a clock that was a year ahead for a while leaves no blindness behind', () => {
    const memory = new SlotMemory(TEN_SECONDS);
    const year = 3_153_600;
    for (const slot of [5, 6, year, year + 1, 7, 8]) memory.add(slot);
    expect([memory.firstFree(5), memory.firstFree(9), memory.firstFree(year)]).toEqual([9, 9, year + 2]);
  });

  test('is bounded: the latest spans are kept', () => {
    const memory = new SlotMemory(TEN_SECONDS);
    for (let step = 0; step < 100; step++) memory.add(step * 1_000);
    expect([memory.firstFree(99_000), memory.firstFree(92_000), memory.firstFree(91_000)]).toEqual([
      99_001, 92_001, 91_000,
    ]);
  });
});
