import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import type { JudgeCommit, WindowStore } from '../../src/window/store.ts';

const DNS = { check: 'dns', intervalMs: 10_000 };
const T = Date.UTC(2026, 2, 1);
const SLOT = T / DNS.intervalMs;

const seen = (slot: number, outcome: 'good' | 'bad' = 'good') => ({
  ...{ ...DNS, vantage: 'az-a', slot: SLOT + slot },
  ...(outcome === 'good' ? { outcome } : { outcome, cause: 'timeout' as const }),
});
const commitTo = (slot: number): JudgeCommit => ({
  ...{ check: DNS.check, epoch: 1, expectedCursorMs: null, cursorMs: T + slot * DNS.intervalMs },
  ...{ replaceFromMs: T, transitions: [] },
});

function changedIn(store: WindowStore): readonly (readonly [check: string, atMs: number])[] {
  return Array.from(store.takeChanged?.() ?? [], ([{ check }, atMs]) => [check, atMs] as const);
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-changed-'));
});
afterEach(() => rm(folder, { recursive: true }));

const STORES: readonly (readonly [string, () => WindowStore | Promise<WindowStore>])[] = [
  ['in memory', () => memoryStore()],
  ['embedded', () => openSqliteStore({ path: join(folder, 'windows.sqlite'), clock: systemClock })],
];

describe.each(STORES)('takeChanged, %s', (_, open) => {
  it('tells the earliest slot that has changed since it was last asked, by check, and nothing twice', async () => {
    const store = await open();
    await store.put([seen(1)]);
    expect(changedIn(store)).toEqual([]);
    await store.put([seen(4), seen(3), seen(5), { ...seen(7), check: 'ntp' }]);
    expect(changedIn(store)).toEqual([
      ['dns', T + 30_000],
      ['ntp', T + 70_000],
    ]);
    await store.put([seen(4)]);
    expect(changedIn(store)).toEqual([]);
    await store.put([seen(4, 'bad')]);
    expect(changedIn(store)).toEqual([['dns', T + 40_000]]);
    await store.close();
  });

  it('what changed and was not taken before a commit passes it is late; what was taken is not', async () => {
    const store = await open();
    store.takeChanged?.();
    await store.put([seen(0), seen(1)]);
    store.takeChanged?.();
    await store.put([seen(2), seen(3)]);
    await store.commit([commitTo(3)]);
    expect(await store.takeLate()).toEqual(new Map([['dns', T + 20_000]]));
    await store.close();
  });
});

it('what was told as late is so for the next process, until a commit has reached back to it', async () => {
  const path = join(folder, 'windows.sqlite');
  const open = () => openSqliteStore({ path, clock: systemClock });
  const late = new Map([['dns', T + 20_000]]);
  const store = await open();
  await store.put([seen(0)]);
  await store.commit([commitTo(6)]);
  await store.put([seen(2)]);
  expect(await store.takeLate()).toEqual(late);
  expect(await store.takeLate()).toEqual(new Map());
  await store.judged(['dns']);
  expect(await store.takeLate()).toEqual(late);
  await store.close();
  const second = await open();
  expect(await second.takeLate()).toEqual(late);
  const next = { ...commitTo(7), expectedCursorMs: T + 60_000 };
  await second.commit([{ ...next, replaceFromMs: T + 30_000 }]);
  await second.close();
  const third = await open();
  expect(await third.takeLate()).toEqual(late);
  await third.commit([
    { ...next, expectedCursorMs: T + 70_000, cursorMs: T + 80_000, replaceFromMs: T + 20_000 },
  ]);
  await third.close();
  const last = await open();
  expect(await last.takeLate()).toEqual(new Map());
  await last.close();
});

it('what is late before the slots that are kept is late from their first on', async () => {
  const path = join(folder, 'windows.sqlite');
  const store = await openSqliteStore({ path, clock: systemClock });
  const DAY = 86_400_000;
  await store.put([seen(0)]);
  await store.commit([commitTo(6)]);
  await store.put([seen(2)]);
  await store.prune(T + 10 * DAY, { slotsMs: 5 * DAY, transitionsMs: 400 * DAY });
  await store.close();
  const next = await openSqliteStore({ path, clock: systemClock });
  expect(await next.takeLate()).toEqual(new Map([['dns', T + 5 * DAY]]));
  await next.close();
});

it('what is late by a commit is so for the next process, too', async () => {
  const path = join(folder, 'windows.sqlite');
  const store = await openSqliteStore({ path, clock: systemClock });
  store.takeChanged?.();
  await store.put([seen(2)]);
  await store.commit([commitTo(3)]);
  await store.close();
  const next = await openSqliteStore({ path, clock: systemClock });
  expect(await next.takeLate()).toEqual(new Map([['dns', T + 20_000]]));
  await next.close();
});
