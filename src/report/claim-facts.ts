import { z } from 'zod';
import type { ClosedPenalty, ClosedPeriod, ClosedRow } from '../core/closed-period.ts';
import type { ExplainedIncident } from '../core/explanation.ts';
import { requestIdsIn } from '../core/request-ids.ts';
import type { VerdictJson } from '../core/verdict-json.ts';

/** What a claim is about. */
export interface ClaimSubject {
  readonly row: string;
  /** Which of the row's incidents are listed; RFC 3339, half-open. */
  readonly span: { readonly name: string; readonly from: string; readonly to: string };
}

/** An incident of the claim with what the record holds of it. */
export interface ClaimedIncident extends ExplainedIncident {
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
  /** By which the provider finds the requests in its own record; each once. */
  readonly requestIds: readonly string[];
}

/** All that a claim says. */
export interface ClaimFacts {
  readonly closing: ClosedPeriod;
  readonly subject: ClaimSubject;
  readonly row: ClosedRow;
  readonly verdicts: readonly VerdictJson[];
  /** Under every reading, in the order of time. */
  readonly incidents: readonly ClaimedIncident[];
  readonly penalties: readonly ClosedPenalty[];
}

/** One line of an observation file, as far as a claim reads it. */
export interface ClaimedObservation {
  readonly check: string;
  readonly vantage: string;
  readonly from: string;
  /** The end of the span; null where the line names one slot by its start. */
  readonly to: string | null;
  readonly outcome: string;
  readonly cause: string | null;
  readonly evidence: Readonly<Record<string, string | number>> | null;
}

const lineSchema = z.object({
  check: z.string(),
  vantage: z.string(),
  slot: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  outcome: z.string(),
  cause: z.string().optional(),
  evidence: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

/** Reads a line of observations (interfaces.md). Throws an Error when it is none. */
export function claimedObservation(line: string): ClaimedObservation {
  const { slot, from = '', to, cause = null, evidence = null, ...seen } = lineSchema.parse(JSON.parse(line));
  return { ...seen, from: slot ?? from, to: slot === undefined ? (to ?? null) : null, cause, evidence };
}

/** What a claim says, from a closing and the observations that lie beside it; undefined when the row is not judged in it. */
export function claimFacts(
  closing: ClosedPeriod,
  subject: ClaimSubject,
  observations: readonly ClaimedObservation[],
): ClaimFacts | undefined {
  const row = closing.rows.find((one) => one.row === subject.row);
  const verdicts = closing.verdicts.filter((one) => one.row === subject.row);
  if (!row || verdicts.length === 0) return undefined;
  const withIds = observations.flatMap((seen) => {
    const ids = requestIdsIn(seen.evidence);
    return ids.length > 0 ? [{ ...seen, atMs: Date.parse(seen.from), ids }] : [];
  });
  const incidents = closing.explanations
    .filter((one) => one.row === subject.row)
    .flatMap(({ scope, reading, period, incidents: all }) =>
      all.filter((one) => isClaimed(one, subject)).map((one) => ({ ...one, scope, reading, period })),
    )
    .map((incident) => ({ ...incident, requestIds: idsWithin(incident, withIds) }))
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const penalties = (closing.penalties ?? []).filter((one) => one.row === subject.row);
  return { closing, subject, row, verdicts, incidents, penalties };
}

function isClaimed({ tooShort, from, to }: ExplainedIncident, { span }: ClaimSubject): boolean {
  return !tooShort && Date.parse(from) < Date.parse(span.to) && Date.parse(to) > Date.parse(span.from);
}

interface Identified {
  readonly check: string;
  readonly atMs: number;
  readonly ids: readonly string[];
}

function idsWithin({ from, to, checks }: ExplainedIncident, seen: readonly Identified[]): readonly string[] {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const own = seen.filter(({ check, atMs }) => checks.includes(check) && atMs >= fromMs && atMs < toMs);
  return [...new Set(own.flatMap(({ ids }) => ids))];
}
