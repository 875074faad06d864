import { describe, expect, it } from 'vitest';
import { judgeFor } from '../../src/casework/judging.ts';
import type { Judge } from '../../src/judge/judge.ts';
import { StoredJudgements } from '../../src/live/stored-judgements.ts';
import type { JudgedHead } from '../../src/window/judged-head.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { configWith } from '../config/config-with.ts';
import { commitOf, down, up } from '../contracts/window-samples.ts';
import { judgedCheck } from '../judge/make-judge.ts';

const T = 10_000;
const MARCH = Date.UTC(2026, 2, 1);
const CONFIG = configWith({ checks: [judgedCheck({ id: 'c' })] });

/** One that follows a judge that leads, and what that has stored. */
function following() {
  const store = memoryStore();
  const judged = store.judged.bind(store);
  const judge = judgeFor(CONFIG);
  const heads = async (): Promise<readonly (JudgedHead | undefined)[]> => {
    const [head] = await judged(['c']);
    return [head && { epoch: head.epoch, cursorMs: head.cursorMs, revision: 1 }];
  };
  const options = {
    store,
    epoch: undefined,
    heads,
    breathe: () => Promise.resolve(),
    onCommit: () => undefined,
  };
  return {
    store,
    judge,
    stored: new StoredJudgements(options, judge),
    mend: () => Object.assign(store, { judged }),
  };
}

const first = commitOf({ check: 'c', cursorMs: MARCH + 10 * T, transitions: [up(MARCH)] });
const downMs = (judge: Judge): number | undefined =>
  [...judge.verdicts(MARCH + 20 * T)][0]?.downtimeMs.estimate;

describe('StoredJudgements: follows the judge that leads', () => {
  it('takes up anew what another has judged otherwise, though that could not be read at first', async () => {
    const { store, judge, stored, mend } = following();
    await store.commit([first]);
    await stored.follow();
    expect(downMs(judge)).toBe(0);
    await store.commit([
      {
        ...{ ...first, epoch: 2, expectedCursorMs: first.cursorMs, replaceFromMs: MARCH },
        transitions: [up(MARCH), down(MARCH + 2 * T, 'timeout'), up(MARCH + 5 * T)],
      },
    ]);
    Object.assign(store, {
      judged: () => Promise.reject(new WindowStoreError('away', 'the windows are away')),
    });
    await expect(stored.follow()).rejects.toThrow('away');
    mend();
    await stored.follow();
    expect(downMs(judge)).toBe(3 * T);
  });

  it('takes up what was not there when another configuration began to be judged by', async () => {
    const { store, stored, mend } = following();
    await store.commit([first]);
    await stored.follow();
    Object.assign(store, { judged: () => Promise.resolve([undefined]) });
    const judge = judgeFor(CONFIG);
    const next = await stored.handedTo(judge);
    expect(judge.cursorMs('c')).toBeUndefined();
    mend();
    await next.follow();
    expect(judge.cursorMs('c')).toBe(first.cursorMs);
  });
});
