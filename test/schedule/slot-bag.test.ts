import { expect, test } from 'vitest';
import { SlotBag } from '../../src/schedule/slot-bag.ts';

test('SlotBag holds what was put and not taken, in order, however often it was empty', () => {
  const bag = new SlotBag();
  expect(bag.slots()).toEqual([]);
  for (const slot of [7, 8, 9]) bag.put(slot);
  bag.take(8);
  expect(bag.slots()).toEqual([7, 9]);
  bag.take(7);
  bag.put(10);
  expect(bag.slots()).toEqual([9, 10]);
  bag.take(10);
  bag.take(9);
  expect(bag.slots()).toEqual([]);
  bag.put(8);
  expect(bag.slots()).toEqual([8]);
});

test('SlotBag does not take what is not in it, or is no longer', () => {
  const bag = new SlotBag();
  bag.put(7);
  bag.put(8);
  bag.take(8);
  expect(() => bag.take(8)).toThrow('slot 8 is not here');
  expect(() => bag.take(9)).toThrow('slot 9 is not here');
  expect(bag.slots()).toEqual([7]);
});
