import type { Verdict, VerdictState } from './verdict.ts';

/** Something that happened to a member of a row between two evaluations, under the first reading. */
export type VerdictEvent = { readonly atMs: number; readonly row: string; readonly scope: string } & (
  | { readonly kind: 'incident-opened'; readonly fromMs: number; readonly causes: readonly string[] }
  | {
      readonly kind: 'incident-closed';
      readonly fromMs: number;
      readonly badMs: number;
      readonly countedMs: number;
      readonly causes: readonly string[];
    }
  /** What looked like the end of an incident was not seen to be one: it was bad before, unseen, and is bad again. */
  | { readonly kind: 'incident-goes-on'; readonly fromMs: number; readonly causes: readonly string[] }
  | { readonly kind: 'state-changed'; readonly from: VerdictState; readonly to: VerdictState }
);

/**
 * What happened between two evaluations, each in the order of the contract, so that the first verdict on a member is
 * that of the first reading. Nothing is said of a member that was not there before, nor of one in another period.
 */
export function verdictEvents(
  before: readonly Verdict[],
  after: readonly Verdict[],
): readonly VerdictEvent[] {
  const earlier = firstReadings(before);
  return [...firstReadings(after)].flatMap(([key, now]) => {
    const last = earlier.get(key);
    return last ? eventsOf(last, now) : [];
  });
}

function firstReadings(verdicts: readonly Verdict[]): ReadonlyMap<string, Verdict> {
  const firsts = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const key = `${verdict.row}\0${verdict.scope}\0${verdict.period.name}`;
    if (!firsts.has(key)) firsts.set(key, verdict);
  }
  return firsts;
}

function eventsOf(last: Verdict, now: Verdict): readonly VerdictEvent[] {
  const { atMs, row, scope } = now;
  const about = { atMs, row, scope };
  const events: VerdictEvent[] = [];
  const isOther = last.openIncident?.fromMs !== now.openIncident?.fromMs;
  if (last.openIncident && now.openIncident && isOther) {
    const { fromMs, causes } = now.openIncident;
    events.push({ ...about, kind: 'incident-goes-on', fromMs, causes });
  } else if (last.openIncident && isOther) {
    const { fromMs } = last.openIncident;
    const whole = now.incidents.find((incident) => incident.fromMs === fromMs) ?? last.openIncident;
    const { badMs, countedMs, causes } = whole;
    events.push({ ...about, kind: 'incident-closed', fromMs, badMs, countedMs, causes });
  }
  if (!last.openIncident && now.openIncident) {
    const { fromMs, causes } = now.openIncident;
    events.push({ ...about, kind: 'incident-opened', fromMs, causes });
  }
  if (last.state !== now.state)
    events.push({ ...about, kind: 'state-changed', from: last.state, to: now.state });
  return events;
}
