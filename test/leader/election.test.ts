import { describe, expect, it } from 'vitest';
import { Election } from '../../src/leader/election.ts';
import type { LeaderLock, LockAnswer } from '../../src/leader/leader-lock.ts';
import { FakeClock, settle } from '../fake-clock.ts';

function stage(answer: LockAnswer = 'held') {
  const clock = new FakeClock();
  const state = { answer, fit: true, delayMs: 0, held: 0, released: 0, changes: [] as boolean[] };
  const lock: LeaderLock = {
    async hold() {
      state.held++;
      if (state.delayMs > 0) await new Promise<void>((resolve) => clock.after(state.delayMs, resolve));
      return state.answer;
    },
    release() {
      state.released++;
      return Promise.resolve();
    },
  };
  const election = new Election({
    clock,
    lock,
    isFit: () => state.fit,
    onChange: (leads) => state.changes.push(leads),
  });
  return { clock, state, election };
}

describe('Election', () => {
  it('leads while the lock is held, renewing it every 2 s', async () => {
    const { clock, state, election } = stage();
    await election.start();
    expect(election.leads).toBe(true);
    await clock.advance(60_000);
    expect(election.leads).toBe(true);
    expect(state.held).toBe(31);
    expect(state.changes).toEqual([true]);
  });

  it('does not lead while another holds the lock, and does within 2 s once it is free', async () => {
    const { clock, state, election } = stage('another');
    await election.start();
    await clock.advance(10_000);
    expect(election.leads).toBe(false);
    state.answer = 'held';
    await clock.advance(2_000);
    expect(election.leads).toBe(true);
    expect(state.changes).toEqual([true]);
  });

  it('steps down at once when another has taken the lock', async () => {
    const { clock, state, election } = stage();
    await election.start();
    state.answer = 'another';
    await clock.advance(2_000);
    expect(election.leads).toBe(false);
    expect(state.changes).toEqual([true, false]);
  });

  it('goes on for 10 s after the last renewal when nobody can be asked, and no longer', async () => {
    const { clock, state, election } = stage();
    await election.start();
    state.answer = 'unreachable';
    await clock.advance(9_999);
    expect(election.leads).toBe(true);
    await clock.advance(1);
    expect(election.leads).toBe(false);
    expect(state.changes).toEqual([true, false]);
  });

  it('counts from when the lock was asked for, not from when the answer came', async () => {
    const { clock, state, election } = stage();
    state.delayMs = 4_000;
    const started = election.start();
    await clock.advance(4_000);
    await started;
    state.answer = 'unreachable';
    state.delayMs = 0;
    await clock.advance(5_999);
    expect(election.leads).toBe(true);
    await clock.advance(1);
    expect(election.leads).toBe(false);
  });

  it('a process that was stopped for longer does not lead for an instant when it goes on', async () => {
    const { clock, state, election } = stage();
    await election.start();
    state.answer = 'another';
    const stalled = clock.stall(30_000);
    expect(election.leads).toBe(false);
    await stalled;
    expect(state.changes).toEqual([true, false]);
  });

  it('an answer that comes after its own time is none', async () => {
    const { clock, state, election } = stage();
    state.delayMs = 12_000;
    const started = election.start();
    await clock.advance(12_000);
    await started;
    expect(election.leads).toBe(false);
    expect(state.changes).toEqual([]);
  });

  it('one that is not fit does not stand; a leader that is not fit for 10 s lets go of the lock', async () => {
    const { clock, state, election } = stage();
    state.fit = false;
    await election.start();
    await clock.advance(10_000);
    expect(state.held).toBe(0);
    state.fit = true;
    await clock.advance(2_000);
    expect(election.leads).toBe(true);
    state.fit = false;
    await clock.advance(8_000);
    expect(election.leads).toBe(true);
    await clock.advance(4_000);
    expect(election.leads).toBe(false);
    expect(state.released).toBe(1);
  });

  it('stop leads no more, lets go of the lock and leaves no timer', async () => {
    const { clock, state, election } = stage();
    await election.start();
    await election.stop();
    await settle();
    expect(election.leads).toBe(false);
    expect(state.released).toBe(1);
    expect(clock.pending).toBe(0);
  });
});
