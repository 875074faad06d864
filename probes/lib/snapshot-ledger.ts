import type { SnapshotFact } from './snapshot-list.ts';

/** A snapshot that must be there, as configured. */
export interface ListedSnapshot {
  readonly id: string;
  /** Milliseconds since the epoch; undefined: taken to be long ago, until the API tells. */
  readonly createdMs?: number | undefined;
  /** Size of its volume in GiB; undefined: whatever it was when first seen. */
  readonly sizeGib?: number | undefined;
}

/** Ages in milliseconds. */
export interface SnapshotAges {
  /** From which its durability is promised (contract SLA7: 24 hours). */
  readonly acquiredAfterMs: number;
  /** From which one that is not completed is stuck. */
  readonly stuckAfterMs: number;
}

/** What is the matter with the snapshots of a check, by id, with a word on how. */
export interface SnapshotFindings {
  readonly count: number;
  readonly completed: number;
  /** Gone although their durability was acquired. */
  readonly lost: readonly string[];
  /** Gone before it was. */
  readonly missing: readonly string[];
  readonly altered: readonly string[];
  readonly error: readonly string[];
  /** In the queue or on their way, the stuck ones among them. */
  readonly pending: readonly string[];
  readonly stuck: readonly string[];
  /** Creation of the oldest that is there, milliseconds since the epoch; undefined when there is none. */
  readonly oldestMs: number | undefined;
}

/** What is remembered of a snapshot. */
interface Known {
  readonly createdMs: number | undefined;
  readonly sizeGib: number | undefined;
  readonly firstSeenMs: number;
  readonly wasCompleted: boolean;
}

const MOST_KNOWN = 2_000;
const UNFINISHED: readonly string[] = ['in-queue', 'pending'];

/**
 * The snapshots of one check: those that are listed by their ids, and those that were seen since the start. Once
 * known, a snapshot is missed when it is gone; one that was never listed is forgotten with the process.
 */
export class SnapshotLedger {
  readonly #ages: SnapshotAges;
  readonly #known: Map<string, Known>;

  constructor(listed: readonly ListedSnapshot[], ages: SnapshotAges) {
    this.#ages = ages;
    this.#known = new Map(
      listed.map(({ id, createdMs, sizeGib }) => [
        id,
        { createdMs, sizeGib, firstSeenMs: Number.POSITIVE_INFINITY, wasCompleted: false },
      ]),
    );
  }

  /** The ids that must be asked for by name, so that one whose tag was taken away is not missed. */
  get ids(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Compares what there is with what must be there. `nowMs`: the wall clock. */
  inspect(snapshots: readonly SnapshotFact[], nowMs: number): SnapshotFindings {
    const altered = snapshots.flatMap((fact) => this.#alterationOf(fact));
    for (const fact of snapshots) this.#remember(fact, nowMs);
    const there = new Set(snapshots.map(({ id }) => id));
    const gone = this.ids.filter((id) => !there.has(id));
    const unfinished = snapshots.filter(({ state }) => UNFINISHED.includes(state));
    return {
      count: snapshots.length,
      completed: snapshots.filter(({ state }) => state === 'completed').length,
      lost: gone.filter((id) => this.#isAcquired(id, nowMs)),
      missing: gone.filter((id) => !this.#isAcquired(id, nowMs)),
      altered,
      error: snapshots.filter(({ state }) => state === 'error').map(({ id }) => id),
      pending: unfinished.map(describeProgress),
      stuck: unfinished.filter((fact) => this.#isStuck(fact, nowMs)).map(describeProgress),
      oldestMs: oldestOf(snapshots.map(({ id }) => this.#known.get(id)?.createdMs)),
    };
  }

  #alterationOf({ id, state, sizeGib }: SnapshotFact): readonly string[] {
    const known = this.#known.get(id);
    if (known?.sizeGib !== undefined && known.sizeGib !== sizeGib)
      return [`${id}: ${sizeGib} GiB, was ${known.sizeGib} GiB`];
    return known?.wasCompleted && state !== 'completed' ? [`${id}: ${state}, was completed`] : [];
  }

  #remember({ id, state, sizeGib, createdMs }: SnapshotFact, nowMs: number): void {
    const known = this.#known.get(id);
    if (!known && this.#known.size >= MOST_KNOWN) return;
    this.#known.set(id, {
      createdMs: known?.createdMs ?? createdMs,
      sizeGib: known?.sizeGib ?? sizeGib,
      firstSeenMs: Math.min(nowMs, known?.firstSeenMs ?? nowMs),
      wasCompleted: known?.wasCompleted === true || state === 'completed',
    });
  }

  #isAcquired(id: string, nowMs: number): boolean {
    const createdMs = this.#known.get(id)?.createdMs ?? Number.NEGATIVE_INFINITY;
    return nowMs - createdMs >= this.#ages.acquiredAfterMs;
  }

  #isStuck({ id }: SnapshotFact, nowMs: number): boolean {
    const known = this.#known.get(id);
    return nowMs - (known?.createdMs ?? known?.firstSeenMs ?? nowMs) > this.#ages.stuckAfterMs;
  }
}

function describeProgress({ id, state, progress }: SnapshotFact): string {
  return `${id}: ${state}, ${progress} %`;
}

function oldestOf(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
