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
    expect(store.takeChanged?.()).toEqual(new Map());
    await store.put([seen(4), seen(3), seen(5), { ...seen(7), check: 'ntp' }]);
    expect(store.takeChanged?.()).toEqual(
      new Map([
        ['dns', T + 30_000],
        ['ntp', T + 70_000],
      ]),
    );
    await store.put([seen(4)]);
    expect(store.takeChanged?.()).toEqual(new Map());
    await store.put([seen(4, 'bad')]);
    expect(store.takeChanged?.()).toEqual(new Map([['dns', T + 40_000]]));
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
