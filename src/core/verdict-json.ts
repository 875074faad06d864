import type { Incident, Period, Verdict } from './verdict.ts';

/** An instant as interfaces.md prints it: RFC 3339, milliseconds, UTC. */
export function instantJson(ms: number): string {
  return new Date(ms).toISOString();
}

/** A verdict in the shape of interfaces.md. */
export function verdictJson(verdict: Verdict) {
  const { period, incidents, openIncident, atMs, ...figures } = verdict;
  return {
    ...figures,
    at: instantJson(atMs),
    period: periodJson(period),
    incidents: incidents.map(incidentJson),
    openIncident: openIncident && incidentJson(openIncident),
  };
}

/** A verdict as JSON has it. */
export type VerdictJson = ReturnType<typeof verdictJson>;

function periodJson({ name, fromMs, toMs, part }: Period) {
  return { name, from: instantJson(fromMs), to: instantJson(toMs), ...(part && { part }) };
}

function incidentJson({ fromMs, toMs, badMs, countedMs, causes }: Incident) {
  return { from: instantJson(fromMs), to: instantJson(toMs), badMs, countedMs, causes };
}

/**
 * Verdicts in the order of interfaces.md: by row, scope, reading. They are given in the order of the contract, and
 * `readings` keeps that order: the first drives the alerts.
 */
export function verdictsJson(atMs: number, verdicts: readonly Verdict[]) {
  const inOrder = [...verdicts].sort(
    (a, b) =>
      compareText(a.row, b.row) ||
      compareText(a.scope, b.scope) ||
      compareText(a.reading, b.reading) ||
      a.period.fromMs - b.period.fromMs,
  );
  const readings = [...new Set(verdicts.map(({ reading }) => reading))];
  return { at: instantJson(atMs), readings, verdicts: inOrder.map(verdictJson) };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
