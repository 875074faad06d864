import type { VerdictEvent } from '../core/verdict-events.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Verdict, VerdictState } from '../core/verdict.ts';

/** What an evaluation came to, for those who follow live. */
export interface Evaluation {
  readonly atMs: number;
  readonly verdicts: readonly Verdict[];
  readonly events: readonly VerdictEvent[];
}

/** The figures of a member of a row that a live view shows first; instants in RFC 3339. */
export interface MemberJson {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  /** The name of the period. */
  readonly period: string;
  readonly state: VerdictState;
  /** The estimate. */
  readonly downtimeMs: number;
  readonly budgetMs: number | null;
  readonly remainingMs: number | null;
  readonly timeToBreachMs: number | null;
  /** A decimal string. */
  readonly availabilityToDate: string | null;
  /** When the incident that is going on began; null where none is. */
  readonly openSince: string | null;
}

/** Something that happened, as the log and the live stream tell it. */
export type EventJson = {
  /** Names it for `Last-Event-ID`; grows, and differs from run to run of the daemon. */
  readonly id: string;
  readonly at: string;
  readonly row: string;
  readonly scope: string;
} & (
  | {
      readonly kind: 'incident-opened' | 'incident-goes-on';
      readonly from: string;
      readonly causes: readonly string[];
    }
  | {
      readonly kind: 'incident-closed';
      readonly from: string;
      readonly badMs: number;
      readonly countedMs: number;
      readonly causes: readonly string[];
    }
  | { readonly kind: 'state-changed'; readonly before: VerdictState; readonly after: VerdictState }
);

/** A verdict as the live stream tells it. */
export function memberJson(verdict: Verdict): MemberJson {
  const { row, scope, reading, period, state, downtimeMs, budgetMs, remainingMs, timeToBreachMs } = verdict;
  const { availability, openIncident } = verdict;
  return {
    row,
    scope,
    reading,
    period: period.name,
    state,
    downtimeMs: downtimeMs.estimate,
    budgetMs,
    remainingMs,
    timeToBreachMs,
    availabilityToDate: availability.toDate,
    openSince: openIncident && instantJson(openIncident.fromMs),
  };
}

/** An event as JSON has it. */
export function eventJson(event: VerdictEvent, id: string): EventJson {
  const { row, scope, kind, atMs } = event;
  const about = { id, at: instantJson(atMs), row, scope };
  if (kind === 'state-changed') return { ...about, kind, before: event.from, after: event.to };
  const from = instantJson(event.fromMs);
  const { causes } = event;
  if (kind !== 'incident-closed') return { ...about, kind, from, causes };
  return { ...about, kind, from, badMs: event.badMs, countedMs: event.countedMs, causes };
}
