import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeFor, takeIn } from '../../src/casework/judging.ts';
import { systemClock } from '../../src/clock.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import type { Judge } from '../../src/judge/judge.ts';
import { memoryStore } from '../../src/window/memory.ts';
import type { RedisStore } from '../../src/window/redis.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { WindowStoreError } from '../../src/window/store-error.ts';
import type { WindowStore } from '../../src/window/store.ts';
import { FakeClock } from '../fake-clock.ts';
import { findProgram } from '../servers/packages.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from '../window/redis-subject.ts';
import { loneJudge } from './lone-judge.ts';
import {
  CHECKS,
  CONFIG,
  MONTH,
  observed,
  SECONDS,
  type Seen,
  seen,
  START_MS,
  untelling,
  within,
} from './seen-seconds.ts';

/** Seconds without trouble in the end. */
const CALM_SECONDS = 5;
const IDS = CHECKS.map(({ id }) => id);

/** What becomes of the commits of a second. Those that are `unanswered` are stored, and nobody hears of it: over a network. */
type Trouble = 'none' | 'refused' | 'unanswered';

interface Trial {
  readonly aheadMs: number;
  /** `amid`: it comes while the second is judged, right after a first call of this name was answered, or else after all. */
  readonly seen: readonly (Seen & { readonly amid: 'nothing' | 'seen' | 'commit' })[];
  /** In turns: how many seconds what becomes of commits. */
  readonly troubles: readonly { readonly trouble: Trouble; readonly seconds: number }[];
}

const trialsOf = (...troubles: readonly Trouble[]): fc.Arbitrary<Trial> =>
  fc.record({
    aheadMs: within,
    seen: fc.array(
      fc
        .tuple(
          seen,
          fc.constantFrom('nothing' as const, 'nothing' as const, 'seen' as const, 'commit' as const),
        )
        .map(([each, amid]) => ({ ...each, amid })),
      { minLength: 10, maxLength: 80 },
    ),
    troubles: fc.array(
      fc.record({
        trouble: fc.constantFrom(...troubles),
        seconds: fc.integer({ min: 1, max: 30 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  });

const LOCAL = trialsOf('none', 'refused');
const REMOTE = trialsOf('none', 'refused', 'unanswered');

/** Windows in which commits meet trouble, and into which something comes between two calls of the judge. */
class TroubledWindows {
  trouble: Trouble = 'none';
  readonly #come: (all: readonly Seen[]) => Promise<void>;
  #amid = new Map<string, readonly Seen[]>();

  constructor(come: (all: readonly Seen[]) => Promise<void>) {
    this.#come = come;
  }

  expect(seenAmid: Trial['seen']): void {
    this.#amid = Map.groupBy(seenAmid, ({ amid }) => amid);
  }

  /** Lets in what waits for this call, or for whichever. */
  async letIn(call?: string): Promise<void> {
    const calls = call === undefined ? [...this.#amid.keys()] : [call];
    for (const name of calls) {
      const all = this.#amid.get(name);
      this.#amid.delete(name);
      if (all) await this.#come(all);
    }
  }

  around(store: WindowStore): WindowStore {
    const changed = store.takeChanged?.bind(store);
    return {
      ...untelling(store),
      ...(changed && { takeChanged: changed }),
      seen: async (key) => {
        const answer = await store.seen(key);
        await this.letIn('seen');
        return answer;
      },
      commit: async (commits) => {
        if (this.trouble === 'refused') throw away();
        const results = await store.commit(commits);
        await this.letIn('commit');
        if (this.trouble === 'unanswered') throw away();
        return results;
      },
    };
  }
}

const away = (): WindowStoreError => new WindowStoreError('away', 'the windows are away');

/** Judges second by second through all troubles; the last verdicts, and when that was. */
async function judgedThrough(trial: Trial, windows: WindowStore, probes: WindowStore, follower?: RedisStore) {
  const clock = new FakeClock(START_MS + trial.aheadMs);
  const told: { atMs: number; verdicts: readonly Verdict[] }[] = [{ atMs: 0, verdicts: [] }];
  const put = async (all: readonly Seen[]): Promise<void> => {
    await probes.put(all.map((each) => observed(each, clock.wallMs())));
    if (probes !== windows) await probes.flush();
  };
  const troubled = new TroubledWindows(put);
  const failures: unknown[] = [];
  const onFailure = (error: unknown): number => failures.push(error);
  const loops = [
    loneJudge(CONFIG, {
      ...{ clock, onFailure, store: troubled.around(windows) },
      onVerdicts: (atMs, verdicts) => (told[0] = { atMs, verdicts }),
    }),
  ];
  if (follower) {
    loops.push(
      loneJudge(CONFIG, {
        ...{ clock, epoch: undefined, store: follower, heads: (ids) => follower.heads(ids) },
        onVerdicts: (atMs, verdicts) => (told[1] = { atMs, verdicts }),
      }),
    );
  }
  const troubles = trial.troubles.flatMap(({ trouble, seconds }) => Array<Trouble>(seconds).fill(trouble));
  for (const loop of loops) await loop.start();
  await clock.advance(0);
  for (let second = 0; second < SECONDS + CALM_SECONDS; second++) {
    const now = trial.seen.filter((each) => each.second === second);
    const { nothing = [], ...amid } = Object.groupBy(now, (each) => each.amid);
    if (nothing.length > 0) await put(nothing);
    troubled.expect([...(amid.seen ?? []), ...(amid.commit ?? [])]);
    troubled.trouble = second < SECONDS ? (troubles[second] ?? 'none') : 'none';
    await clock.advance(1_000);
    for (const loop of loops) await loop.verdictsOf('month', MONTH);
    await troubled.letIn();
  }
  for (const loop of loops) await loop.stop();
  const isTrouble = (error: unknown): boolean =>
    error instanceof WindowStoreError && error.trouble === 'away';
  expect(failures.filter((error) => !isTrouble(error))).toEqual([]);
  return told;
}

/** A judge that sees all at once. */
async function judgedAtOnce(store: WindowStore, atMs: number): Promise<Judge> {
  const judge = judgeFor(CONFIG);
  await takeIn(judge, untelling(store), atMs);
  return judge;
}

async function expectAsAtOnce(
  store: WindowStore,
  told: readonly { readonly atMs: number; readonly verdicts: readonly Verdict[] }[],
): Promise<void> {
  for (const { atMs, verdicts } of told) {
    expect(verdicts).toEqual([...(await judgedAtOnce(store, atMs)).verdicts(atMs)]);
  }
  const atOnce = await judgedAtOnce(store, told[0]?.atMs ?? 0);
  const stored = await store.judged(IDS);
  expect(stored.map((one) => one?.transitions)).toEqual(IDS.map((id) => atOnce.unsaved(id)?.transitions));
}

describe('JudgeLoop: whatever came before the first slot seen, and whatever became of commits, all is judged and stored', () => {
  it('in memory', async () => {
    await fc.assert(
      fc.asyncProperty(LOCAL, async (trial) => {
        const store = memoryStore();
        await expectAsAtOnce(store, await judgedThrough(trial, store, store));
      }),
      { numRuns: 150 },
    );
  });

  it('in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-begins-'));
    try {
      await fc.assert(
        fc.asyncProperty(LOCAL, async (trial) => {
          const path = join(folder, `${randomUUID()}.sqlite`);
          const store = await openSqliteStore({ path, clock: systemClock });
          await expectAsAtOnce(store, await judgedThrough(trial, store, store));
          await store.close();
        }),
        { numRuns: 15, endOnFailure: true },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('nothing is stored: every second shows what is known by then', async () => {
    const all = fc.array(seen, { minLength: 10, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(all, within, fc.boolean(), async (what, aheadMs, tells) => {
        const clock = new FakeClock(START_MS + aheadMs);
        const store = memoryStore();
        let latest: readonly [number, readonly Verdict[]] = [0, []];
        const loop = loneJudge(CONFIG, {
          ...{ clock, store: tells ? store : untelling(store), epoch: undefined },
          onVerdicts: (...told) => (latest = told),
        });
        await loop.start();
        await clock.advance(0);
        for (let second = 0; second < SECONDS; second++) {
          const now = what.filter((each) => each.second === second);
          await store.put(now.map((each) => observed(each, clock.wallMs())));
          await clock.advance(1_000);
          const [atMs, verdicts] = latest;
          expect(verdicts).toEqual([...(await judgedAtOnce(store, atMs)).verdicts(atMs)]);
        }
        await loop.stop();
      }),
      { numRuns: 30 },
    );
  });

  describe.skipIf(!findProgram('redis-server'))('in Redis (needs redis-server)', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(() => server.stop());

    it('and one that follows shows the same', async () => {
      await fc.assert(
        fc.asyncProperty(REMOTE, async (trial) => {
          const prefix = `${randomUUID()}:`;
          const [windows, probes, follower] = await Promise.all(
            [1, 2, 3].map(() => openShared(server.url, { prefix })),
          );
          if (!windows || !probes || !follower) throw new Error('no stores were opened');
          const told = await judgedThrough(trial, windows, probes, follower);
          await expectAsAtOnce(windows, told);
          await Promise.all([windows, probes, follower].map((store) => store.close()));
        }),
        { numRuns: 25, endOnFailure: true },
      );
    });
  });
});
