import { describe, expect, test } from 'vitest';
import type { Classification } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { deciding, lagToleranceMs, weigh } from '../../src/schedule/weigh.ts';
import { ANSWER, REFUSED, scheduledCheck } from './scheduled.ts';

const answer = (latencyMs: number): Reading => ({ kind: 'answer', latencyMs });

describe('weigh', () => {
  const scheduled = scheduledCheck(() => Promise.resolve(ANSWER), {
    timeoutMs: 1_000,
    expectations: { latency: { below: 200 } },
  });

  test.each([
    ['a fault on a loop in time is bad', REFUSED, 0, 'bad'],
    ['a fault while the loop was late within the tolerance is bad', REFUSED, 100, 'bad'],
    ['a fault while the loop was later than that is absent', REFUSED, 101, 'absent'],
    ['a good answer is good however late the loop was', answer(5), 5_000, 'good'],
    ['an answer too slow by more than the lag is bad', answer(260), 50, 'bad'],
    ['an answer too slow by no more than the lag is absent', answer(240), 50, 'absent'],
    ['a refusal stays excluded', { ...answer(5), refusal: 'throttled' } as Reading, 500, 'excluded'],
  ])('%s', (_case, reading, lagMs, outcome) => {
    expect(weigh(scheduled, reading, lagMs)).toMatchObject(
      outcome === 'absent' ? { outcome, blind: 'loop-late' } : { outcome },
    );
  });

  test.each([
    ['too slow by no more than the lag is absent', { slowestMs: 203 }, 5, 'absent'],
    ['too slow by more is bad', { slowestMs: 206 }, 5, 'bad'],
    ['of two, one too slow by more is bad', { slowestMs: 203, writeMs: 206 }, 5, 'bad'],
    ['too many of something is no matter of time', { slowestMs: 1, staleMs: 203 }, 5, 'bad'],
  ])('a time among the values (SLA6: slowestMs) %s', (_case, values, lagMs, outcome) => {
    const slow = { type: 'number', summary: 'A time.', cause: 'slow' } as const;
    const timed = {
      ...scheduledCheck(() => Promise.resolve(ANSWER), {
        timeoutMs: 1_000,
        expectations: Object.fromEntries(Object.keys(values).map((name) => [name, { below: 200 }])),
      }),
      specs: { slowestMs: slow, writeMs: slow, staleMs: { ...slow, cause: 'stale' as const } },
    };
    expect(weigh(timed, { kind: 'answer', latencyMs: 1, values }, lagMs).outcome).toBe(outcome);
  });

  test.each([
    ['the loop was late between two of a series', { slowestMs: 203 }, { slowestMs: 0 }, 5, 'bad'],
    ['too slow by more than may be our own', { slowestMs: 203 }, { slowestMs: 2.9 }, 5, 'bad'],
    ['too slow by no more than may be our own', { slowestMs: 203 }, { slowestMs: 3.1 }, 5, 'absent'],
    ['more may be our own than the loop shows', { slowestMs: 203 }, { slowestMs: 3.1 }, 0, 'absent'],
    ['said of another time', { slowestMs: 203 }, { writeMs: 0 }, 5, 'absent'],
    ['of two, one is too slow by more', { slowestMs: 203, writeMs: 203 }, { slowestMs: 0 }, 5, 'bad'],
    ['a time by the name of a target', { paris: 203 }, { paris: 5 }, 5, 'absent'],
    ['later than is tolerated, whatever may be our own', { slowestMs: 203 }, { slowestMs: 0 }, 101, 'absent'],
    ['in time', { slowestMs: 199 }, { slowestMs: 0 }, 5_000, 'good'],
  ])('where the probe says what may be our own: %s', (_case, values, ownMs, lagMs, outcome) => {
    const slow = { type: 'number', summary: 'A time.', cause: 'slow' } as const;
    const timed = {
      ...scheduledCheck(() => Promise.resolve(ANSWER), {
        timeoutMs: 1_000,
        expectations: Object.fromEntries(Object.keys(values).map((name) => [name, { below: 200 }])),
      }),
      specs: { slowestMs: slow, writeMs: slow, paris: slow },
    };
    expect(weigh(timed, { kind: 'answer', latencyMs: 1, values, ownMs }, lagMs).outcome).toBe(outcome);
  });

  test.each([
    [39, 'bad'],
    [40, 'absent'],
  ])('where the probe says that %d ms of a latency of 239.5 may be our own: %s', (latency, outcome) => {
    expect(weigh(scheduled, { ...answer(239.5), ownMs: { latency } } as Reading, 100).outcome).toBe(outcome);
  });

  test('lagToleranceMs is a tenth of the timeout, 250 ms at the most', () => {
    expect([100, 1_000, 2_500, 30_000].map(lagToleranceMs)).toEqual([10, 100, 250, 250]);
  });
});

describe('deciding', () => {
  const of = (word: string): { readonly word: string; readonly classification: Classification } => {
    const outcome = word.split(' ')[0];
    if (outcome === 'good') return { word, classification: { outcome } };
    if (outcome === 'absent')
      return { word, classification: { outcome, blind: 'local-resource', detail: word } };
    return {
      word,
      classification: { outcome: outcome === 'bad' ? 'bad' : 'excluded', cause: 'timeout', detail: word },
    };
  };

  test.each([
    [[], undefined],
    [['bad 1'], 'bad 1'],
    [['bad 1', 'bad 2'], 'bad 2'],
    [['bad 1', 'good 2'], 'good 2'],
    [['absent 1', 'good 2'], 'good 2'],
    [['bad 1', 'excluded 2'], 'excluded 2'],
    [['absent 1', 'excluded 2'], 'excluded 2'],
    [['bad 1', 'absent 2'], 'absent 2'],
    [['absent 1', 'bad 2'], 'absent 1'],
    [['absent 1', 'bad 2', 'absent 3'], 'absent 3'],
  ])('of %j is %s', (attempts, expected) => {
    expect(deciding(attempts.map(of))?.word).toBe(expected);
  });
});
