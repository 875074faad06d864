import type { Span } from './span.ts';

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

/** What an exclusion says of each of its spans; members that are not there may be undefined or null. */
export interface SaidOfSpans extends Pick<DeclaredExclusion, 'id' | 'kind' | 'reason' | 'author'> {
  readonly rows?: readonly string[] | undefined;
  readonly checks?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly enteredAtMs?: number | null | undefined;
  readonly evidence?: string | undefined;
}

/**
 * What the judge makes of an exclusion: one for each of its spans, all of the same id. Their members stand in one order, by
 * which closings digest them.
 */
export function declaredOver(spans: readonly Span[], said: SaidOfSpans): readonly DeclaredExclusion[] {
  const { id, kind, rows, checks, scopes, reason, author, enteredAtMs, evidence } = said;
  return spans.map(({ from, to }) => ({
    ...{ id, kind, fromMs: from, toMs: to },
    ...(rows && { rows }),
    ...(checks && { checks }),
    ...(scopes && { scopes }),
    ...{ reason, author },
    ...(typeof enteredAtMs === 'number' && { enteredAtMs }),
    ...(evidence !== undefined && { evidence }),
  }));
}
