import { describe, expect, it } from 'vitest';
import type { StoreSubject } from './window-subject.ts';
import {
  bad,
  commitOf,
  DAY_MS,
  down,
  FIRST,
  good,
  KEEP,
  MARCH_FIRST_MS,
  TEN_SECONDS,
  up,
} from './window-samples.ts';

/** prune, facts and close. */
export function keptContract(subject: StoreSubject): void {
  describe('prune', () => {
    const nowMs = MARCH_FIRST_MS + 40 * DAY_MS;
    const recent = FIRST + 6 * 8_640;

    it('drops what is older than the retention, keeps the rest, and remembers what was seen', async () => {
      await subject.store.put([
        bad(FIRST, 'timeout'),
        good(FIRST + 1),
        bad(recent, 'slow'),
        good(recent + 1),
      ]);
      expect(await subject.store.prune(nowMs, KEEP)).toBeGreaterThan(0);
      const range = { ...TEN_SECONDS, fromSlot: FIRST, toSlot: recent + 9 };
      expect(await subject.bits(range)).toEqual({ [`${recent} a`]: 'sb', [`${recent + 1} a`]: 's' });
      expect((await subject.store.marks(range)).map(({ slot }) => slot)).toEqual([recent]);
      expect(await subject.store.seen(TEN_SECONDS)).toEqual({ firstSlot: FIRST, lastSlot: recent + 1 });
      expect(await subject.store.prune(nowMs, KEEP)).toBe(0);
    });

    it('keeps the transition in force at the edge', async () => {
      const edgeMs = MARCH_FIRST_MS;
      const transitions = [up(edgeMs - 9), down(edgeMs - 5, 'timeout'), up(edgeMs + 5)];
      await subject.store.commit([commitOf({ cursorMs: nowMs, transitions })]);
      await subject.store.prune(edgeMs + KEEP.transitionsMs, KEEP);
      expect((await subject.store.judged(['dns']))[0]?.transitions).toEqual(transitions.slice(1));
      await subject.store.prune(edgeMs + 5 + KEEP.transitionsMs, KEEP);
      expect((await subject.store.judged(['dns']))[0]?.transitions).toEqual(transitions.slice(2));
      await subject.store.prune(edgeMs + 100 * KEEP.transitionsMs, KEEP);
      expect((await subject.store.judged(['dns']))[0]?.transitions).toEqual(transitions.slice(2));
    });
  });

  describe('facts', () => {
    it('are overwritten whole, and undefined before', async () => {
      expect(await subject.store.getFact('run')).toBeUndefined();
      await subject.store.setFact('run', '1');
      await subject.store.setFact('run', '{"n":2}');
      expect(await subject.store.getFact('run')).toBe('{"n":2}');
    });
  });

  describe('close', () => {
    it('makes every later call reject', async () => {
      await subject.store.put([good(FIRST)]);
      await subject.store.close();
      const calls: readonly (() => Promise<unknown>)[] = [
        () => subject.store.put([good(FIRST)]),
        () => subject.store.read([]),
        () => subject.store.marks({ ...TEN_SECONDS, fromSlot: 0, toSlot: 1 }),
        () => subject.store.seen(TEN_SECONDS),
        () => subject.store.takeLate(),
        () => subject.store.commit([]),
        () => subject.store.judged([]),
        () => subject.store.getFact('x'),
        () => subject.store.setFact('x', 'y'),
        () => subject.store.prune(0, KEEP),
        () => subject.store.flush(),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ trouble: 'closed' });
    });
  });
}
