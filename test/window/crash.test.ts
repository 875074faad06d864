import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { sleep } from '../../src/core/clock.ts';
import {
  CHECK_KEYS,
  commitAt,
  commitNumber,
  numberOf,
  observationAt,
  rangeBefore,
  ROUND_LENGTH,
} from './crash-sequence.ts';
import { bitsOf } from './reference.ts';

const WRITER = new URL('./crash-writer.ts', import.meta.url).pathname;
const LARGEST_LOSS_MS = 1_000;
const TEXTS = { good: 's', bad: 'sb', excluded: 'sx' } as const;

/** What a writer had acknowledged when it was killed. */
interface Life {
  /** Everything before this was acknowledged more than the largest loss before the end. */
  readonly safe: number;
  /** Everything before this was acknowledged. */
  readonly last: number;
  /** The last fact that was acknowledged; that alone makes it durable. */
  readonly fact: number;
}

async function liveAndDie(path: string, round: number, lifeMs: number): Promise<Life> {
  const writer = spawn(process.execPath, [WRITER, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: { readonly atMs: number; readonly word: string; readonly n: number }[] = [];
  const reader = createInterface(writer.stdout);
  reader.on('line', (line) => {
    const [word = '', n] = line.split(' ');
    lines.push({ atMs: systemClock.monotonicMs(), word, n: Number(n) });
  });
  const exited = once(writer, 'exit');
  await Promise.race([once(reader, 'line'), exited]);
  await sleep(systemClock, lifeMs);
  const endMs = systemClock.monotonicMs();
  writer.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  const latest = (word: string, beforeMs: number): number =>
    lines.findLast((line) => line.word === word && line.atMs <= beforeMs)?.n ?? round * ROUND_LENGTH;
  return {
    safe: latest('put', endMs - LARGEST_LOSS_MS),
    last: latest('put', Infinity),
    fact: latest('fact', endMs),
  };
}

/** Numbers of observations that should be there and are not, and of those that are there but not as they were put. */
async function faultsOf(
  store: WindowStore,
  lives: readonly Life[],
): Promise<{ readonly lost: readonly number[]; readonly wrong: readonly number[] }> {
  const found = new Set<number>();
  const wrong: number[] = [];
  for (const [index, key] of CHECK_KEYS.entries()) {
    const range = { ...key, ...rangeBefore(lives.length) };
    const [answer] = await store.read([range]);
    const marks = new Map((await store.marks(range)).map((mark) => [mark.slot, mark]));
    for (const [place, text] of answer ? bitsOf(answer, range) : []) {
      const slot = Number(place.split(' ')[0]);
      const n = numberOf(index, slot);
      const { outcome, cause, evidence } = observationAt(n);
      const mark = marks.get(slot);
      const last = lives[Math.floor(n / ROUND_LENGTH)]?.last ?? 0;
      const isRight =
        text === TEXTS[outcome] && mark?.cause === cause && mark?.evidence?.['n'] === evidence?.['n'];
      if (isRight && n < last + 1_000) found.add(n);
      else wrong.push(n);
    }
  }
  const lost = lives.flatMap(({ safe }, round) => {
    const first = round * ROUND_LENGTH;
    return Array.from({ length: safe - first }, (_, i) => first + i).filter((n) => !found.has(n));
  });
  return { lost, wrong };
}

async function killAndLook(kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-crash-'));
  const path = join(folder, 'windows.sqlite');
  const lives: Life[] = [];
  try {
    for (let round = 0; round < kills; round++) {
      const life = await liveAndDie(path, round, LARGEST_LOSS_MS + 200 + Math.random() * 700);
      lives.push(life);
      expect(life.safe).toBeGreaterThan(round * ROUND_LENGTH);
      const store = await openSqliteStore({ path, clock: systemClock });
      expect(await faultsOf(store, lives)).toEqual({ lost: [], wrong: [] });
      expect(Number(await store.getFact('put'))).toBeGreaterThanOrEqual(life.fact);
      const [judged] = await store.judged(['judged']);
      const commits = judged ? commitNumber(judged.cursorMs) : 0;
      expect(commits).toBeGreaterThan(0);
      expect(judged?.transitions).toEqual(
        Array.from({ length: commits }, (_, i) => commitAt(i + 1).transitions[0]),
      );
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('sqlite store, its process killed with SIGKILL at any moment', () => {
  it(
    'has everything that was acknowledged a second before, every fact, and nothing that was not put',
    { timeout: 120_000 },
    async () => {
      const ended = await Promise.allSettled([killAndLook(5), killAndLook(5)]);
      for (const end of ended) if (end.status === 'rejected') throw end.reason;
    },
  );
});
