import type { Cause } from '../../core/cause.ts';
import type { VerdictsJson } from '../sources.ts';

/** An incident as lists have it: of one member, as one reading counts it in one period. */
export interface ListedIncident {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly durationMs: number;
  readonly open: boolean;
  readonly badMs: number;
  readonly countedMs: number;
  readonly causes: readonly Cause[];
}

/** Which incidents are wanted; all of the first reading when nothing is said. Instants in milliseconds since the epoch. */
export interface WantedIncidents {
  readonly row?: string | undefined;
  readonly scope?: string | undefined;
  readonly reading?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The incidents of verdicts, the latest first; of those that began together in the order of the verdicts. */
export function listedIncidents(
  { readings, verdicts }: VerdictsJson,
  { row, scope, reading = readings[0], from = -Infinity, to = Infinity }: WantedIncidents,
): readonly ListedIncident[] {
  return verdicts
    .filter(
      (verdict) =>
        verdict.reading === reading &&
        (row === undefined || verdict.row === row) &&
        (scope === undefined || verdict.scope === scope),
    )
    .flatMap(({ incidents, openIncident, period, ...verdict }) =>
      incidents.map((incident) => ({
        row: verdict.row,
        scope: verdict.scope,
        reading: verdict.reading,
        period: period.name,
        from: incident.from,
        to: incident.to,
        durationMs: Date.parse(incident.to) - Date.parse(incident.from),
        open: incident.from === openIncident?.from,
        badMs: incident.badMs,
        countedMs: incident.countedMs,
        causes: incident.causes,
      })),
    )
    .filter((incident) => Date.parse(incident.to) > from && Date.parse(incident.from) < to)
    .toSorted((a, b) => Date.parse(b.from) - Date.parse(a.from));
}
