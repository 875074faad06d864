import { createHash } from 'node:crypto';
import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import type { S3Session } from './s3-client.ts';
import { evidenceOf, S3Journey } from './s3-journey.ts';
import { writeSome } from './s3-sentinel-writer.ts';
import type { Sentinel, SentinelSet } from './s3-sentinels.ts';
import type { S3Answer } from './s3-step.ts';

/** A key is at most this long, in the list that the manifest is. */
const KEY_BYTES = 512;
const DAY_MS = 86_400_000;
const MANIFEST = 'manifest';

/** What an object that must be there was found to be. */
type Finding = 'intact' | 'lost' | 'altered';

/**
 * The watch over one set of sentinels: what is known of it, and whose turn it is. One object a run, the manifest among
 * them. What is found lost or altered is looked at once more by the next run before the rotation goes on, and stays
 * named until it is found intact again. Nothing that was there is ever written again.
 */
export class Vigil {
  readonly #set: SentinelSet;
  readonly #createUntilMs: number;
  readonly #findings = new Map<string, Exclude<Finding, 'intact'>>();
  /** What the manifest lists; undefined until it was read. */
  #sentinels: readonly Sentinel[] | undefined;
  /** Position in the rotation: 0 is the manifest. */
  #turn = 0;
  /** Whether the manifest was ever there: if so, its absence is a loss, whatever the time. */
  #everComplete = false;

  /** `createUntilMs` (ms since the epoch): from then on what is not there is lost, and nothing is written. */
  constructor(set: SentinelSet, createUntilMs: number) {
    this.#set = set;
    this.#createUntilMs = createUntilMs;
  }

  /** Looks at the object whose turn it is, or goes on writing the set where that is still to be done. */
  async look(session: S3Session, nowMs: number, random: () => number): Promise<Reading> {
    const journey = new S3Journey();
    const sentinel = this.#sentinels?.[this.#turn - 1];
    const key = sentinel?.key ?? this.#set.manifestKey;
    const call = { method: 'GET', key, maxBody: this.#longest(sentinel) } as const;
    const step = journey.take('get', await session.send(call));
    if (step.kind === 'over') return step.reading;
    if (!sentinel && step.code === NO_SUCH_KEY && this.#mayWrite(nowMs))
      return this.#write(session, journey, nowMs, random);
    const finding = sentinel ? findingOn(step, sentinel.digest) : this.#readManifest(step, random);
    if (finding) this.#note(sentinel?.name ?? MANIFEST, finding);
    return journey.answer(this.#values(step, nowMs), this.#evidence(step), this.#detail());
  }

  #longest(sentinel: Sentinel | undefined): number {
    return sentinel ? this.#set.bytes : this.#set.count * KEY_BYTES;
  }

  #mayWrite(nowMs: number): boolean {
    return !this.#everComplete && nowMs < this.#createUntilMs;
  }

  async #write(
    session: S3Session,
    journey: S3Journey,
    nowMs: number,
    random: () => number,
  ): Promise<Reading> {
    const progress = await writeSome(this.#set, session, journey, nowMs, random);
    if (progress.kind === 'over') return progress.reading;
    const { last, sentinels, complete } = progress;
    if (complete) this.#everComplete = true;
    const detail = `writing the set: ${sentinels} of ${this.#set.count} sentinels are there`;
    return journey.answer({ ...this.#values(last, nowMs), sentinels }, evidenceOf(last), detail);
  }

  /** The finding on the manifest, undefined when it could not be told. Takes over what it lists. */
  #readManifest(step: S3Answer, random: () => number): Finding | undefined {
    if (step.code === NO_SUCH_KEY) return 'lost';
    if (step.status > 299) return undefined;
    this.#everComplete = true;
    const listed = this.#set.decodeManifest(step.body);
    if (!listed) return 'altered';
    // After a start the rotation begins anywhere, so that frequent starts do not favour the first sentinels.
    if (!this.#sentinels) this.#turn = Math.floor(random() * listed.length);
    this.#sentinels = listed;
    return 'intact';
  }

  #note(name: string, finding: Finding): void {
    const before = this.#findings.get(name);
    if (finding === 'intact') this.#findings.delete(name);
    else this.#findings.set(name, finding);
    if (finding === 'intact' || finding === before)
      this.#turn = (this.#turn + 1) % (1 + (this.#sentinels?.length ?? 0));
  }

  #named(finding: Finding): readonly string[] {
    return [...this.#findings].filter(([, found]) => found === finding).map(([name]) => name);
  }

  #values({ status, code }: S3Answer, nowMs: number): Readonly<Record<string, Value>> {
    const [lost, altered] = [this.#named('lost'), this.#named('altered')];
    const kept = (this.#sentinels ?? []).filter(({ name }) => !this.#findings.has(name));
    const oldestMs = Math.min(nowMs, ...kept.map(({ madeMs }) => madeMs));
    return {
      sentinels: this.#sentinels?.length ?? 0,
      lost,
      altered,
      lostCount: lost.length,
      alteredCount: altered.length,
      oldestDays: (nowMs - oldestMs) / DAY_MS,
      status,
      errorCode: code,
    };
  }

  #evidence(step: S3Answer): Evidence {
    const named = (['lost', 'altered'] as const).flatMap((finding) => {
      const names = this.#named(finding);
      return names.length > 0 ? [[finding, shortList(names)] as const] : [];
    });
    return { ...evidenceOf(step), ...Object.fromEntries(named) };
  }

  #detail(): string | undefined {
    const said = (['lost', 'altered'] as const).flatMap((finding) => {
      const names = this.#named(finding);
      return names.length > 0 ? [`${finding}: ${shortList(names)}`] : [];
    });
    return said.length > 0 ? said.join('; ') : undefined;
  }
}

/** Other codes of a 404 (NoSuchBucket), and a 404 without one, do not say that an object is gone. */
const NO_SUCH_KEY = 'NoSuchKey';

function findingOn(step: S3Answer, digest: string): Finding | undefined {
  if (step.code === NO_SUCH_KEY) return 'lost';
  if (step.status > 299) return undefined;
  return createHash('sha256').update(step.body).digest('hex') === digest ? 'intact' : 'altered';
}

const NAMED = 4;

/** The first few names, and how many more there are. */
function shortList(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
