import type { Outcome } from '../core/observation.ts';
import type { VerdictJson } from '../core/verdict-json.ts';

/** What one vantage saw last of one check. */
export interface LastSeen {
  readonly check: string;
  readonly vantage: string;
  /** `waiting`: nothing was seen yet. */
  readonly outcome: Outcome | 'absent' | 'waiting';
  /** The cause of a bad or excluded slot, or what blinded us in an absent one. */
  readonly cause?: string;
  readonly latencyMs?: number;
}

/** Something that happened and is worth a line. `atMs`: milliseconds since the epoch. */
export type LiveEvent = { readonly atMs: number } & (
  | {
      readonly kind: 'incident-opened';
      readonly member: string;
      readonly fromMs: number;
      readonly causes: readonly string[];
    }
  | {
      readonly kind: 'incident-closed';
      readonly member: string;
      readonly badMs: number;
      readonly countedMs: number;
    }
  | {
      readonly kind: 'incident-goes-on';
      readonly member: string;
      readonly fromMs: number;
      readonly causes: readonly string[];
    }
  | { readonly kind: 'state-changed'; readonly member: string; readonly from: string; readonly to: string }
  /** Of the region in a box; without a fault it was mended. */
  | { readonly kind: 'fault-set'; readonly service: string; readonly fault: string | undefined }
  | { readonly kind: 'note'; readonly text: string }
);

/** A service of the region in a box, with the key that breaks or mends it. */
export interface LiveService {
  readonly key: string;
  readonly name: string;
  /** What it stands for, in a few words. */
  readonly summary: string;
  /** How it is broken; undefined when it is not. */
  readonly fault: string | undefined;
}

/** Everything that the live view shows. */
export interface LiveState {
  /** Where the status page is: a URL. */
  readonly address: string;
  /** What is watched, in a few words. */
  readonly title: string;
  readonly atMs: number;
  /** The first reading of a row before its others. */
  readonly verdicts: readonly VerdictJson[];
  readonly checks: readonly LastSeen[];
  /** The oldest first. */
  readonly events: readonly LiveEvent[];
  /** The services of the box; none where it is not a box that is watched. */
  readonly services: readonly LiveService[];
  /** What to try next, a line each. */
  readonly next: readonly string[];
  /** What the keys do, in a few words; empty where there are none. */
  readonly keys: string;
  /** Which page is wanted where not all fits, from 0; past the last one it begins anew. */
  readonly page: number;
}
