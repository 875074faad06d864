import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReferenceWindow } from '../window/reference.ts';
import {
  bad,
  commitOf,
  DAY_MS,
  down,
  FIRST,
  good,
  KEEP,
  MARCH_FIRST_MS,
  observationsOf,
  TEN_SECONDS,
  up,
} from './window-samples.ts';
import type { StoreSubject } from './window-subject.ts';

/** What outlives a store: for all that keep anything. */
export function durableContract(subject: StoreSubject): void {
  let keys = 0;
  const atMs = (minutes: number): number => MARCH_FIRST_MS + minutes * 60_000;
  const first = commitOf({ cursorMs: atMs(10), transitions: [up(atMs(0)), down(atMs(4), 'timeout')] });
  const judgedUpToASixth = async (): Promise<void> => {
    await subject.store.put([good(FIRST), bad(FIRST + 1, 'timeout'), good(FIRST + 6)]);
    await subject.store.commit([commitOf({ cursorMs: atMs(1) })]);
  };

  describe('reopened', () => {
    it('keeps every bit, mark, evidence, range seen and fact, and goes on from there', async () => {
      await fc.assert(
        fc.asyncProperty(observationsOf(TEN_SECONDS), observationsOf(TEN_SECONDS), async (before, after) => {
          const reference = new ReferenceWindow();
          const key = { ...TEN_SECONDS, check: `reopened-${before.length}-${after.length}-${keys++}` };
          const range = { ...key, fromSlot: FIRST - 30_000, toSlot: FIRST + 30_000 };
          for (const part of [before, after]) {
            const observations = part.map((each) => ({ ...each, ...key }));
            reference.put(observations);
            await subject.store.put(observations);
            await subject.store.setFact('last', key.check);
            await subject.reopen();
            expect(await subject.bits(range)).toEqual(Object.fromEntries(reference.bits(range)));
            expect(await subject.misfits(range, reference)).toEqual([]);
            expect(await subject.store.seen(key)).toEqual(reference.seen(key));
            expect(await subject.store.getFact('last')).toBe(key.check);
          }
        }),
        { numRuns: 6 },
      );
    });

    it('tells late slots once, and again to the next process while no commit has reached back to them', async () => {
      await judgedUpToASixth();
      await subject.store.put([good(FIRST + 3)]);
      await subject.reopen();
      const late = [['dns', (FIRST + 3) * 10_000]];
      expect([...(await subject.store.takeLate())]).toEqual(late);
      expect((await subject.store.takeLate()).size).toBe(0);
      await subject.reopen();
      expect([...(await subject.store.takeLate())]).toEqual(late);
    });

    it('forgets late slots for good once a commit has reached back to them', async () => {
      await judgedUpToASixth();
      await subject.store.put([good(FIRST + 3)]);
      await subject.store.takeLate();
      const revision = commitOf({ expectedCursorMs: atMs(1), cursorMs: atMs(2), replaceFromMs: atMs(0) });
      expect(await subject.store.commit([revision])).toEqual(['committed']);
      await subject.reopen();
      expect((await subject.store.takeLate()).size).toBe(0);
    });

    it('compares late slots with what an earlier process stored', async () => {
      await judgedUpToASixth();
      await subject.reopen();
      await subject.store.put([good(FIRST), bad(FIRST + 1, 'timeout')]);
      expect((await subject.store.takeLate()).size).toBe(0);
      await subject.reopen();
      await subject.store.put([good(FIRST), bad(FIRST + 2, 'timeout')]);
      expect([...(await subject.store.takeLate())]).toEqual([['dns', (FIRST + 2) * 10_000]]);
    });

    it('keeps judgements: cursor, epoch, transitions, repetition', async () => {
      await subject.store.commit([first]);
      const [before] = await subject.store.judged(['dns']);
      await subject.reopen();
      const behind = { ...first, epoch: 0 };
      expect(await subject.store.commit([first, behind])).toEqual(['repeated', 'fenced']);
      expect((await subject.store.judged(['dns']))[0]).toEqual(before);
      const revision = commitOf({
        expectedCursorMs: atMs(10),
        cursorMs: atMs(15),
        replaceFromMs: atMs(4),
      });
      expect(await subject.store.commit([revision])).toEqual(['committed']);
      await subject.reopen();
      expect((await subject.store.judged(['dns']))[0]?.transitions).toEqual([up(atMs(0))]);
    });

    it('stays pruned', async () => {
      const nowMs = MARCH_FIRST_MS + 40 * DAY_MS;
      const recent = FIRST + 6 * 8_640;
      await subject.store.put([bad(FIRST, 'timeout'), good(recent)]);
      await subject.reopen();
      await subject.store.prune(nowMs, KEEP);
      await subject.reopen();
      const range = { ...TEN_SECONDS, fromSlot: FIRST, toSlot: recent + 9 };
      expect(await subject.bits(range)).toEqual({ [`${recent} a`]: 's' });
      expect(await subject.store.marks(range)).toEqual([]);
      expect(await subject.store.seen(TEN_SECONDS)).toEqual({ firstSlot: FIRST, lastSlot: recent });
    });
  });
}
