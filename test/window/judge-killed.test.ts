import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeIn } from '../../src/casework/judging.ts';
import { Judge } from '../../src/judge/judge.ts';
import type { RedisStore } from '../../src/window/redis.ts';
import type { JudgedCheck } from '../../src/window/store.ts';
import { contractWith, judgedCheck } from '../judge/make-judge.ts';
import { type CutProxy, startCutProxy } from '../servers/cut-proxy.ts';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis } from '../servers/redis.ts';
import { figuresOf, type ShownVerdict, WatchedFleet } from '../servers/watched-fleet.ts';
import { openShared } from './redis-subject.ts';

const VANTAGES = ['az-a', 'az-b'];
const CHECKS = 16;
const INTERVAL_MS = 2_000;
/** Outages that are stored before the judge dies. */
const PASSED = 3;
const COMMIT_SHA = createHash('sha1')
  .update(readFileSync(new URL('../../src/window/scripts/commit.lua', import.meta.url)))
  .digest('hex');

/** The figures of a verdict; the replay is not told whether a slot was bad by its status or by its lateness. */
function withoutCauses(verdict: ShownVerdict | undefined) {
  const figures = figuresOf(verdict);
  return { ...figures, incidents: figures.incidents.map((incident) => ({ ...incident, causes: undefined })) };
}

/** One part of a commit on its way: what is to be stored of one check. */
interface Part {
  readonly check: string;
  readonly expectedMs: number;
  readonly cursorMs: number;
  readonly isDown: boolean;
}

/** The parts of a commit as they were sent, in order. */
function partsOf(sent: string): readonly Part[] {
  return sent
    .split(COMMIT_SHA)
    .slice(1)
    .map((part) => {
      const words = part.split('\r\n').filter((word) => word !== '' && !/^[$*]\d/.test(word));
      const [keys = 0] = words.map(Number);
      return {
        check: /\{(.*)\}/.exec(words[1] ?? '')?.[1] ?? '',
        expectedMs: Number(words[keys + 2]),
        cursorMs: Number(words[keys + 3]),
        isDown: part.includes('|D|'),
      };
    });
}

describe.skipIf(!findProgram('redis-server'))('a judge that dies (needs redis-server)', () => {
  let redis: RedisServer;
  let proxy: CutProxy;
  /** The probes and the standby; and the judge that dies, which reaches Redis through the proxy. */
  let fleet: WatchedFleet;
  let doomed: WatchedFleet;
  let store: RedisStore;

  beforeEach(async () => {
    redis = await startRedis();
    proxy = await startCutProxy(redis.port);
    const setup = { vantages: VANTAGES, checks: CHECKS, intervalMs: INTERVAL_MS };
    fleet = await WatchedFleet.open({ ...setup, redisUrl: redis.url });
    doomed = await WatchedFleet.open({ ...setup, redisUrl: `redis://127.0.0.1:${proxy.port}` });
    store = await openShared(redis.url, { prefix: 'fleet:' });
  });
  afterEach(async () => {
    await store.close();
    await Promise.all([fleet.stop(), doomed.stop()]);
    await proxy.close();
    await redis.stop();
  });

  const judged = async (): Promise<readonly JudgedCheck[]> =>
    (await store.judged(fleet.checks)).filter((one) => one !== undefined);
  const isDown = ({ transitions }: JudgedCheck): boolean => transitions.at(-1)?.state === 'D';
  /** The transitions that a judge comes to who sees all slots at once, each check's up to where it stands. */
  const undisturbed = async (whole: readonly JudgedCheck[]): Promise<readonly unknown[]> => {
    const checks = whole.map(({ check: id }) =>
      judgedCheck({ id, intervalMs: INTERVAL_MS, timeoutMs: 800, vantages: VANTAGES }),
    );
    const parts = { contract: contractWith({}), compositions: [], exclusions: [], coversRegion: null };
    const judge = new Judge({ ...parts, checks });
    const fresh = await openShared(redis.url, { prefix: 'fleet:' });
    await takeIn(judge, fresh, Math.max(...whole.map(({ cursorMs }) => cursorMs)) + 60_000);
    await fresh.close();
    return whole.map(({ check, cursorMs }) => [
      check,
      judge.unsaved(check)?.transitions.filter(({ atMs }) => atMs < cursorMs),
    ]);
  };

  it(
    'SIGKILL between the parts of a commit: the next goes on at each cursor, nothing is doubled, the dead is fenced',
    { timeout: 120_000 },
    async () => {
      const leader = await doomed.startJudge();
      await doomed.leader([leader]);
      const standby = await fleet.startJudge();
      const probes = await Promise.all(VANTAGES.map((vantage) => fleet.startProbe(vantage)));
      await fleet.allReady([standby, ...probes]);
      await becomes(async () => (await judged()).length === CHECKS, 20_000);
      await pause(4_000);

      const caught = proxy.cutWithin('|D|', PASSED);
      for (const check of fleet.checks) fleet.broken.add(check);
      const parts = partsOf(await caught);
      leader.kill('SIGKILL');
      await doomed.stop();
      const cutAt = parts.findIndex(
        (_, i) => parts.slice(0, i + 1).filter((part) => part.isDown).length > PASSED,
      );
      const torn = await judged();
      const cursors = new Map(torn.map(({ check, cursorMs }) => [check, cursorMs]));
      for (const [i, { check, expectedMs, cursorMs }] of parts.entries()) {
        expect(cursors.get(check), `${check}, part ${i} of ${parts.length}`).toBe(
          i < cutAt ? cursorMs : expectedMs,
        );
      }
      // On a busy machine a commit before it may have told of a few others.
      const cutDown = new Set(parts.filter((part) => part.isDown).map(({ check }) => check));
      expect(torn.filter((one) => isDown(one) && cutDown.has(one.check)).length).toBe(PASSED);
      const epoch = torn[0]?.epoch ?? 0;

      await fleet.leader([standby], 20_000);
      await becomes(async () => (await judged()).every(isDown), 20_000);
      fleet.broken.clear();
      await becomes(async () => !(await judged()).some(isDown), 20_000);
      for (const probe of probes) probe.kill('SIGTERM');
      await Promise.all(probes.map(({ finished }) => finished));
      await pause(5_000);

      const whole = await judged();
      for (const [i, { check, epoch: present, cursorMs, transitions }] of whole.entries()) {
        const before = torn[i]?.transitions ?? [];
        expect(present, `term of ${check}`).toBeGreaterThan(epoch);
        // Whatever the dead had stored stands as it was, and goes on without a repetition.
        expect(transitions.slice(0, before.length), `kept of ${check}`).toEqual(before);
        expect(new Set(transitions.map(({ atMs }) => atMs)).size, `doubled of ${check}`).toBe(
          transitions.length,
        );
        const late = { check, epoch, expectedCursorMs: cursorMs, cursorMs: cursorMs + 1 };
        expect(await store.commit([{ ...late, replaceFromMs: 0, transitions: [] }])).toEqual(['fenced']);
      }
      expect(await judged()).toEqual(whole);
      expect(whole.map(({ check, transitions }) => [check, transitions])).toEqual(await undisturbed(whole));
      const { slots, wrong } = await fleet.stored();
      expect(wrong).toEqual([]);
      const verdict = await fleet.verdict(standby);
      const replayed = await fleet.replayed(slots, verdict.at);
      expect(replayed?.incidents.length).toBe(1);
      expect(withoutCauses(verdict)).toEqual(withoutCauses(replayed));
    },
  );
});
