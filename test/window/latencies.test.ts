import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { DamagedBytes } from '../../src/window/bytes.ts';
import { decodeLatencyDay, encodeLatencyDay, fullerLatencyDay } from '../../src/window/latency-day.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import { LatencySketch } from '../../src/window/latency-sketch.ts';
import { openSqliteStore, type SqliteStore } from '../../src/window/sqlite.ts';
import { latencyContract, latencyDay } from '../contracts/latencies.ts';
import { good } from '../contracts/window-samples.ts';

function sketchOf(...latencies: readonly number[]): LatencySketch {
  const sketch = new LatencySketch();
  for (const latency of latencies) sketch.add(latency);
  return sketch;
}

function figures(encoded: Uint8Array) {
  const sketch = new LatencySketch();
  sketch.absorb(encoded);
  return [sketch.count, sketch.quantileMs(0.5), sketch.quantileMs(0.99), sketch.maxMs];
}

/** Uniform in (0, 1) and the same in every run: Park and Miller's generator. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Latencies about 20 ms, spread by `sigma` on a logarithmic scale, one in fifty five to fifteen times as long. */
function* lognormal(sigma: number): Generator<number, never> {
  const random = uniform(42);
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    yield 20 * Math.exp(sigma * normal) * (random() < 0.02 ? 5 + 10 * random() : 1);
  }
}

describe('LatencySketch', () => {
  it('quantiles are within 2 % of those of all values, the longest is exact', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => 0.05 * 1.003 ** i);
    const sketch = sketchOf(...values);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = values[Math.ceil(share * values.length) - 1] ?? 0;
      expect(Math.abs(sketch.quantileMs(share) / Math.min(exact, 600_000) - 1)).toBeLessThanOrEqual(0.0201);
    }
    expect(sketch.maxMs).toBe(values.at(-1));
  });

  it('none, and those out of all bounds', () => {
    const sketch = new LatencySketch();
    expect(sketch.quantileMs(0.5)).toBe(0);
    sketch.add(0);
    sketch.add(10_000_000);
    expect([sketch.count, sketch.quantileMs(0.5)]).toEqual([2, expect.closeTo(0.01, 3)]);
    sketch.clear();
    expect([sketch.count, sketch.maxMs, sketch.quantileMs(1)]).toEqual([0, 0, 0]);
    sketch.add(7);
    expect([sketch.count, sketch.quantileMs(0)]).toEqual([1, expect.closeTo(7, 0)]);
  });

  it('encoded and absorbed: sketches of parts make the sketch of the whole, in any order', () => {
    const source = lognormal(0.7);
    const values = Array.from({ length: 900 }, () => source.next().value);
    const whole = sketchOf(...values, 0, 10_000_000);
    const parts = [sketchOf(...values.slice(0, 400)), sketchOf(...values.slice(400), 10_000_000, 0)];
    for (const order of [parts, parts.toReversed()]) {
      const both = new LatencySketch();
      for (const part of order) both.absorb(part.encoded());
      expect(both.encoded()).toEqual(whole.encoded());
      for (const share of [0, 0.5, 0.9, 0.99, 1])
        expect(both.quantileMs(share)).toBe(whole.quantileMs(share));
    }
    expect(figures(new LatencySketch().encoded())).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ['empty', []],
    ['cut short', [0, 2, 10, 1]],
    ['more than it says', [0, 1, 10, 1, 9]],
    ['beyond the last bucket', [0, 200, 200, 7]],
    ['ends with nothing', [0, 2, 10, 1, 0, 9, 1]],
  ])('absorb of what is damaged throws, and takes in nothing of it (%s)', (_, bytes) => {
    const sketch = new LatencySketch();
    expect(() => sketch.absorb(Uint8Array.from(bytes))).toThrow(DamagedBytes);
    expect(sketch.count).toBe(0);
  });
});

describe('a day of latencies', () => {
  const hours = new Map([
    [23, sketchOf(1, 2, 3).encoded()],
    [0, sketchOf(5).encoded()],
  ]);

  it.each([true, false])('encodes and decodes (over: %s), hours in order', (isOver) => {
    const stored = encodeLatencyDay(hours, isOver);
    expect(stored[0]).toBe(1);
    const read = decodeLatencyDay(stored);
    expect([...read.keys()]).toEqual([0, 23]);
    expect(figures(read.get(23) ?? new Uint8Array())).toEqual([3, expect.closeTo(2, 1), 3, 3]);
  });

  it('of another version, or damaged: throws', () => {
    const stored = encodeLatencyDay(hours, true);
    expect(() => decodeLatencyDay(Uint8Array.of(2, ...stored.slice(1)))).toThrow('version 2');
    expect(() => decodeLatencyDay(stored.slice(0, -3))).toThrow(DamagedBytes);
    expect(() => decodeLatencyDay(new Uint8Array())).toThrow(DamagedBytes);
    expect(() => decodeLatencyDay(Uint8Array.of(1, 0, 24, 1, 0))).toThrow('hour 24');
  });

  it('fullerLatencyDay takes the fuller of each hour, whichever comes first', () => {
    const one = encodeLatencyDay(
      new Map([
        [1, sketchOf(1, 1).encoded()],
        [2, sketchOf(1).encoded()],
      ]),
      true,
    );
    const other = encodeLatencyDay(
      new Map([
        [2, sketchOf(2, 2).encoded()],
        [3, sketchOf(2).encoded()],
      ]),
      false,
    );
    for (const both of [fullerLatencyDay(one, other), fullerLatencyDay(other, one)]) {
      const counts = Array.from(decodeLatencyDay(both), ([hour, sketch]) => [hour, figures(sketch)[0]]);
      expect(counts.toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
        [1, 2],
        [2, 2],
        [3, 1],
      ]);
    }
  });
});

latencyContract('in memory', () => {
  const store = memoryLatencies();
  return Promise.resolve({ open: () => Promise.resolve(store), dispose: () => Promise.resolve() });
});

latencyContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-latencies-'));
  const open = (): Promise<SqliteStore> =>
    openSqliteStore({ path: join(folder, 'windows.sqlite'), clock: systemClock });
  let windows = await open();
  return {
    // One process, one handle.
    open: () => Promise.resolve(windows.latencies),
    async reopen() {
      await windows.close();
      windows = await open();
      return windows.latencies;
    },
    prune: (beforeMs) => windows.prune(beforeMs, { slotsMs: 0, transitionsMs: 0 }),
    async dispose() {
      await windows.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('latencies in the file of the embedded windows', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-latencies-'));
    path = join(folder, 'windows.sqlite');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('what put resolved for is there after SIGKILL', async () => {
    const script = `
      const { openSqliteStore } = await import('${new URL('../../src/window/sqlite.ts', import.meta.url).href}');
      const { systemClock } = await import('${new URL('../../src/clock.ts', import.meta.url).href}');
      const store = await openSqliteStore({ path: ${JSON.stringify(path)}, clock: systemClock });
      const put = (day) => store.latencies.put([{ check: 'dns', vantage: 'a', day, body: Uint8Array.of(day) }]);
      for (const day of [1, 2, 3]) await put(day);
      process.stdout.write('stored');
      await new Promise(() => setInterval(() => {}, 1_000));`;
    const file = join(folder, 'writer.mjs');
    writeFileSync(file, script);
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), gone]);
    child.kill('SIGKILL');
    await gone;
    const store = await openSqliteStore({ path, clock: systemClock });
    const days = await store.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 9 });
    await store.close();
    expect(days.map(({ day, body }) => [day, ...body])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('a file of an earlier vigie, without the table, is given one', async () => {
    await (await openSqliteStore({ path, clock: systemClock })).close();
    const database = new DatabaseSync(path);
    database.exec('DROP TABLE latency');
    database.close();
    const store = await openSqliteStore({ path, clock: systemClock });
    await store.latencies.put([latencyDay(1)]);
    expect(await store.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 2 })).toHaveLength(1);
    await store.close();
  });

  it('what fails with latencies is told to the caller, and the windows go on', async () => {
    const store = await openSqliteStore({ path, clock: systemClock });
    const broken: unknown = { check: 'dns', vantage: 'a', day: 1, body: 'no bytes' };
    await expect(store.latencies.put([broken as ReturnType<typeof latencyDay>])).rejects.toMatchObject({
      trouble: 'broken',
    });
    await store.put([good(1)]);
    await store.flush();
    await store.close();
    await expect(store.latencies.put([latencyDay(1)])).rejects.toMatchObject({ trouble: 'closed' });
  });
});

describe('a year of latencies of one check every 10 s from one vantage', { timeout: 120_000 }, () => {
  const FIRST_DAY = Date.parse('2026-01-01T00:00:00Z') / 86_400_000;

  /** Days that are over. */
  function* daysOf(sigma: number, count: number): Generator<Uint8Array> {
    const latencies = lognormal(sigma);
    for (let day = 0; day < count; day++) {
      const hours = Array.from({ length: 24 }, (_, hour): [number, Uint8Array] => {
        const sketch = new LatencySketch();
        for (let i = 0; i < 360; i++) sketch.add(latencies.next().value);
        return [hour, sketch.encoded()];
      });
      yield encodeLatencyDay(new Map(hours), true);
    }
  }

  it.each([
    [0.1, 350_000],
    [0.3, 550_000],
    [0.7, 850_000],
  ])('spread %s: at most %i bytes', (sigma, most) => {
    const days = [...daysOf(sigma, 10)];
    const year = (days.reduce((sum, { length }) => sum + length, 0) / days.length) * 365;
    expect(year).toBeLessThan(most);
  });

  it('in the file of the embedded windows, written over each day: within 0.9 MB', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-latencies-'));
    const path = join(folder, 'windows.sqlite');
    const store = await openSqliteStore({ path, clock: systemClock });
    let day = FIRST_DAY;
    for (const body of daysOf(0.3, 365)) {
      await store.latencies.put([{ check: 'dns', vantage: 'a', day, body: body.slice(0, 400) }]);
      await store.latencies.put([{ check: 'dns', vantage: 'a', day: day++, body }]);
    }
    await store.close();
    const { size } = statSync(path);
    rmSync(folder, { recursive: true });
    expect(size).toBeLessThan(900_000);
  });
});
