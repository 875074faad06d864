/** Kinds of declared exclusions; a closed set. */
export const EXCLUSION_KINDS = [
  'maintenance',
  'attack',
  'client-action',
  'force-majeure',
  'provider-agreed',
] as const;
export type ExclusionKind = (typeof EXCLUSION_KINDS)[number];

/** A span that someone declared not to be downtime (sla-math §4), half-open, in milliseconds since the epoch. */
export interface DeclaredExclusion {
  readonly id: string;
  readonly kind: ExclusionKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** Restricts it to these rows; all when absent. */
  readonly rows?: readonly string[];
  /** Restricts it to the bad time of these checks, before they are composed. */
  readonly checks?: readonly string[];
  /** Restricts it to these members of a row. */
  readonly scopes?: readonly string[];
  readonly reason: string;
  readonly author: string;
  readonly enteredAtMs?: number;
  readonly evidence?: string;
}
