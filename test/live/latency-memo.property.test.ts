import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HistorySpan, latencyHistory } from '../../src/live/latency-history.ts';
import { LatencyMemo } from '../../src/live/latency-memo.ts';
import type { LatencySeries } from '../../src/web/latency-source.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import type { LatencyDay } from '../../src/window/latency-store.ts';
import { DAY_MS, dayOf, HOUR_MS } from './latency-samples.ts';

const START_MS = Date.parse('2026-03-01T21:59:30Z');
const TODAY = Math.floor(START_MS / DAY_MS);
const MINUTE_MS = 60_000;
const CHECKS = ['dns', 'web'];
const breathe = (): Promise<void> => Promise.resolve();

type Extent = 'whole' | 'last';
type Answer = readonly LatencySeries[];
type Step =
  | { readonly put: LatencyDay }
  | { readonly passMs: number }
  | { readonly look: { readonly check: string; readonly extent: Extent; readonly of: Of } };
/** A span that goes with the time, or one that is over. */
type Of = { readonly latelyMs: number } | { readonly span: HistorySpan };

const key = fc.record({
  check: fc.constantFrom(...CHECKS),
  vantage: fc.constantFrom('a', 'b'),
  day: fc.constantFrom(TODAY - 1, TODAY, TODAY + 1),
});
const hours = fc.dictionary(
  fc.constantFrom('0', '1', '20', '21', '22', '23'),
  fc.array(fc.constantFrom(1, 20, 300), { minLength: 1, maxLength: 3 }),
  { maxKeys: 4 },
);
const put = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(key, hours).map(([of, all]) => dayOf(of, all)) },
  { weight: 1, arbitrary: key.map((of) => ({ ...of, body: Uint8Array.of(99, 1) })) },
);
const over = fc
  .record({
    begin: fc.integer({ min: -30, max: 60 }),
    length: fc.integer({ min: 0, max: 90 }),
    stepMs: fc.constantFrom(HOUR_MS, 6 * HOUR_MS, DAY_MS),
  })
  .map(({ begin, length, stepMs }) => {
    const fromMs = TODAY * DAY_MS + begin * (HOUR_MS / 2);
    return { span: { fromMs, toMs: fromMs + length * (HOUR_MS / 2), stepMs } };
  });
const look = fc.record({
  check: fc.constantFrom(...CHECKS),
  extent: fc.constantFrom('whole', 'last'),
  of: fc.oneof(fc.constant({ latelyMs: DAY_MS }), over),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  put.map((day) => ({ put: day })),
  fc.constantFrom(5_000, 25_000, 59_999, MINUTE_MS, HOUR_MS).map((passMs) => ({ passMs })),
  { weight: 3, arbitrary: look.map((one) => ({ look: one })) },
);

function spanOf(of: Of, nowMs: number): HistorySpan {
  return 'span' in of ? of.span : { fromMs: nowMs - of.latelyMs, toMs: nowMs, stepMs: HOUR_MS };
}

/** What a store with these days tells without a memo. */
async function plainly(
  days: readonly LatencyDay[],
  { check, extent, span }: { readonly check: string; readonly extent: Extent; readonly span: HistorySpan },
): Promise<Answer> {
  const store = memoryLatencies();
  await store.put(days);
  const series = await latencyHistory(store, { checks: [check], ...span }, breathe);
  if (extent === 'whole') return series;
  return series.map((one) => ({ ...one, stretches: one.stretches.slice(-1) }));
}

/** What a memo answered as one thing happened after the other, and what the store had in the minute before. */
async function looks(steps: readonly Step[]) {
  let nowMs = START_MS;
  const store = memoryLatencies();
  const stored: { readonly atMs: number; readonly day: LatencyDay }[] = [];
  const memo = new LatencyMemo({ nowMs: () => nowMs, breathe });
  const answers: { readonly answer: Answer; readonly possible: readonly Answer[] }[] = [];
  for (const one of steps) {
    if ('put' in one) {
      await store.put([one.put]);
      stored.push({ atMs: nowMs, day: one.put });
    } else if ('passMs' in one) {
      nowMs += one.passMs;
    } else {
      const { check, extent, of } = one.look;
      const span = spanOf(of, nowMs);
      const answer = await memo.read(store, check, span, extent);
      const surely = stored.filter(({ atMs }) => atMs <= nowMs - MINUTE_MS).length;
      const possible = Array.from({ length: stored.length - surely + 1 }, (_, more) =>
        plainly(
          stored.slice(0, surely + more).map(({ day }) => day),
          { check, extent, span },
        ),
      );
      answers.push({ answer, possible: await Promise.all(possible) });
    }
  }
  return answers;
}

test('LatencyMemo answers what the store had in the last minute, to whatever is asked in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      for (const { answer, possible } of await looks(steps)) expect(possible).toContainEqual(answer);
    }),
    { numRuns: 300 },
  );
});
