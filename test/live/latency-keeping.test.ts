import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { KeptLatencies } from '../../src/live/kept-latencies.ts';
import { latencyHistory } from '../../src/live/latency-history.ts';
import { LatencyKeeping } from '../../src/live/latency-keeping.ts';
import type { LatencySeries } from '../../src/web/latency-source.ts';
import { decodeLatencyDay, encodeLatencyDay } from '../../src/window/latency-day.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import type { LatencyDay, LatencyStore } from '../../src/window/latency-store.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import { FakeClock } from '../fake-clock.ts';
import { judgedCheck } from '../judge/make-judge.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START = '2026-03-01T22:30:00.000Z';
const START_MS = Date.parse(START);
const TODAY = Math.floor(START_MS / DAY_MS);
const DNS = judgedCheck({ id: 'dns', intervalMs: 10_000, timeoutMs: 1_000 });
const SLOW = judgedCheck({ id: 'slow', intervalMs: 1_800_000, timeoutMs: 1_000 });
const breathe = (): Promise<void> => setImmediate();

/** A store that can be away, and counts. */
function wavering() {
  const kept = memoryLatencies();
  const state = { isAway: false, puts: 0, reads: 0 };
  const ask = <T>(work: () => Promise<T>): Promise<T> =>
    state.isAway ? Promise.reject(new WindowStoreError('away', 'the windows are away')) : work();
  const store: LatencyStore = {
    put: (days) => ask(() => (state.puts++, kept.put(days))),
    read: (range) => ask(() => (state.reads++, kept.read(range))),
  };
  return { kept, store, state };
}

describe('LatencyKeeping', () => {
  let clock: FakeClock;
  let lines: string[];
  let stores: ReturnType<typeof wavering>;
  beforeEach(() => {
    clock = new FakeClock(START);
    lines = [];
    stores = wavering();
  });

  function keeping(store = stores.store): LatencyKeeping {
    const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    return new LatencyKeeping({ clock, log, store, breathe });
  }

  /** Lets time pass with a run every ten seconds, which takes so long. */
  async function measure(of: LatencyKeeping, ms: number, latencyMs: number, vantage = 'a'): Promise<void> {
    for (let spent = 0; spent < ms; spent += 10_000) {
      of.note({ check: DNS, vantage, slot: Math.floor(clock.wallMs() / 10_000), latencyMs });
      await clock.advance(10_000);
      await breathe();
    }
  }

  async function hours(store: LatencyStore = stores.kept): Promise<readonly (readonly [number, number])[]> {
    const asked = { checks: ['dns'], fromMs: 0, toMs: START_MS + 90 * DAY_MS, stepMs: HOUR_MS };
    const [series] = await latencyHistory(store, asked, breathe);
    return (series?.stretches ?? []).map(({ fromMs, count }) => [(fromMs - TODAY * DAY_MS) / HOUR_MS, count]);
  }

  test('writes once a minute: what is killed loses its last minute', async () => {
    const one = keeping();
    one.start();
    await measure(one, 110_000, 20);
    expect(await hours()).toEqual([[22, 6]]);
    await measure(one, 20_000, 20);
    expect(await hours()).toEqual([[22, 12]]);
  });

  test('writes nothing when nothing was measured, and reads what is stored once a day', async () => {
    const one = keeping();
    one.start();
    await clock.advance(HOUR_MS);
    expect(stores.state).toMatchObject({ puts: 0, reads: 0 });
    await measure(one, 600_000, 20);
    expect(stores.state).toMatchObject({ puts: 10, reads: 1 });
    one.note({ check: DNS, vantage: 'a', slot: 1, latencyMs: undefined });
    await one.stop();
    expect(clock.pending).toBe(0);
  });

  test('a process that is started anew goes on where the one before was', async () => {
    const first = keeping();
    await measure(first, 600_000, 10);
    await first.stop();
    const second = keeping();
    await measure(second, 600_000, 1_000);
    await second.stop();
    expect(await hours()).toEqual([[22, 120]]);
    const asked = { checks: ['dns'], fromMs: 0, toMs: START_MS + DAY_MS, stepMs: HOUR_MS };
    const [series] = await latencyHistory(stores.kept, asked, breathe);
    expect(series?.stretches[0]).toMatchObject({
      p50: expect.closeTo(10, 0),
      p99: expect.closeTo(998.163, 3),
      max: 1_000,
    });
  });

  test('a check that goes to another process and comes back keeps what either measured', async () => {
    const [one, other] = [keeping(), keeping()];
    await measure(one, 300_000, 10);
    await one.flush();
    await one.flush();
    await measure(other, 300_000, 20);
    await other.flush();
    await other.flush();
    await measure(one, 300_000, 30);
    await one.flush();
    expect(await hours()).toEqual([[22, 90]]);
  });

  test('over midnight: a day that is over is written once more, deflated, and no more', async () => {
    const one = keeping();
    one.start();
    await measure(one, 2 * HOUR_MS, 20);
    await one.stop();
    expect(await hours()).toEqual([
      [22, 180],
      [23, 360],
      [24, 180],
    ]);
    const [before, today] = await stores.kept.read({ checks: ['dns'], fromDay: 0, toDay: 99_999 });
    expect([before?.body[1], today?.body[1]]).toEqual([1, 0]);
  });

  test('a run that is told late counts in its own hour, that of yesterday too', async () => {
    const one = keeping();
    const noted = (iso: string): void =>
      one.note({ check: DNS, vantage: 'a', slot: Date.parse(iso) / 10_000, latencyMs: 5 });
    for (const at of ['2026-03-01T22:59:50Z', '2026-03-01T23:00:00Z', '2026-03-01T22:59:40Z']) noted(at);
    await one.flush();
    await clock.advance(2 * HOUR_MS);
    noted('2026-03-02T00:10:00Z');
    await one.flush();
    noted('2026-03-01T22:59:30Z');
    await one.flush();
    expect(await hours()).toEqual([
      [22, 3],
      [23, 1],
      [24, 1],
    ]);
  });

  test('a check that runs twice an hour is written when it has run, and counts every run', async () => {
    const one = keeping();
    one.start();
    for (let i = 0; i < 6; i++) {
      one.note({
        check: SLOW,
        vantage: 'a',
        slot: Math.floor(clock.wallMs() / SLOW.intervalMs),
        latencyMs: 7,
      });
      for (let minute = 0; minute < 30; minute++) {
        await clock.advance(60_000);
        await breathe();
      }
    }
    expect(stores.state.puts).toBe(6);
    const days = await stores.kept.read({ checks: ['slow'], fromDay: 0, toDay: 99_999 });
    expect(days.map(({ day, body }) => [day - TODAY, [...decodeLatencyDay(body).keys()]])).toEqual([
      [0, [22, 23]],
      [1, [0, 1]],
    ]);
  });

  test('with the store away they wait, it is said once, and they are stored when it is back', async () => {
    const one = keeping();
    one.start();
    stores.state.isAway = true;
    await measure(one, 3 * HOUR_MS, 20);
    expect(one.trouble).toBe('latencies wait in memory: the windows are away');
    expect(lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual([
      'latencies cannot be stored: they wait in memory, a week of them at the most',
    ]);
    stores.state.isAway = false;
    await measure(one, 60_000, 20);
    expect(one.trouble).toBeUndefined();
    expect((await hours()).map(([, count]) => count)).toEqual([180, 360, 360, expect.any(Number)]);
    expect(lines).toHaveLength(2);
  });

  test('with the store away for long the oldest hours go, and how many is said', async () => {
    const one = keeping();
    stores.state.isAway = true;
    for (let hour = 0; hour < 250; hour++)
      one.note({ check: DNS, vantage: 'a', slot: (START_MS + hour * HOUR_MS) / 10_000, latencyMs: 5 });
    await one.flush();
    stores.state.isAway = false;
    clock.stepWall(250 * HOUR_MS);
    await one.flush();
    const kept = await hours();
    expect([kept.length, kept[0]?.[0], kept.at(-1)?.[0]]).toEqual([193, 22 + 57, 22 + 249]);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ droppedHours: 57 });
  });

  test('a put that was stored although it failed counts nothing twice', async () => {
    const failing: LatencyStore = {
      read: (range) => stores.kept.read(range),
      async put(days) {
        await stores.kept.put(days);
        throw new WindowStoreError('away', 'no answer in time');
      },
    };
    const one = keeping(failing);
    await measure(one, 60_000, 20);
    await one.flush();
    await one.flush();
    expect(await hours()).toEqual([[22, 6]]);
  });

  test('a put that failed loses nothing', async () => {
    let fails = true;
    const failing: LatencyStore = {
      read: (range) => stores.kept.read(range),
      put: (days) =>
        fails ? Promise.reject(new WindowStoreError('away', 'no answer in time')) : stores.kept.put(days),
    };
    const one = keeping(failing);
    await measure(one, 60_000, 20);
    await one.flush();
    fails = false;
    await one.flush();
    expect(await hours()).toEqual([[22, 6]]);
  });

  test('a day that is over and stored is forgotten: what is told of it later is added to what is stored', () => {
    const kept = new KeptLatencies('dns', 'a');
    kept.note(START_MS, 20);
    kept.takeIn(TODAY, undefined);
    kept.written(kept.take(TODAY + 1), TODAY + 1);
    kept.note(START_MS, 20);
    expect(kept.unknownDays).toEqual([TODAY]);
  });

  test('what was measured while it was written is written the next time', async () => {
    let during = (): void => undefined;
    const slow: LatencyStore = {
      read: (range) => stores.kept.read(range),
      put(days) {
        during();
        return stores.kept.put(days);
      },
    };
    const one = keeping(slow);
    await measure(one, 10_000, 20);
    during = () => {
      during = () => undefined;
      one.note({ check: DNS, vantage: 'a', slot: START_MS / 10_000 + 5, latencyMs: 20 });
    };
    await one.flush();
    await one.flush();
    expect(await hours()).toEqual([[22, 2]]);
  });

  test('a day that begins while another is asked for is asked for as well before it is written', async () => {
    const next = (TODAY + 1) * DAY_MS;
    const earlier = keeping();
    earlier.note({ check: DNS, vantage: 'a', slot: next / 10_000, latencyMs: 20 });
    await earlier.flush();
    let during = (): void => undefined;
    const slow: LatencyStore = {
      async read(range) {
        const days = await stores.kept.read(range);
        during();
        return days;
      },
      put: (days) => stores.kept.put(days),
    };
    const one = keeping(slow);
    one.note({ check: DNS, vantage: 'a', slot: START_MS / 10_000, latencyMs: 20 });
    during = () => {
      during = () => undefined;
      one.note({ check: DNS, vantage: 'a', slot: next / 10_000 + 1, latencyMs: 20 });
    };
    await one.flush();
    await one.flush();
    expect(await hours()).toEqual([
      [22, 1],
      [24, 2],
    ]);
  });

  test('a stored day that cannot be read is left as it is, and said', async () => {
    const newer: LatencyDay = { check: 'dns', vantage: 'a', day: TODAY, body: Uint8Array.of(99, 1, 2) };
    await stores.kept.put([newer]);
    const one = keeping();
    await measure(one, 60_000, 20);
    await one.flush();
    expect(await stores.kept.read({ checks: ['dns'], fromDay: 0, toDay: 99_999 })).toEqual([newer]);
    await measure(one, 60_000, 20);
    await one.flush();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('stored latencies cannot be read');
    expect(await hours()).toEqual([]);
  });

  test('latencies of many checks are written in parts, the loop having its turns between', async () => {
    let most = 0;
    const counting: LatencyStore = {
      read: (range) => stores.kept.read(range),
      put(days) {
        most = Math.max(most, days.length);
        return stores.kept.put(days);
      },
    };
    const one = keeping(counting);
    for (let i = 0; i < 100; i++)
      one.note({ check: judgedCheck({ id: `c${i}` }), vantage: 'a', slot: START_MS / 10_000, latencyMs: 1 });
    await one.flush();
    expect(most).toBe(20);
    const checks = Array.from({ length: 100 }, (_, i) => `c${i}`);
    expect(await stores.kept.read({ checks, fromDay: 0, toDay: 99_999 })).toHaveLength(100);
  });
});

describe('latencyHistory', () => {
  const at = (iso: string): number => Date.parse(iso);

  async function filled(): Promise<LatencyStore> {
    const store = memoryLatencies();
    const clock = new FakeClock('2026-03-05T00:00:00Z');
    const one = new LatencyKeeping({ clock, log: pino({ enabled: false }), store, breathe });
    const hours = ['2026-03-01T23', '2026-03-02T00', '2026-03-02T05', '2026-03-04T01'];
    for (const [i, hour] of hours.entries())
      for (const vantage of ['b', 'a'])
        for (let n = 0; n <= i; n++)
          one.note({ check: DNS, vantage, slot: at(`${hour}:00:00Z`) / 10_000 + n, latencyMs: 10 * (i + 1) });
    await one.flush();
    return store;
  }
  const shown = ([series]: readonly LatencySeries[]) =>
    series?.stretches.map(({ fromMs, lengthMs, count, max }) => [
      new Date(fromMs).toISOString().slice(5, 13),
      lengthMs / HOUR_MS,
      count,
      max,
    ]);

  test('by the hour: gaps are gaps, each says how many there are; by vantage', async () => {
    const store = await filled();
    const asked = {
      checks: ['dns', 'other'],
      fromMs: at('2026-03-01T00:00Z'),
      toMs: at('2026-03-05T00:00Z'),
    };
    const all = await latencyHistory(store, { ...asked, stepMs: HOUR_MS }, breathe);
    expect(all.map(({ check, vantage }) => [check, vantage])).toEqual([
      ['dns', 'a'],
      ['dns', 'b'],
    ]);
    expect(shown(all)).toEqual([
      ['03-01T23', 1, 1, 10],
      ['03-02T00', 1, 2, 20],
      ['03-02T05', 1, 3, 30],
      ['03-04T01', 1, 4, 40],
    ]);
  });

  test('in longer stretches hours are put together, over midnight not', async () => {
    const store = await filled();
    const span = { checks: ['dns'], fromMs: at('2026-03-01T00:00Z'), toMs: at('2026-03-05T00:00Z') };
    expect(shown(await latencyHistory(store, { ...span, stepMs: 6 * HOUR_MS }, breathe))).toEqual([
      ['03-01T18', 6, 1, 10],
      ['03-02T00', 6, 5, 30],
      ['03-04T00', 6, 4, 40],
    ]);
  });

  test('an hour that cannot be read is missing, and nothing of it is counted', async () => {
    const store = await filled();
    const [day] = await store.read({ checks: ['dns'], fromDay: TODAY + 1, toDay: TODAY + 2 });
    const stored = decodeLatencyDay(day?.body ?? new Uint8Array());
    const damaged = (stored.get(5) ?? new Uint8Array()).map((byte, i, all) =>
      i === all.length - 1 ? byte | 0x80 : byte,
    );
    const body = encodeLatencyDay(stored.set(5, damaged), true);
    await store.put([{ check: 'dns', vantage: 'a', day: TODAY + 1, body }]);
    const span = { checks: ['dns'], fromMs: at('2026-03-01T00:00Z'), toMs: at('2026-03-03T00:00Z') };
    expect(shown(await latencyHistory(store, { ...span, stepMs: 6 * HOUR_MS }, breathe))).toEqual([
      ['03-01T18', 6, 1, 10],
      ['03-02T00', 6, 2, 20],
    ]);
  });

  test('only hours that overlap the span', async () => {
    const store = await filled();
    const span = { checks: ['dns'], fromMs: at('2026-03-02T00:30Z'), toMs: at('2026-03-02T05:00Z') };
    expect(shown(await latencyHistory(store, { ...span, stepMs: HOUR_MS }, breathe))).toEqual([
      ['03-02T00', 1, 2, 20],
    ]);
    expect(await latencyHistory(store, { ...span, toMs: span.fromMs, stepMs: HOUR_MS }, breathe)).toEqual([]);
  });
});
