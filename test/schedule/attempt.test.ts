import { describe, expect, test } from 'vitest';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { attempt, type AttemptEnd } from '../../src/schedule/attempt.ts';
import { LoopLag } from '../../src/schedule/loop-lag.ts';
import { FakeClock } from '../fake-clock.ts';
import { ANSWER, untilAborted } from './scheduled.ts';

function begin(run: (context: ProbeContext) => Promise<Reading>) {
  const clock = new FakeClock();
  const cancel = new AbortController();
  const ends: AttemptEnd[] = [];
  const options = { clock, random: () => 0.5, timeoutMs: 3_000, cancel: cancel.signal };
  const done = attempt({ probe: { identity: 'x', run }, ...options }).then((end) => ends.push(end));
  return { clock, cancel, ends, done };
}

const TIMEOUT = { kind: 'fault', fault: 'timeout', detail: 'no answer within 3s' };

describe('attempt', () => {
  test('gives the reading back and leaves no timer', async () => {
    const { clock, ends } = begin(() => Promise.resolve(ANSWER));
    await clock.advance(0);
    expect(ends).toEqual([{ reading: ANSWER, bug: undefined }]);
    expect(clock.pending).toBe(0);
  });

  test('aborts at the deadline, not before; what then comes is a timeout', async () => {
    const { clock, ends } = begin(untilAborted);
    await clock.advance(2_999);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual([{ reading: TIMEOUT, bug: undefined }]);
    expect(clock.pending).toBe(0);
  });

  test('an answer that comes after the abort is a timeout, not an answer', async () => {
    const { clock, ends } = begin(async (context) => {
      await untilAborted(context);
      return ANSWER;
    });
    await clock.advance(3_000);
    expect(ends).toEqual([{ reading: TIMEOUT, bug: undefined }]);
  });

  test('lends the probe the measure of our own lateness', async () => {
    const clock = new FakeClock();
    const lag = new LoopLag(clock);
    let lent: unknown;
    const run = (context: ProbeContext): Promise<Reading> => {
      lent = context.lag;
      return Promise.resolve(ANSWER);
    };
    const cancel = new AbortController().signal;
    await attempt({
      probe: { identity: 'x', run },
      ...{ clock, random: () => 0.5, lag, timeoutMs: 3_000, cancel },
    });
    expect(lent).toBe(lag);
  });

  test('what a probe makes of its context with another signal is ended by that alone', async () => {
    const other = new AbortController();
    let made: ProbeContext | undefined;
    const { clock, done } = begin((context) => {
      made = { ...context, signal: other.signal };
      return Promise.resolve(ANSWER);
    });
    await done;
    expect(made?.clock).toBe(clock);
    expect(made?.cancel ?? made?.signal).toBe(other.signal);
  });

  test('a reading that overtakes a late deadline timer is a timeout all the same', async () => {
    const { clock, ends } = begin(
      ({ clock: lent }) => new Promise((resolve) => lent.after(10, () => resolve(ANSWER))),
    );
    await clock.stall(3_001);
    expect(ends).toEqual([{ reading: TIMEOUT, bug: undefined }]);
  });

  test('keeps how far a probe had come', async () => {
    const phases = { resolve: 2, connect: 3 };
    const fault: Reading = { kind: 'fault', fault: 'timeout', detail: 'silent after the handshake', phases };
    const { clock, ends } = begin(async (context) => {
      await untilAborted(context);
      return fault;
    });
    await clock.advance(3_000);
    expect(ends).toEqual([{ reading: fault, bug: undefined }]);
  });

  test('does not wait for a probe that ignores its abort', async () => {
    const { clock, ends } = begin(() => new Promise(() => undefined));
    await clock.advance(3_249);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toEqual([{ reading: TIMEOUT, bug: 'ignored-abort' }]);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, () => Promise<Reading>]>([
    ['rejects', () => Promise.reject(new TypeError('password=hunter2'))],
    [
      'throws',
      () => {
        throw new TypeError('password=hunter2');
      },
    ],
  ])('a probe that %s is blind by a bug, and its message is not told', async (_case, run) => {
    const { clock, ends } = begin(run);
    await clock.advance(0);
    const reading = { kind: 'blind', blind: 'bug', detail: 'the probe failed with TypeError' };
    expect(ends).toEqual([{ reading, bug: 'rejected' }]);
    expect(clock.pending).toBe(0);
  });

  test('cancelling aborts at once, and settles even if the probe does not', async () => {
    let signal: AbortSignal | undefined;
    const { clock, cancel, ends } = begin((context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    });
    await clock.advance(100);
    cancel.abort();
    expect(signal?.aborted).toBe(true);
    await clock.advance(250);
    expect(ends).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
