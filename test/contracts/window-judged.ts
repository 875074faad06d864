import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreSubject } from './window-subject.ts';
import { bad, commitOf, down, FIRST, good, MARCH_FIRST_MS, TEN_SECONDS, up } from './window-samples.ts';

/** takeLate, commit and judged. */
export function judgedContract(subject: StoreSubject): void {
  describe('takeLate', () => {
    const cursorMs = MARCH_FIRST_MS + 60_000;
    beforeEach(async () => {
      await subject.store.put([good(FIRST), bad(FIRST + 1, 'timeout'), good(FIRST + 6)]);
      expect((await subject.store.takeLate()).size).toBe(0);
      expect(await subject.store.commit([commitOf({ cursorMs })])).toEqual(['committed']);
    });

    it('gives the start of the earliest slot that changed behind the cursor, once', async () => {
      await subject.store.put([good(FIRST + 4, 'b'), good(FIRST + 2, 'b'), good(FIRST + 5)]);
      expect([...(await subject.store.takeLate())]).toEqual([['dns', (FIRST + 2) * 10_000]]);
      expect((await subject.store.takeLate()).size).toBe(0);
    });

    it('counts a worse outcome of a slot that was seen', async () => {
      await subject.store.put([bad(FIRST, 'timeout')]);
      expect([...(await subject.store.takeLate())]).toEqual([['dns', FIRST * 10_000]]);
    });

    it('takes no notice of repetitions, of slots from the cursor on, and of checks never judged', async () => {
      await subject.store.put([good(FIRST), bad(FIRST + 1, 'timeout'), good(FIRST + 6, 'b')]);
      await subject.store.put([good(FIRST, 'a', { ...TEN_SECONDS, check: 'unjudged' })]);
      expect((await subject.store.takeLate()).size).toBe(0);
    });
  });

  describe('commit', () => {
    const atMs = (minutes: number): number => MARCH_FIRST_MS + minutes * 60_000;
    const first = commitOf({ cursorMs: atMs(10), transitions: [up(atMs(0)), down(atMs(4), 'timeout')] });

    it('stores a first judgement, and follows on it', async () => {
      expect(await subject.store.judged(['dns'])).toEqual([undefined]);
      expect(await subject.store.commit([first])).toEqual(['committed']);
      const next = commitOf({
        expectedCursorMs: atMs(10),
        cursorMs: atMs(12),
        transitions: [up(atMs(11))],
      });
      expect(await subject.store.commit([next])).toEqual(['committed']);
      expect(await subject.store.judged(['other', 'dns'])).toEqual([
        undefined,
        {
          check: 'dns',
          epoch: 1,
          cursorMs: atMs(12),
          transitions: [up(atMs(0)), down(atMs(4), 'timeout'), up(atMs(11))],
        },
      ]);
    });

    it('replaces all transitions from replaceFromMs on: a revision', async () => {
      await subject.store.commit([first]);
      const revision = commitOf({
        expectedCursorMs: atMs(10),
        cursorMs: atMs(10),
        replaceFromMs: atMs(3),
        transitions: [down(atMs(3), 'reset', 'timeout'), up(atMs(5))],
      });
      expect(await subject.store.commit([revision, revision])).toEqual(['committed', 'repeated']);
      expect((await subject.store.judged(['dns']))[0]?.transitions).toEqual([
        up(atMs(0)),
        down(atMs(3), 'reset', 'timeout'),
        up(atMs(5)),
      ]);
    });

    it('refuses a cursor that is not where it is expected, and changes nothing', async () => {
      await subject.store.commit([first]);
      const elsewhere = { cursorMs: atMs(20), replaceFromMs: 0, transitions: [] };
      expect(
        await subject.store.commit([
          commitOf({ ...elsewhere, expectedCursorMs: atMs(9) }),
          commitOf({ ...elsewhere, expectedCursorMs: null }),
          commitOf({ ...elsewhere, check: 'other', expectedCursorMs: atMs(10) }),
        ]),
      ).toEqual(['stale', 'stale', 'stale']);
      expect((await subject.store.judged(['dns', 'other'])).map((each) => each?.transitions.length)).toEqual([
        2,
        undefined,
      ]);
    });

    it('knows the very commit again, and no other at the same cursor', async () => {
      await subject.store.commit([first]);
      expect(
        await subject.store.commit([
          structuredClone(first),
          { ...first, transitions: [...first.transitions, up(atMs(9))] },
          { ...first, transitions: [up(atMs(0))] },
          { ...first, replaceFromMs: atMs(1) },
        ]),
      ).toEqual(['repeated', 'stale', 'stale', 'stale']);
    });

    it('fences an older epoch, even for a commit that was stored', async () => {
      await subject.store.commit([first]);
      const takeover = commitOf({ epoch: 2, expectedCursorMs: atMs(10), cursorMs: atMs(11) });
      const old = commitOf({ epoch: 1, expectedCursorMs: atMs(11), cursorMs: atMs(12) });
      expect(await subject.store.commit([takeover, old, first])).toEqual(['committed', 'fenced', 'fenced']);
      expect((await subject.store.judged(['dns']))[0]).toMatchObject({ epoch: 2, cursorMs: atMs(11) });
    });
  });
}
