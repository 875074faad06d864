import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/core/observation.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { FakeClock } from '../fake-clock.ts';

const DAYS = 365;
const SLOTS_A_DAY = 8_640;
const FIRST_SLOT = Date.parse('2026-01-01T00:00:00Z') / 10_000;

/** Uniform in [0, 1) and the same in every run: Park and Miller's generator. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Size of the file after a year of one check at 10 s from one vantage, in bytes. */
async function yearOf(observe: (slot: number) => Pick<Observation, 'outcome' | 'cause'>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-size-'));
  const path = join(folder, 'windows.sqlite');
  const place = { check: 'dns', intervalMs: 10_000, vantage: 'a' };
  try {
    const store = await openSqliteStore({ path, clock: new FakeClock() });
    for (let day = 0; day < DAYS; day++) {
      const first = FIRST_SLOT + day * SLOTS_A_DAY;
      await store.put(
        Array.from({ length: SLOTS_A_DAY }, (_, i) => ({ ...place, slot: first + i, ...observe(first + i) })),
      );
      if (day % 10 === 9) await store.flush();
    }
    await store.close();
    return statSync(path).size;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe(
  'sqlite store: a year of 10 s slots of one check and one vantage, on disk',
  { timeout: 120_000 },
  () => {
    it('is within a tenth of 1.5 MB when all is good', async () => {
      expect(await yearOf(() => ({ outcome: 'good' }))).toBeLessThan(1_500_000);
    });

    it('is within 1.5 MB with one slot in a hundred bad at random, causes included', async () => {
      const random = uniform(42);
      const size = await yearOf(() =>
        random() < 0.01
          ? { outcome: 'bad', cause: random() < 0.5 ? 'timeout' : 'reset' }
          : { outcome: 'good' },
      );
      expect(size).toBeLessThan(1_500_000);
    });
  },
);
