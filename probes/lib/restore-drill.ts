import { parseInstant } from '../../src/core/instant.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { DRILL_TAG, type DrillVolume, type DrillVolumes } from './drill-volumes.ts';
import type { SnapshotFact } from './snapshot-list.ts';

/** How far a drill may go. */
export interface DrillLimits {
  /** Where the volume is made. */
  readonly subregion: string;
  /** GiB; of a larger snapshot no volume is made. */
  readonly maxSizeGib: number;
  readonly perDay: number;
  /** Milliseconds after which a volume that is not available is a failed restore. */
  readonly withinMs: number;
}

/**
 * Where the drill stands: `idle`; `creating`; `restored` or `failed`, the last one; `refused`: the API would not make
 * it; `withheld`: the snapshot is not complete, too large, or not there.
 */
export type DrillState = 'idle' | 'creating' | 'restored' | 'failed' | 'refused' | 'withheld';

/** What is known of the drill. */
export interface DrillSight {
  readonly state: DrillState;
  /** Of the last restore that this process began: from the call until it was seen to be available, in seconds. */
  readonly seconds?: number;
  /** Volumes of drills that are a day old, or that someone uses. */
  readonly leftovers: readonly string[];
  /** In a few words why it is where it is; empty when that goes without saying. */
  readonly why: string;
}

const DAY_MS = 86_400_000;
/** Older volumes of drills, of whichever snapshot, are nobody's. */
const LEFTOVER_MS = DAY_MS;
const BETWEEN_LOOKS_MS = 15 * 60_000;

/**
 * Shows now and then that a volume can be made of a snapshot: makes one, waits until it is available, deletes it, a
 * step after each run. All that matters is with the provider, in tags: who crashed goes on where it was, several
 * vantages make one drill together, and the day's cap outlives a restart.
 * - No volume is made while one of any drill is there, nor sooner than a day's share after the last.
 * - The instant of a drill is written on the snapshot before the volume is made.
 * - Only volumes with the tag or the token of a drill are deleted, and never one that is in use.
 */
export class RestoreDrill {
  readonly #volumes: DrillVolumes;
  readonly #limits: DrillLimits;
  #stop = new AbortController();
  #bug: Error | undefined;
  #sight: DrillSight = { state: 'idle', leftovers: [], why: '' };
  #hasFailed = false;
  /** Whether a volume may be there; so it is until the first look. */
  #open = true;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #startedMs = Number.NEGATIVE_INFINITY;

  constructor(volumes: DrillVolumes, limits: DrillLimits) {
    this.#volumes = volumes;
    this.#limits = limits;
  }

  get sight(): DrillSight {
    return this.#sight;
  }

  /** Whether a drill has failed since this was asked last: one failure is told once. */
  takeFailure(): boolean {
    const failed = this.#hasFailed;
    this.#hasFailed = false;
    return failed;
  }

  /** Ends what is going on. Throws the bug, if any, that ended it before. */
  stop(): void {
    this.#stop.abort();
    const bug = this.#bug;
    this.#bug = undefined;
    if (bug) throw bug;
  }

  /** Begins the next step, if there is one; it ends by itself, or at {@link stop}. */
  begin({ clock, random }: ProbeContext, snapshot: SnapshotFact | undefined): void {
    this.#stop = new AbortController();
    const context = { clock, random, signal: this.#stop.signal };
    void this.#step(context, snapshot).catch((error: unknown) => {
      this.#bug = error instanceof Error ? error : new Error('drill failed', { cause: error });
    });
  }

  async #step(context: ProbeContext, snapshot: SnapshotFact | undefined): Promise<void> {
    const nowMs = context.clock.wallMs();
    const due = this.#isDue(snapshot, nowMs);
    if (!this.#open && !due && nowMs - this.#lookedMs < BETWEEN_LOOKS_MS) return;
    const volumes = await this.#volumes.find(context);
    if (!volumes) return;
    this.#lookedMs = nowMs;
    this.#open = volumes.length > 0;
    const left: string[] = [];
    for (const volume of volumes) {
      const isGone = await this.#tend(volume, snapshot, context);
      if (!isGone && isLeftover(volume, nowMs)) left.push(volume.id);
    }
    this.#see({ leftovers: left });
    if (volumes.length === 0 && due && snapshot) await this.#start(snapshot, nowMs, context);
  }

  #see(seen: Partial<DrillSight>): void {
    this.#sight = { ...this.#sight, ...seen };
  }

  /** The wall clock is compared with what was written by others; our own last start counts even if that was not kept. */
  #isDue(snapshot: SnapshotFact | undefined, nowMs: number): boolean {
    const gapMs = DAY_MS / this.#limits.perDay;
    const written = snapshot?.tags.get(DRILL_TAG);
    const writtenMs = written === undefined ? Number.NEGATIVE_INFINITY : parseInstant(written);
    return writtenMs !== undefined && nowMs - Math.max(writtenMs, this.#startedMs) >= gapMs;
  }

  async #start(snapshot: SnapshotFact, nowMs: number, context: ProbeContext): Promise<void> {
    const why = this.#whyNot(snapshot);
    if (why !== undefined) {
      this.#see({ state: 'withheld', why });
      return;
    }
    this.#startedMs = nowMs;
    const announced = await this.#volumes.announce(nowMs, context);
    if (announced.kind === 'undone') {
      this.#see({ state: 'refused', why: announced.why });
      return;
    }
    this.#open = true;
    const turn = Math.floor(nowMs / (DAY_MS / this.#limits.perDay));
    const created = await this.#volumes.create(this.#limits.subregion, turn, context);
    if (created.kind === 'done') this.#see({ state: 'creating', why: '' });
    else this.#see({ state: 'refused', why: created.why });
  }

  #whyNot({ id, state, sizeGib }: SnapshotFact): string | undefined {
    const { maxSizeGib } = this.#limits;
    if (state !== 'completed') return `${id} is ${state}`;
    return sizeGib > maxSizeGib ? `${id} has ${sizeGib} GiB, more than ${maxSizeGib}` : undefined;
  }

  /** Brings a volume nearer to its end; true when it is deleted. One of another snapshot is left to its check for a day. */
  async #tend(
    volume: DrillVolume,
    snapshot: SnapshotFact | undefined,
    context: ProbeContext,
  ): Promise<boolean> {
    const nowMs = context.clock.wallMs();
    const isOwn = volume.snapshot === snapshot?.id;
    if (volume.state === 'in-use' || volume.state === 'deleting') return false;
    if (!isOwn && !isLeftover(volume, nowMs)) return false;
    if (isOwn && !this.#conclude(volume, snapshot, nowMs)) return false;
    const deleted = await this.#volumes.delete(volume, context);
    if (deleted.kind === 'undone') this.#see({ why: deleted.why });
    return deleted.kind === 'done';
  }

  /** Whether the drill with this volume is over, with the outcome noted. */
  #conclude(volume: DrillVolume, snapshot: SnapshotFact, nowMs: number): boolean {
    const isOurs = Number.isFinite(this.#startedMs);
    const elapsedMs = Math.max(0, nowMs - (isOurs ? this.#startedMs : volume.createdMs));
    if (volume.state === 'creating' && elapsedMs <= this.#limits.withinMs) {
      this.#see({ state: 'creating' });
      return false;
    }
    if (volume.state === 'available' && volume.sizeGib >= snapshot.sizeGib)
      this.#see({ state: 'restored', why: '', ...(isOurs ? { seconds: elapsedMs / 1_000 } : {}) });
    else this.#fail(`${volume.id} is ${volume.state}, ${volume.sizeGib} GiB`);
    return true;
  }

  #fail(why: string): void {
    if (this.#sight.state !== 'failed') this.#hasFailed = true;
    this.#see({ state: 'failed', why });
  }
}

function isLeftover({ state, createdMs }: DrillVolume, nowMs: number): boolean {
  return state === 'in-use' || nowMs - createdMs > LEFTOVER_MS;
}
