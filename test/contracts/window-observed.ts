import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreSubject } from './window-subject.ts';
import type { CheckKey } from '../../src/core/observation.ts';
import { ReferenceWindow } from '../window/reference.ts';
import { bad, DAY_MS, FIRST, good, MARCH_FIRST_MS, observationsOf, TEN_SECONDS } from './window-samples.ts';

/** put, read and marks. */
export function observedContract(subject: StoreSubject): void {
  describe('put', () => {
    let runs = 0;
    const nextKey = (intervalMs: number): CheckKey => ({ check: `random-${runs++}`, intervalMs });
    const intervals = fc.constantFrom(1_000, 10_000, 3_600_000);

    it('agrees with a plain map for any observations: bits, marks, causes, seen', async () => {
      const cases = intervals.chain((intervalMs) =>
        fc.tuple(
          fc.constant(intervalMs),
          observationsOf({ check: '', intervalMs }),
          fc.integer({ min: -20, max: 0 }),
          fc.integer({ min: 0, max: 20 }),
        ),
      );
      await fc.assert(
        fc.asyncProperty(cases, async ([intervalMs, drawn, before, after]) => {
          const key = nextKey(intervalMs);
          const reference = new ReferenceWindow();
          const observations = drawn.map((each) => ({ ...each, ...key }));
          reference.put(observations);
          await subject.store.put(observations);
          const midnight = MARCH_FIRST_MS / intervalMs;
          const range = { ...key, fromSlot: midnight + before, toSlot: midnight + after };
          expect(await subject.bits(range)).toEqual(Object.fromEntries(reference.bits(range)));
          expect(await subject.misfits(range, reference)).toEqual([]);
          expect(await subject.misfits({ ...key, fromSlot: 0, toSlot: midnight * 2 }, reference)).toEqual([]);
          const [answer] = await subject.store.read([range]);
          for (let slot = range.fromSlot; slot < range.toSlot; slot++) {
            expect(answer?.causesAt(slot)).toEqual(reference.causesAt(key, slot));
          }
          expect(await subject.store.seen(key)).toEqual(reference.seen(key));
        }),
        { numRuns: 60 },
      );
    });

    it('is commutative and idempotent: shuffled and doubled observations read the same', async () => {
      const cases = intervals.chain((intervalMs) =>
        observationsOf({ check: '', intervalMs }).chain((drawn) =>
          fc.record({
            intervalMs: fc.constant(intervalMs),
            drawn: fc.constant(drawn),
            shuffled: fc.shuffledSubarray([...drawn, ...drawn], { minLength: drawn.length * 2 }),
            flushAt: fc.nat(120),
          }),
        ),
      );
      await fc.assert(
        fc.asyncProperty(cases, async ({ intervalMs, drawn, shuffled, flushAt }) => {
          const once = nextKey(intervalMs);
          const again = nextKey(intervalMs);
          await subject.store.put(drawn.map((each) => ({ ...each, ...once })));
          for (const [i, each] of shuffled.entries()) {
            await subject.store.put([{ ...each, ...again }]);
            if (i === flushAt) await subject.store.flush();
          }
          const span = { fromSlot: 0, toSlot: (MARCH_FIRST_MS + 3 * DAY_MS) / intervalMs };
          const near = { ...span, fromSlot: (MARCH_FIRST_MS - 3 * DAY_MS) / intervalMs };
          expect(await subject.store.marks({ ...again, ...span })).toEqual(
            await subject.store.marks({ ...once, ...span }),
          );
          const [a, b] = await subject.store.read([
            { ...once, ...near },
            { ...again, ...near },
          ]);
          expect(b?.vantages).toEqual(a?.vantages);
          expect(await subject.store.seen(again)).toEqual(await subject.store.seen(once));
        }),
        { numRuns: 40 },
      );
    });

    it('holds as many slots of a day that are not good as there are, some both bad and excluded', async () => {
      const key = nextKey(10_000);
      const reference = new ReferenceWindow();
      const range = { ...key, fromSlot: FIRST, toSlot: FIRST + 8_640 };
      for (let n = 0; n < 90; n++) {
        const slot = FIRST + ((n * 1_009) % 8_640);
        const one = { ...bad(slot, 'status', 'a', key), evidence: { status: 500 + (n % 3) } };
        const both = { ...bad(slot, 'locked', 'a', key), outcome: 'excluded' } as const;
        const seen = [good(slot + 1, 'a', key), one, ...(n % 7 === 5 ? [both] : [])];
        reference.put(seen);
        await subject.store.put(seen);
        if (n % 10 !== 9) continue;
        await subject.store.flush();
        expect(await subject.bits(range)).toEqual(Object.fromEntries(reference.bits(range)));
        expect(await subject.misfits(range, reference)).toEqual([]);
      }
    });

    it('is read at once, before its promise has settled', async () => {
      const putting = subject.store.put([good(FIRST)]);
      expect(await subject.bits({ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 1 })).toEqual({
        [`${FIRST} a`]: 's',
      });
      await putting;
    });

    it('takes an empty list', async () => {
      await subject.store.put([]);
      expect(await subject.store.seen(TEN_SECONDS)).toBeUndefined();
    });

    it('keeps the intervals of one check apart', async () => {
      const oneSecond = { ...TEN_SECONDS, intervalMs: 1_000 };
      await subject.store.put([good(FIRST), bad(FIRST, 'slow', 'a', oneSecond)]);
      const span = { fromSlot: FIRST - 8, toSlot: FIRST + 8 };
      expect(await subject.bits({ ...TEN_SECONDS, ...span })).toEqual({ [`${FIRST} a`]: 's' });
      expect(await subject.bits({ ...oneSecond, ...span })).toEqual({ [`${FIRST} a`]: 'sb' });
      expect(await subject.store.marks({ ...TEN_SECONDS, ...span })).toEqual([]);
    });

    it('tells apart checks and vantages of any name', async () => {
      const names = ['a', 'a:b', 'a"b', 'a b', "a'b", 'é', '{a}', 'a\u0000b', ''];
      const all = names.flatMap((check) =>
        names.map((vantage) => good(FIRST, vantage, { ...TEN_SECONDS, check })),
      );
      await subject.store.put(all);
      for (const check of names) {
        const [answer] = await subject.store.read([
          { check, intervalMs: 10_000, fromSlot: FIRST, toSlot: FIRST + 1 },
        ]);
        expect(answer?.vantages.map(({ vantage }) => vantage).sort()).toEqual([...names].sort());
      }
    });
  });

  describe('read', () => {
    it('answers empty ranges and unknown checks with no bits', async () => {
      await subject.store.put([good(FIRST)]);
      const [empty, backwards, unknown] = await subject.store.read([
        { ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST },
        { ...TEN_SECONDS, fromSlot: FIRST + 1, toSlot: FIRST },
        { check: 'unknown', intervalMs: 10_000, fromSlot: FIRST, toSlot: FIRST + 1 },
      ]);
      expect(empty?.vantages).toEqual([]);
      expect(backwards?.vantages).toEqual([]);
      expect(unknown).toMatchObject({ check: 'unknown', intervalMs: 10_000, vantages: [] });
      expect(unknown?.causesAt(FIRST)).toEqual([]);
      expect(await subject.store.read([])).toEqual([]);
    });

    it('answers ranges in the order asked for', async () => {
      const other = { ...TEN_SECONDS, check: 'api' };
      await subject.store.put([good(FIRST), good(FIRST, 'a', other)]);
      const span = { fromSlot: FIRST, toSlot: FIRST + 1 };
      const answers = await subject.store.read(
        [other, TEN_SECONDS, other].map((key) => ({ ...key, ...span })),
      );
      expect(answers.map(({ check }) => check)).toEqual(['api', 'dns', 'api']);
    });

    it('shows a vantage only its own slots, over several days', async () => {
      const perDay = 8_640;
      await subject.store.put([good(FIRST, 'a'), good(FIRST + perDay, 'b'), good(FIRST + 3 * perDay, 'a')]);
      expect(await subject.bits({ ...TEN_SECONDS, fromSlot: FIRST - 5, toSlot: FIRST + 4 * perDay })).toEqual(
        {
          [`${FIRST} a`]: 's',
          [`${FIRST + perDay} b`]: 's',
          [`${FIRST + 3 * perDay} a`]: 's',
        },
      );
    });

    it('gives the causes of a slot over all vantages, sorted, each once', async () => {
      await subject.store.put([
        bad(FIRST, 'timeout', 'c'),
        bad(FIRST, 'connect', 'b'),
        bad(FIRST, 'timeout', 'a'),
        bad(FIRST + 1, 'reset', 'a'),
      ]);
      const [answer] = await subject.store.read([{ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 3 }]);
      expect([0, 1, 2].map((i) => answer?.causesAt(FIRST + i))).toEqual([
        ['connect', 'timeout'],
        ['reset'],
        [],
      ]);
    });
  });

  describe('marks', () => {
    it('come by slot, then vantage, with their evidence', async () => {
      const throttled = { ...bad(FIRST, 'throttled', 'b'), outcome: 'excluded' } as const;
      await subject.store.put([
        { ...bad(FIRST + 1, 'status', 'a'), evidence: { status: 503, request: 'r-1' } },
        throttled,
        bad(FIRST, 'timeout', 'a'),
        bad(FIRST + 9, 'timeout', 'a'),
      ]);
      expect(await subject.store.marks({ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 9 })).toEqual([
        { vantage: 'a', slot: FIRST, outcome: 'bad', cause: 'timeout' },
        { vantage: 'b', slot: FIRST, outcome: 'excluded', cause: 'throttled' },
        {
          vantage: 'a',
          slot: FIRST + 1,
          outcome: 'bad',
          cause: 'status',
          evidence: { status: 503, request: 'r-1' },
        },
      ]);
    });

    it('that say the same keep the same evidence, whichever came first', async () => {
      const one = { ...bad(FIRST, 'status'), evidence: { status: 503 } };
      const two = { ...bad(FIRST, 'status'), evidence: { status: 502 } };
      const mirrored = [two, one].map((each) => ({ ...each, check: 'mirrored' }));
      for (const each of [one, two, ...mirrored]) await subject.store.put([each]);
      const span = { fromSlot: FIRST, toSlot: FIRST + 1 };
      const marks = await subject.store.marks({ ...TEN_SECONDS, ...span });
      expect(marks).toHaveLength(1);
      expect(await subject.store.marks({ ...TEN_SECONDS, check: 'mirrored', ...span })).toEqual(marks);
    });

    it('lose to excluded whatever their causes, in any order', async () => {
      const one = bad(FIRST, 'connect');
      const two = { ...bad(FIRST, 'locked'), outcome: 'excluded' } as const;
      const mirrored = [two, one].map((each) => ({ ...each, check: 'mirrored' }));
      for (const each of [one, two, ...mirrored]) await subject.store.put([each]);
      for (const check of ['dns', 'mirrored']) {
        const range = { ...TEN_SECONDS, check, fromSlot: FIRST, toSlot: FIRST + 1 };
        expect(await subject.store.marks(range)).toEqual([
          { vantage: 'a', slot: FIRST, outcome: 'excluded', cause: 'locked' },
        ]);
      }
    });

    it('lose to excluded, and keep the evidence of the mark that stands', async () => {
      await subject.store.put([
        { ...bad(FIRST, 'status'), evidence: { status: 503 } },
        { ...bad(FIRST, 'locked'), outcome: 'excluded' },
      ]);
      expect(await subject.store.marks({ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 1 })).toEqual([
        { vantage: 'a', slot: FIRST, outcome: 'excluded', cause: 'locked' },
      ]);
    });
  });
}
