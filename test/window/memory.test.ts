import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/core/cause.ts';
import type { CheckKey, Observation, Outcome } from '../../src/core/observation.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { windowStoreContract } from '../contracts/window-store.ts';
import { bitsOf } from './reference.ts';

windowStoreContract(
  'memory',
  async () => {
    const store = memoryStore();
    return { store, reopen: async () => memoryStore(), dispose: () => store.close() };
  },
  { forgets: true },
);

interface Span {
  readonly vantage: string;
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
  readonly cause?: Cause;
}

const KEY: CheckKey = { check: 'dns', intervalMs: 3_600_000 };
const SPANS: readonly Span[] = [
  { vantage: 'a', from: 5, to: 80, outcome: 'good' },
  { vantage: 'a', from: 20, to: 30, outcome: 'bad', cause: 'timeout' },
  { vantage: 'a', from: 25, to: 60, outcome: 'bad', cause: 'reset' },
  { vantage: 'a', from: 28, to: 29, outcome: 'excluded', cause: 'throttled' },
  { vantage: 'b', from: 24, to: 48, outcome: 'bad', cause: 'slow' },
  { vantage: 'a', from: 60, to: 61, outcome: 'bad', cause: 'slow' },
];

describe('memoryStore.putSpan', () => {
  it.each([[SPANS], [SPANS.toReversed()], [[...SPANS, ...SPANS]]])(
    'is a put of every slot of the span, in any order (%#)',
    async (spans) => {
      const bySpan = memoryStore();
      const bySlot = memoryStore();
      for (const { vantage, from, to, outcome, cause } of spans) {
        bySpan.putSpan(KEY, vantage, from, to, outcome, cause);
      }
      for (const span of SPANS) await bySlot.put(slotsOf(span));
      const range = { ...KEY, fromSlot: 0, toSlot: 96 };
      expect(await bySpan.marks(range)).toEqual(await bySlot.marks(range));
      const [a, b] = [(await bySpan.read([range]))[0], (await bySlot.read([range]))[0]];
      expect(a && bitsOf(a, range)).toEqual(b && bitsOf(b, range));
      expect(a?.causesAt(25)).toEqual(['reset', 'slow']);
      expect(await bySpan.seen(KEY)).toEqual({ firstSlot: 5, lastSlot: 79 });
    },
  );

  it('tells where it changed bits behind the cursor', async () => {
    const store = memoryStore();
    store.putSpan(KEY, 'a', 0, 50, 'good');
    const transitions = [{ atMs: 0, state: 'U', causes: [], contested: false }] as const;
    const commit = { check: 'dns', epoch: 1, expectedCursorMs: null, replaceFromMs: 0, transitions };
    await store.commit([{ ...commit, cursorMs: 100 * KEY.intervalMs }]);
    store.putSpan(KEY, 'a', 10, 49, 'good');
    expect((await store.takeLate()).size).toBe(0);
    store.putSpan(KEY, 'a', 10, 70, 'good');
    expect([...(await store.takeLate())]).toEqual([['dns', 50 * KEY.intervalMs]]);
  });

  it('takes a year of 3 vantages of 30 checks at 10 s in a second of processor time and 40 MB', async () => {
    const store = memoryStore();
    const first = Date.parse('2026-01-01T03:00:00Z') / 10_000;
    const year = 365 * 8_640;
    const before = process.memoryUsage();
    const started = process.cpuUsage();
    for (let i = 0; i < 30; i++) {
      const key = { check: `check-${i}`, intervalMs: 10_000 };
      for (const vantage of ['a', 'b', 'c']) {
        store.putSpan(key, vantage, first, first + year, 'good');
        store.putSpan(key, vantage, first + 1_000_000, first + 1_030_000, 'bad', 'timeout');
      }
    }
    const used = process.cpuUsage(started);
    const after = process.memoryUsage();
    expect((used.user + used.system) / 1e6).toBeLessThan(1);
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(40e6);
    const key = { check: 'check-29', intervalMs: 10_000 };
    const at = first + 1_000_000;
    const [bits] = await store.read([{ ...key, fromSlot: first, toSlot: first + year }]);
    expect(bits?.vantages.map(({ seen }) => seen.length)).toEqual([year / 8, year / 8, year / 8]);
    expect([at - 1, at, at + 29_999, at + 30_000].map((slot) => bits?.causesAt(slot))).toEqual([
      [],
      ['timeout'],
      ['timeout'],
      [],
    ]);
  });
});

function slotsOf({ vantage, from, to, outcome, cause }: Span): readonly Observation[] {
  return Array.from({ length: to - from }, (_, i) => ({
    ...KEY,
    vantage,
    slot: from + i,
    outcome,
    ...(cause ? { cause } : {}),
  }));
}
