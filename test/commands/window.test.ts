import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Observation } from '../../src/core/observation.ts';
import { openSqliteLedger } from '../../src/window/ledger-sqlite.ts';
import { encodeLatencyDay } from '../../src/window/latency-day.ts';
import { LatencySketch } from '../../src/window/latency-sketch.ts';
import type { LatencyStore } from '../../src/window/latency-store.ts';
import { openSqliteStore, type SqliteStore } from '../../src/window/sqlite.ts';
import type { WindowStore } from '../../src/window/store.ts';
import {
  bad,
  commitOf,
  DAY_MS,
  down,
  FIRST,
  good,
  KEEP,
  MARCH_FIRST_MS,
  TEN_SECONDS,
  up,
} from '../contracts/window-samples.ts';
import { findProgram } from '../servers/packages.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { bitsOf } from '../window/reference.ts';
import { openShared } from '../window/redis-subject.ts';
import { runVigie } from './spawn-vigie.ts';

const HOURLY = { check: 'hourly', intervalMs: 3_600_000 };
const OBSERVATIONS: readonly Observation[] = [
  ...Array.from({ length: 500 }, (_, i) => good(FIRST + i)),
  good(FIRST + 20_000, 'b'),
  { ...bad(FIRST + 3, 'status', 'b'), evidence: { status: 503, id: 'r-"1' } },
  bad(FIRST + 4, 'timeout'),
  { ...bad(FIRST + 4, 'throttled'), outcome: 'excluded' },
  good(MARCH_FIRST_MS / 3_600_000, 'a', HOURLY),
];
const SPAN = { fromSlot: FIRST - 100, toSlot: FIRST + 30_000 };
const ENTRY = { key: 'INC-1', atMs: MARCH_FIRST_MS, json: '{"said":true}' };

/** A day of March with one hour, of so many latencies; then with another. */
function latenciesOf(check: string, days: number, ...counts: readonly number[]) {
  const hours = counts.map((count, hour): [number, Uint8Array] => {
    const sketch = new LatencySketch();
    for (let i = 0; i < count; i++) sketch.add(20 + i);
    return [hour, sketch.encoded()];
  });
  const body = encodeLatencyDay(new Map(hours), true);
  return { check, vantage: 'a', day: MARCH_FIRST_MS / DAY_MS + days, body };
}

/** All that a store can be asked, for comparing two. */
async function contentsOf(store: WindowStore & { readonly latencies: LatencyStore }) {
  const range = { ...TEN_SECONDS, ...SPAN };
  const [bits] = await store.read([range]);
  return {
    bits: bits && Object.fromEntries(bitsOf(bits, range)),
    marks: await store.marks(range),
    seen: [await store.seen(TEN_SECONDS), await store.seen(HOURLY)],
    judged: await store.judged(['dns', 'hourly', 'unknown']),
    fact: await store.getFact('judge.epoch'),
    latencies: (await store.latencies.read({ checks: ['dns', 'hourly'], fromDay: 0, toDay: 99_999 })).map(
      ({ body, ...about }) => ({ ...about, body: Buffer.from(body).toString('hex') }),
    ),
    late: [...(await store.takeLate())],
  };
}

describe.skipIf(!findProgram('redis-server'))('vigie window (needs redis-server)', () => {
  let folder = '';
  let redis: RedisServer;
  let runs = 0;
  let prefix = '';

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-window-'));
    prefix = `window-${runs++}:`;
    configure(folder, 'dns', 'hourly');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function configure(place: string, ...checks: readonly string[]): void {
    writeFileSync(
      join(place, 'contract.yaml'),
      `id: mine
version: "1"
timezone: UTC
period: { month: calendar, year: calendar }
readings: { client: {} }
rows: [{ id: web, clause: A, title: Web, type: availability, target: "99.9", period: month }]
`,
    );
    writeFileSync(
      join(place, 'vigie.yaml'),
      `contract: contract.yaml
region: here
window: { url: '${redis.url}', prefix: '${prefix}' }
checks:
${checks.map((id, i) => `  - { id: ${id}, probe: tcp, row: web, interval: 10s, timeout: 1s, with: { host: 127.0.0.${i + 1}, port: 9 } }`).join('\n')}
`,
    );
  }
  const vigie = (...args: readonly string[]) =>
    runVigie(['window', ...args, '--output', 'json'], { cwd: folder });
  const embedded = (): Promise<SqliteStore> =>
    openSqliteStore({ path: join(folder, 'data', 'windows.sqlite'), clock: systemClock });

  async function fill(store: SqliteStore): Promise<void> {
    await store.put([good(FIRST - 50 * 8_640), ...OBSERVATIONS]);
    await store.prune(MARCH_FIRST_MS + DAY_MS, KEEP);
    const transitions = [up(MARCH_FIRST_MS), down(MARCH_FIRST_MS + 30_000, 'timeout', 'reset')];
    const cursorMs = MARCH_FIRST_MS + 100_000;
    await store.commit([commitOf({ epoch: 7, cursorMs, transitions })]);
    await store.put([good(FIRST + 2, 'c')]);
    await store.setFact('judge.epoch', '7');
    await store.latencies.put([latenciesOf('dns', 1, 12, 8), latenciesOf('hourly', 0, 3)]);
  }

  it('migrate copies everything from embedded to shared windows and back, and the source stays', async () => {
    const source = await embedded();
    await fill(source);
    await source.close();
    const ledger = await openSqliteLedger({ path: join(folder, 'data', 'ledger.db'), clock: systemClock });
    await ledger.append('tickets', [ENTRY]);
    await ledger.close();

    const there = await vigie('migrate', '--to', 'shared');
    expect(there.stderr).toBe('');
    expect(there.code).toBe(0);
    expect(JSON.parse(there.stdout)).toEqual({
      series: 2,
      slots: 504,
      marks: 2,
      judgements: 1,
      facts: 1,
      entries: 1,
      latencyDays: 2,
      differences: [],
    });
    expect((await vigie('migrate', '--to', 'shared')).code).toBe(0);

    const shared = await openShared(redis.url, { prefix });
    const inRedis = await contentsOf(shared);
    expect(await shared.entries('tickets', 0)).toEqual([{ ...ENTRY, sequence: 1 }]);
    await shared.close();
    const elsewhere = mkdtempSync(join(tmpdir(), 'vigie-window-'));
    configure(elsewhere, 'dns', 'hourly');
    const back = await runVigie(['window', 'migrate', '--to', 'embedded'], { cwd: elsewhere });
    expect(back.code).toBe(0);
    expect(back.stdout).toContain('504 slots, 2 marks, 1 judgements');
    expect(back.stdout).toContain('2 days of latencies');
    const copy = await openSqliteStore({
      path: join(elsewhere, 'data', 'windows.sqlite'),
      clock: systemClock,
    });
    const inCopy = await contentsOf(copy);
    await copy.close();
    rmSync(elsewhere, { recursive: true });
    const again = await embedded();
    const inSource = await contentsOf(again);
    await again.close();
    expect(inSource.late).toEqual([['dns', MARCH_FIRST_MS + 20_000]]);
    expect(inSource.seen[0]?.firstSlot).toBe(FIRST - 50 * 8_640);
    expect(inRedis).toEqual(inSource);
    expect(inCopy).toEqual(inSource);
  });

  it('migrate says where the target has a judgement of its own, and leaves that', async () => {
    const source = await embedded();
    await fill(source);
    await source.close();
    const shared = await openShared(redis.url, { prefix });
    await shared.commit([commitOf({ epoch: 9, cursorMs: MARCH_FIRST_MS })]);
    const { code, stdout } = await vigie('migrate', '--to', 'shared');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ differences: ['judgement of dns: fenced'] });
    expect((await shared.judged(['dns']))[0]?.epoch).toBe(9);
    await shared.close();
  });

  it('migrate keeps of latencies the fuller of each hour', async () => {
    const source = await embedded();
    await source.put([good(FIRST)]);
    await source.latencies.put([latenciesOf('dns', 0, 9, 2)]);
    await source.close();
    const shared = await openShared(redis.url, { prefix });
    await shared.latencies.put([latenciesOf('dns', 0, 5, 6)]);
    expect((await vigie('migrate', '--to', 'shared')).code).toBe(0);
    const days = await shared.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 99_999 });
    expect(days).toEqual([latenciesOf('dns', 0, 9, 6)]);
    await shared.close();
  });

  it('migrate says which latencies it cannot read, leaves those of the target, and copies everything else', async () => {
    const newer = { ...latenciesOf('dns', 0, 9), body: Uint8Array.of(99, 1) };
    const source = await embedded();
    await fill(source);
    await source.latencies.put([newer]);
    await source.close();
    const ledger = await openSqliteLedger({ path: join(folder, 'data', 'ledger.db'), clock: systemClock });
    await ledger.append('tickets', [ENTRY]);
    await ledger.close();
    const shared = await openShared(redis.url, { prefix });
    await shared.latencies.put([latenciesOf('dns', 0, 5)]);
    const { code, stdout } = await vigie('migrate', '--to', 'shared');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ judgements: 1, entries: 1, latencyDays: 2 },
      differences: ['latencies of dns by a on 2026-03-01: cannot be read'],
    });
    expect(await shared.latencies.read({ checks: ['dns'], fromDay: 0, toDay: 99_999 })).toEqual([
      latenciesOf('dns', 0, 5),
      latenciesOf('dns', 1, 12, 8),
    ]);
    await shared.close();
  });

  it('migrate refuses embedded windows that are in use', async () => {
    const source = await embedded();
    const { code, stderr } = await vigie('migrate', '--to', 'shared');
    await source.close();
    expect(code).toBe(2);
    expect(stderr).toContain('is in use by another process');
  });

  it('doctor lists sizes, days without slots, lost pages and checks that are not configured; prunes on request', async () => {
    const shared = await openShared(redis.url, { prefix });
    await shared.put([
      ...OBSERVATIONS,
      good(FIRST + 5 * 8_640),
      good(FIRST, 'a', { ...TEN_SECONDS, check: 'removed' }),
    ]);
    await shared.commit([commitOf({ check: 'removed' })]);
    await shared.latencies.put([
      latenciesOf('dns', 0, 1),
      latenciesOf('dns', 31, 1),
      latenciesOf('removed', 0, 1),
    ]);
    await shared.setFact('judge.epoch', '1');
    await shared.flush();
    await redis.with((client) => client.del(`${prefix}p:{hourly}:3600000:a:20260301:s`));
    const { code, stdout } = await vigie('doctor');
    expect(code).toBe(1);
    const inventory = JSON.parse(stdout) as { readonly checks: readonly unknown[]; readonly bytes: number };
    const series = { intervalMs: 10_000, firstDay: '2026-03-01', missingPages: 0 };
    expect(inventory.checks).toMatchObject([
      {
        check: 'dns',
        isOrphan: false,
        latencyMonths: ['202603', '202604'],
        series: [
          {
            ...series,
            vantages: ['a', 'b'],
            lastDay: '2026-03-06',
            gaps: ['2026-03-02', '2026-03-04', '2026-03-05'],
          },
        ],
      },
      { check: 'hourly', isOrphan: false, series: [{ missingPages: 1 }] },
      { check: 'removed', isOrphan: true, series: [{ ...series, gaps: [] }] },
    ]);
    expect(inventory.bytes).toBeGreaterThan(3_000);

    const pruned = await vigie('doctor', '--prune');
    expect(JSON.parse(pruned.stdout)).toMatchObject({
      dropped: 5,
      checks: [{ check: 'dns' }, { check: 'hourly' }],
    });
    expect((await shared.series()).map(({ check }) => check).toSorted()).toEqual(['dns', 'hourly']);
    expect(await shared.judged(['removed'])).toEqual([undefined]);
    expect((await shared.seen(TEN_SECONDS))?.firstSlot).toBe(FIRST);
    await shared.close();
    const text = await runVigie(['window', 'doctor'], { cwd: folder });
    expect(text.stdout).toMatch(/^dns: \d+ keys, \d+ kB\n {2}latencies of 202603, 202604$/m);
  });

  it('doctor says when Redis cannot be had, and when there are no shared windows', async () => {
    writeFileSync(
      join(folder, 'vigie.yaml'),
      'contract: contract.yaml\nregion: here\nwindow: { url: "redis://127.0.0.1:1" }\n',
    );
    const away = await vigie('doctor');
    expect(away.code).toBe(2);
    expect(away.stderr).toContain('the shared windows cannot be had');
    writeFileSync(join(folder, 'vigie.yaml'), 'contract: contract.yaml\nregion: here\n');
    const none = await vigie('doctor');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('there are no shared windows');
  });
});
