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
  /** The services of the box that are broken, by the fault in force. */
  readonly faults: Readonly<Record<string, string>>;
  /** What to try next, a line each. */
  readonly next: readonly string[];
}
