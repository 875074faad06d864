import { describe, expect, it } from 'vitest';
import { IdenticalCalls } from '../../../probes/lib/identical-calls.ts';
import { FakeClock, settle } from '../../fake-clock.ts';

/** Calls that take 300 ms each and answer with their number; when each began. */
function scene() {
  const clock = new FakeClock();
  const calls = new IdenticalCalls<number>();
  const startMs = clock.monotonicMs();
  const begun: number[] = [];
  const make = (signal: AbortSignal) => (): Promise<number> => {
    const number = begun.push(clock.monotonicMs() - startMs);
    const { promise, resolve } = Promise.withResolvers<number>();
    clock.after(300, () => resolve(number));
    signal.addEventListener('abort', () => resolve(-1));
    return promise;
  };
  const ask =
    (turn: 'own' | 'shared') =>
    (name = 'a', signal = new AbortController().signal): Promise<number | undefined> =>
      calls[turn](name, { clock, signal }, make(signal));
  return { clock, begun, own: ask('own'), shared: ask('shared') };
}

describe('IdenticalCalls (contract SLA9: one identical request a second)', () => {
  it('shared: who asks meanwhile, or within the second, has the same answer', async () => {
    const { clock, begun, shared } = scene();
    const early = [shared(), shared()];
    await clock.advance(999);
    expect(await Promise.all([...early, shared()])).toEqual([1, 1, 1]);
    await clock.advance(1);
    const late = shared();
    await clock.advance(300);
    expect([await late, begun]).toEqual([2, [0, 1_000]]);
  });

  it('shared: the answer of a call that was made for itself does as well', async () => {
    const { clock, begun, own, shared } = scene();
    const answers = [own(), shared()];
    await clock.advance(300);
    expect([await Promise.all(answers), begun]).toEqual([[1, 1], [0]]);
  });

  it('own: never takes the answer of another, and waits a second after one that was shared', async () => {
    const { clock, begun, own, shared } = scene();
    const answers = [shared(), own()];
    await clock.advance(1_300);
    expect([await Promise.all(answers), begun]).toEqual([
      [1, 2],
      [0, 1_000],
    ]);
  });

  it('own: those of the same name are the guard’s matter', async () => {
    const { clock, begun, own } = scene();
    void own();
    void own();
    await clock.advance(300);
    expect(begun).toEqual([0, 0]);
  });

  it('other names do not wait for each other', async () => {
    const { clock, begun, shared } = scene();
    const answers = [shared('a'), shared('b')];
    await clock.advance(300);
    expect([await Promise.all(answers), begun]).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });

  it('a call that was cut short is no answer for others: one of them asks again, a second after it', async () => {
    const { clock, begun, shared } = scene();
    const deadline = new AbortController();
    const answers = [shared('a', deadline.signal), shared(), shared()];
    await clock.advance(100);
    deadline.abort();
    await settle();
    await clock.advance(1_200);
    expect([await Promise.all(answers), begun]).toEqual([
      [-1, 2, 2],
      [0, 1_000],
    ]);
  });

  it('who is cut short while waiting has no answer at once, and sends nothing', async () => {
    const { clock, begun, own, shared } = scene();
    const [waiting, joining] = [new AbortController(), new AbortController()];
    void shared();
    const answers = [own('a', waiting.signal), shared('a', joining.signal)];
    await clock.advance(100);
    waiting.abort();
    joining.abort();
    expect(await Promise.all(answers)).toEqual([undefined, undefined]);
    await clock.advance(5_000);
    expect([begun, clock.pending]).toEqual([[0], 0]);
    expect(await shared('a', AbortSignal.abort())).toBeUndefined();
  });
});
