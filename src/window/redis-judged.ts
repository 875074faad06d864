import { type Cause, isCause } from '../core/cause.ts';
import type { Transition } from '../core/timeline.ts';
import type { JudgedHead } from './judged-head.ts';
import { Judgements } from './judgements.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisCommand, RedisLink } from './redis-link.ts';
import type { RedisReader } from './redis-reader.ts';
import { asInteger, asList, asOptionalText, asText, asTexts, damaged } from './redis-reply.ts';
import { CHANGES_KEPT } from './redis-scripts.ts';
import type { UnreadChanges } from './redis-unread.ts';
import type { CommitResult, JudgeCommit, JudgedCheck } from './store.ts';

const REWRITES = 10;

/**
 * The judge's side. A late mark stays in Redis until a commit of the judge that took it reaches back to it, so that
 * a judge that dies in between, or is no longer the judge, loses nothing: its follower is told again.
 */
export class RedisJudged {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #reader: RedisReader;
  /** The late mark of each check that was taken last. */
  readonly #taken = new Map<string, string>();
  readonly #registered = new Set<string>();
  /** What was stored when this process last read or wrote it: a Redis that forgot it is told again. */
  readonly #mirror = new Judgements();
  readonly #mirrored = new Set<string>();

  constructor(link: RedisLink, keys: RedisKeys, reader: RedisReader) {
    this.#link = link;
    this.#keys = keys;
    this.#reader = reader;
  }

  async takeLate(): Promise<ReadonlyMap<string, number>> {
    const checks = await this.checks();
    const replies = await this.#link.sendAll(
      checks.map((check): RedisCommand => {
        const key = this.#keys.head(check);
        return { key, add: (to) => to.hmget(key, 'late', 'lateId') };
      }),
    );
    const late = new Map<string, number>();
    for (const [i, check] of checks.entries()) {
      const [ms, id] = asList(replies[i]).map(asOptionalText);
      if (ms === undefined || id === undefined || this.#taken.get(check) === id) continue;
      this.#taken.set(check, id);
      late.set(check, asInteger(ms));
    }
    return late;
  }

  /** Every check that was ever judged and not forgotten. */
  async checks(): Promise<readonly string[]> {
    const key = this.#keys.judged;
    return asTexts(await this.#link.ask({ key, add: (to) => to.smembers(key) }));
  }

  /** Forgets what is known here of transitions before an instant (ms), but the one in force at it. */
  prune(beforeMs: number): void {
    this.#mirror.prune(beforeMs);
  }

  /**
   * Redis may have forgotten judgements: those that it lacks, or has older ones of, are stored whole. Others may be
   * doing the same: whoever has the latest goes on until it is there.
   */
  async rewrite(): Promise<void> {
    this.#registered.clear();
    let checks: readonly string[] = [...this.#mirrored];
    for (let tries = 0; checks.length > 0 && tries < REWRITES; tries++) checks = await this.#rewrite(checks);
  }

  /** Those of the checks for which another was faster. */
  async #rewrite(checks: readonly string[]): Promise<readonly string[]> {
    const stored = await this.#stored(checks);
    const commits = checks.flatMap((check, i): readonly JudgeCommit[] => {
      const known = this.#mirror.judged(check);
      const { epoch = -Infinity, cursorMs: expected = null } = stored[i] ?? {};
      if (!known || !isOlder(epoch, expected, known)) return [];
      return [{ ...known, expectedCursorMs: expected, replaceFromMs: -Infinity }];
    });
    await this.#register(commits);
    const replies = await this.#link.sendAll(commits.map((commit) => this.#commitCommand(commit, [])));
    return commits.filter((_, i) => asText(replies[i]) === 'stale').map(({ check }) => check);
  }

  /** Where the judgement of each check stands, in the order asked for; undefined where there is none. */
  async heads(checks: readonly string[]): Promise<readonly (JudgedHead | undefined)[]> {
    const replies = await this.#link.sendAll(
      checks.map((check): RedisCommand => {
        const key = this.#keys.head(check);
        return { key, add: (to) => to.hmget(key, 'epoch', 'cursor', 'lateId', 'revised') };
      }),
    );
    return replies.map((reply) => {
      const [epoch, cursor, lateId = 0, revised = 0] = asList(reply).map(asOptionalText);
      if (epoch === undefined || cursor === undefined) return undefined;
      return {
        epoch: asInteger(epoch),
        cursorMs: asInteger(cursor),
        revision: asInteger(lateId) + asInteger(revised),
      };
    });
  }

  async judged(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]> {
    const stored = await this.#stored(checks);
    // Whoever takes a judgement up anew is told anew what is late behind it.
    for (const check of checks) this.#taken.delete(check);
    for (const judged of stored) {
      if (!judged) continue;
      this.#mirror.restore([{ ...judged, expectedCursorMs: null }], []);
      this.#mirror.restoreTransitions(judged.check, judged.transitions);
      this.#mirrored.add(judged.check);
    }
    return stored;
  }

  async #stored(checks: readonly string[]): Promise<readonly (JudgedCheck | undefined)[]> {
    const replies = await this.#link.sendAll(
      checks.map((check): RedisCommand => {
        const key = this.#keys.head(check);
        return { key, add: (to) => to.windowJudged(2, key, this.#keys.transitions(check)) };
      }),
    );
    return checks.map((check, i) => {
      const [epoch, cursor, ...transitions] = asTexts(replies[i]);
      if (epoch === undefined || cursor === undefined) return undefined;
      return {
        check,
        epoch: asInteger(epoch),
        cursorMs: asInteger(cursor),
        transitions: transitions.map(parseTransition),
      };
    });
  }

  /** Stores judgements; each whole or not at all, in order. */
  async commit(commits: readonly JudgeCommit[]): Promise<readonly CommitResult[]> {
    await this.#register(commits);
    const replies = await this.#link.sendAll(
      commits.map((commit) => this.#commitCommand(commit, [...this.#reader.unread(commit.check)])),
    );
    return commits.map((commit, i) => {
      const result = commitResult(asText(replies[i]));
      if (result === 'committed') this.#committed(commit);
      return result;
    });
  }

  #committed(commit: JudgeCommit): void {
    const { check, cursorMs } = commit;
    // What follows on a judgement that was never read here is not whole.
    if (this.#mirror.apply(commit) === 'committed') this.#mirrored.add(check);
    else this.#mirrored.delete(check);
    for (const [intervalMs, unread] of this.#reader.unread(check)) {
      unread.committed(Math.ceil(cursorMs / intervalMs));
    }
  }

  #commitCommand(
    commit: JudgeCommit,
    unread: readonly (readonly [intervalMs: number, unread: UnreadChanges])[],
  ): RedisCommand {
    const { check, epoch, expectedCursorMs, cursorMs, replaceFromMs, transitions } = commit;
    const names = [this.#keys.head(check), this.#keys.transitions(check)];
    const read: number[] = [];
    let missedMs = Infinity;
    for (const [intervalMs, { seq, firstSlot }] of unread) {
      if (seq === undefined) continue;
      names.push(this.#keys.changes({ check, intervalMs }));
      read.push(intervalMs, seq);
      if (firstSlot !== undefined) missedMs = Math.min(missedMs, firstSlot * intervalMs);
    }
    // What changed before the last commit was noted as late when it was written.
    const begin = Math.max(expectedCursorMs ?? replaceFromMs, Number.MIN_SAFE_INTEGER);
    const missed = missedMs === Infinity ? '' : Math.max(missedMs, begin);
    const args = [
      ...[epoch, expectedCursorMs ?? '', cursorMs, score(replaceFromMs)],
      ...[this.#taken.get(check) ?? '', missed, CHANGES_KEPT, transitions.length],
      ...read,
      ...transitions.flatMap((transition) => [transition.atMs, formatTransition(transition)]),
    ];
    return { key: names[0] ?? '', add: (to) => to.windowCommit(names.length, ...names, ...args) };
  }

  /** Before the first commit of a check, so that no judgement is ever stored that no list names. */
  async #register(commits: readonly JudgeCommit[]): Promise<void> {
    const checks = new Set(commits.map(({ check }) => check)).difference(this.#registered);
    if (checks.size === 0) return;
    const key = this.#keys.judged;
    await this.#link.ask({ key, add: (to) => to.sadd(key, ...checks) });
    for (const check of checks) this.#registered.add(check);
  }
}

function isOlder(epoch: number, cursorMs: number | null, than: JudgedCheck): boolean {
  return epoch < than.epoch || (epoch === than.epoch && (cursorMs ?? -Infinity) < than.cursorMs);
}

function score(ms: number): string | number {
  return ms === -Infinity ? '-inf' : ms;
}

function commitResult(text: string): CommitResult {
  if (text === 'committed' || text === 'repeated' || text === 'fenced' || text === 'stale') return text;
  throw damaged('the result of a commit');
}

function formatTransition({ atMs, state, causes, contested }: Transition): string {
  return `${atMs}|${state}|${contested ? 1 : 0}|${causes.join()}`;
}

function parseTransition(text: string): Transition {
  const [at, state, contested, causes] = text.split('|');
  if (state !== 'D' && state !== 'U' && state !== 'X' && state !== '?') throw damaged('a transition');
  return { atMs: asInteger(at), state, causes: causesOf(causes ?? ''), contested: contested === '1' };
}

function causesOf(words: string): readonly Cause[] {
  if (words === '') return [];
  return words.split(',').map((word) => {
    if (!isCause(word)) throw damaged('a cause');
    return word;
  });
}
