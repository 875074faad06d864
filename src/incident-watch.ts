import type { Incident, Verdict } from './core/verdict.ts';

/** An incident of a row that opened or closed between two evaluations. */
export interface IncidentEvent {
  readonly event: 'incident-opened' | 'incident-closed';
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly incident: Incident;
}

/**
 * Tells which incidents opened and closed from one evaluation to the next, under the first reading. What was open
 * before the first evaluation is told as opened then.
 */
export class IncidentWatch {
  #open = new Map<string, IncidentEvent>();

  next(verdicts: readonly Verdict[]): readonly IncidentEvent[] {
    const [first] = verdicts;
    const open = new Map<string, IncidentEvent>();
    for (const { row, scope, reading, openIncident: incident } of verdicts) {
      if (!incident || reading !== first?.reading) continue;
      open.set(`${row}\0${scope}\0${incident.fromMs}`, {
        event: 'incident-opened',
        row,
        scope,
        reading,
        incident,
      });
    }
    const before = this.#open;
    this.#open = open;
    const opened = [...open].filter(([key]) => !before.has(key)).map(([, event]) => event);
    const closed = [...before].filter(([key]) => !open.has(key)).map(([, event]) => closing(event, verdicts));
    return [...closed, ...opened];
  }
}

/** The incident as it stands at its end. */
function closing(event: IncidentEvent, verdicts: readonly Verdict[]): IncidentEvent {
  const verdict = verdicts.find(
    ({ row, scope, reading }) => row === event.row && scope === event.scope && reading === event.reading,
  );
  const whole = verdict?.incidents.find(({ fromMs }) => fromMs === event.incident.fromMs);
  return { ...event, event: 'incident-closed', incident: whole ?? event.incident };
}
