import type { Cause } from '../core/cause.ts';
import type { Check } from '../core/check.ts';
import type { Hole, Observation, Outcome } from '../core/observation.ts';
import type { Reading } from '../core/reading.ts';
import type { Series, SeriesTable } from './series.ts';

/** What one run came to: the part of the scheduler's result that is counted. */
export interface SeenRun {
  readonly seen: Observation | Hole;
  /** The reading that decided; undefined when no attempt was made. */
  readonly reading: Reading | undefined;
  /** How long after the instant it was due the run began; undefined when it did not. */
  readonly lateMs: number | undefined;
  /** How much of that it had to wait until an identical request was a second ago. */
  readonly heldMs: number;
  /** How late the event loop was beside it. */
  readonly lagMs: number;
}

/** Slots [fromSlot, toSlot) that went by without a run. */
export interface UnseenSlots {
  readonly check: string;
  readonly vantage: string;
  readonly fromSlot: number;
  readonly toSlot: number;
  /** Of a closed set: it becomes a label. */
  readonly reason: string;
}

/** What the metrics know of a check that is watched. */
export type WatchedCheck = Pick<Check, 'id' | 'probe' | 'row' | 'vantages'>;

/** The series of checks. */
export interface CheckSeries {
  /** All checks from now on. The series of checks and vantages that are not among them end. */
  watched(checks: readonly WatchedCheck[]): void;
  /** Counts a run. Those of a check or vantage that is not watched are let go. */
  observed(run: SeenRun): void;
  /** Counts slots that went by without a run, likewise. */
  skipped(slots: UnseenSlots): void;
}

type CheckVantage = Pick<Observation, 'check' | 'vantage'>;

interface VantageSeries {
  /** The check that they are of, as it is watched now. */
  of: OneCheck;
  readonly outcomes: Readonly<Record<Outcome, Series>>;
  readonly phases: Map<string, Series>;
  readonly holes: Map<string, Series>;
}

interface OneCheck extends WatchedCheck {
  readonly duration: Series;
  readonly byVantage: Map<string, VantageSeries>;
  readonly faults: Map<Cause, Series>;
}

const MS_PER_SECOND = 1000;

/** The series of checks in a table. */
export function createCheckSeries(table: SeriesTable): CheckSeries {
  const checks = new Map<string, OneCheck>();
  /** Those that were looked for, by vantage, then check: looking for one of the few vantages costs next to nothing. */
  const found = new Map<string, Map<string, VantageSeries>>();
  const durations = new Map<string, Series>();
  const late = table.open('vigie_schedule_late_seconds', {});
  const held = table.open('vigie_schedule_held_seconds', {});
  const lag = table.open('vigie_event_loop_lag_seconds', {});

  const find = ({ check, vantage }: CheckVantage): VantageSeries | undefined => {
    const known = found.get(vantage)?.get(check);
    if (known) return known;
    const one = checks.get(check);
    if (!one?.vantages.includes(vantage)) return undefined;
    const series = upsert(one.byVantage, vantage, () => openVantage(table, one, vantage));
    upsert(found, vantage, () => new Map<string, VantageSeries>()).set(check, series);
    return series;
  };

  return {
    watched(current) {
      retain(checks, new Set(current.map(({ id }) => id)), (check) => dropCheck(table, check));
      retain(durations, new Set(current.map(durationKey)), (series) => table.drop(series));
      for (const check of current) {
        const duration = upsert(durations, durationKey(check), () =>
          table.open('vigie_probe_duration_seconds', { kind: check.probe, row: check.row }),
        );
        const { byVantage, faults } = checks.get(check.id) ?? nothingSeen();
        retain(byVantage, new Set(check.vantages), (series) => dropVantage(table, series));
        const one = { ...check, duration, byVantage, faults };
        for (const series of byVantage.values()) series.of = one;
        checks.set(check.id, one);
      }
      found.clear();
    },
    observed({ seen, reading, lateMs, heldMs, lagMs }) {
      if (lateMs !== undefined) table.observe(late, (lateMs - heldMs) / MS_PER_SECOND);
      if (heldMs > 0) table.observe(held, heldMs / MS_PER_SECOND);
      if (reading) table.observe(lag, lagMs / MS_PER_SECOND);
      const series = find(seen);
      if (!series) return;
      if (seen.outcome === 'absent') countHole(table, series, { ...seen, reason: seen.blind }, 1);
      else countObservation(table, series, seen, reading);
    },
    skipped(slots) {
      const series = find(slots);
      if (series) countHole(table, series, slots, slots.toSlot - slots.fromSlot);
    },
  };
}

function countHole(
  table: SeriesTable,
  { holes }: VantageSeries,
  { check, vantage, reason }: CheckVantage & Pick<UnseenSlots, 'reason'>,
  slots: number,
): void {
  const open = (): Series => table.open('vigie_schedule_holes_total', { check, vantage, reason });
  table.add(upsert(holes, reason, open), slots);
}

function countObservation(
  table: SeriesTable,
  series: VantageSeries,
  observation: Observation,
  reading: Reading | undefined,
): void {
  table.add(series.outcomes[observation.outcome], 1);
  const { cause } = observation;
  if (cause !== undefined) table.add(faultSeries(table, series.of, cause), 1);
  if (!reading || reading.kind === 'blind') return;
  // Faults and refusals are often quick: among the latencies of the service they would flatter it.
  if (reading.kind === 'answer' && !reading.refusal)
    table.observe(series.of.duration, reading.latencyMs / MS_PER_SECOND);
  setPhases(table, series, observation, reading.phases ?? {});
}

const nothingSeen = (): Pick<OneCheck, 'byVantage' | 'faults'> => ({
  byVantage: new Map(),
  faults: new Map(),
});

function faultSeries(table: SeriesTable, { id: check, faults }: OneCheck, cause: Cause): Series {
  return upsert(faults, cause, () => table.open('vigie_probe_faults_total', { check, cause }));
}

function durationKey({ probe, row }: WatchedCheck): string {
  return `${probe} ${row}`;
}

function openVantage(table: SeriesTable, check: OneCheck, vantage: string): VantageSeries {
  const open = (outcome: Outcome): Series =>
    table.open('vigie_probe_observations_total', { check: check.id, vantage, outcome });
  return {
    of: check,
    outcomes: { good: open('good'), bad: open('bad'), excluded: open('excluded') },
    phases: new Map(),
    holes: new Map(),
  };
}

function setPhases(
  table: SeriesTable,
  { phases: known }: VantageSeries,
  { check, vantage }: CheckVantage,
  phases: Readonly<Record<string, number>>,
): void {
  for (const phase in phases) {
    if (!known.has(phase))
      known.set(phase, table.open('vigie_probe_phase_seconds', { check, vantage, phase }));
  }
  for (const [phase, series] of known) {
    const ms = phases[phase];
    table.set(series, ms === undefined ? null : ms / MS_PER_SECOND);
  }
}

function dropCheck(table: SeriesTable, { byVantage, faults }: OneCheck): void {
  for (const series of byVantage.values()) dropVantage(table, series);
  for (const series of faults.values()) table.drop(series);
}

function dropVantage(table: SeriesTable, { outcomes, phases, holes }: VantageSeries): void {
  for (const series of Object.values(outcomes)) table.drop(series);
  for (const series of [...phases.values(), ...holes.values()]) table.drop(series);
}

function retain<K, V>(map: Map<K, V>, keep: ReadonlySet<K>, drop: (value: V) => void): void {
  for (const [key, value] of map) {
    if (keep.has(key)) continue;
    drop(value);
    map.delete(key);
  }
}

function upsert<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
