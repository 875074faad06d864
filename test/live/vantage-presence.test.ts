import { describe, expect, it } from 'vitest';
import { VantagePresence } from '../../src/live/vantage-presence.ts';
import type { Presence } from '../../src/window/redis-presence.ts';
import { FakeClock } from '../fake-clock.ts';

/** Windows that hold nothing but heartbeats, and can be away. */
class Heartbeats {
  readonly #all = new Map<string, Presence>();
  isAway = false;

  heartbeat(vantage: string, member: string, atMs: number): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('away'));
    this.#all.set(`${vantage} ${member}`, { vantage, member, atMs });
    return Promise.resolve();
  }
  leave(vantage: string, member: string): Promise<void> {
    this.#all.delete(`${vantage} ${member}`);
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  }
  vantages(): Promise<readonly Presence[]> {
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve([...this.#all.values()]);
  }
}

function stage() {
  const clock = new FakeClock();
  const windows = new Heartbeats();
  const looks: boolean[] = [];
  const member = (name: string, vantages: readonly string[]): VantagePresence =>
    new VantagePresence({
      clock,
      windows,
      vantages,
      member: name,
      everyMs: 2_000,
      onLook: (ok) => looks.push(ok),
    });
  return { clock, windows, looks, member };
}

describe('VantagePresence', () => {
  it('standing: who looks from where, and what nobody looks from', async () => {
    const { member } = stage();
    const [a, b, judge] = [member('p1', ['az-a']), member('p2', ['az-a', 'az-b']), member('j', [])];
    for (const one of [a, b, judge]) await one.start();
    expect(judge.standing(['az-a', 'az-b', 'az-c'])).toEqual([
      { vantage: 'az-a', members: ['p1', 'p2'], silentForMs: 0 },
      { vantage: 'az-b', members: ['p2'], silentForMs: 0 },
      { vantage: 'az-c', members: [], silentForMs: null },
    ]);
    for (const one of [a, b, judge]) await one.stop();
  });

  it('standing: a vantage that says nothing for 15 s is silent, and for how long', async () => {
    const { clock, member } = stage();
    const [probe, judge] = [member('p', ['az-a']), member('j', [])];
    await probe.start();
    await judge.start();
    await clock.advance(20_000);
    expect(judge.standing(['az-a'])[0]?.silentForMs).toBe(0);
    const dead = member('p', ['az-b']);
    await dead.start();
    await clock.advance(2_000);
    expect(judge.standing(['az-b'])[0]?.silentForMs).toBe(0);
    await probe.stop();
    await clock.advance(2_000);
    expect(judge.standing(['az-a'])).toEqual([{ vantage: 'az-a', members: [], silentForMs: null }]);
    await dead.stop();
    await judge.stop();
    expect(clock.pending).toBe(0);
  });

  it('time during which the windows are away makes nobody silent', async () => {
    const { clock, windows, looks, member } = stage();
    const [probe, judge] = [member('p', ['az-a']), member('j', [])];
    await probe.start();
    await judge.start();
    windows.isAway = true;
    await clock.advance(60_000);
    expect(looks.at(-1)).toBe(false);
    expect(judge.standing(['az-a'])[0]?.silentForMs).toBe(0);
    windows.isAway = false;
    await clock.advance(2_000);
    expect(judge.standing(['az-a'])[0]).toMatchObject({ members: ['p'], silentForMs: 0 });
    windows.isAway = true;
    await probe.stop();
    await judge.stop();
  });

  it('one that stops without a word is silent once its last word is 15 s old', async () => {
    const { clock, windows, member } = stage();
    const judge = member('j', []);
    await windows.heartbeat('az-a', 'p', clock.wallMs());
    await judge.start();
    await clock.advance(14_000);
    expect(judge.standing(['az-a'])[0]).toMatchObject({ members: ['p'], silentForMs: 0 });
    await clock.advance(4_000);
    expect(judge.standing(['az-a'])).toEqual([{ vantage: 'az-a', members: [], silentForMs: 18_000 }]);
    await judge.stop();
  });
});
