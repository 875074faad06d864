import type { Composition } from '../../src/core/composition.ts';
import type { SlotTable } from './slot-table.ts';

/**
 * The rules of sla-math in the slowest and plainest way: time is an array of seconds, a set is an array of booleans.
 * Written from the text, sharing no code with the judge; what the judge says must agree with it.
 */
export interface ReferenceCheck {
  readonly id: string;
  readonly intervalS: number;
  readonly timeoutS: number;
  readonly confirm: number;
  readonly vantages: readonly string[];
  readonly table: SlotTable;
}

export interface ReferenceRow {
  readonly composition: Composition;
  readonly deductS: number;
  readonly mergeGapS: number;
  readonly minimumS: number;
  /** Half-open spans of seconds. */
  readonly exclusions: readonly (readonly [number, number])[];
  /** Of one check alone, taken out before it is composed with others. */
  readonly checkExclusions?: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  readonly periodS: readonly [number, number];
  readonly nowS: number;
}

type Set = boolean[];

interface Sets {
  readonly best: Set;
  readonly estimate: Set;
  readonly worst: Set;
  readonly down: Set;
  readonly unknown: Set;
}

export interface ReferenceFigures {
  readonly best: number;
  readonly estimate: number;
  readonly worst: number;
  readonly raw: number;
  readonly unknown: number;
  readonly incidents: readonly {
    readonly from: number;
    readonly to: number;
    readonly bad: number;
    readonly counted: number;
  }[];
}

function stateOf(check: ReferenceCheck, slot: number, nowS: number): string {
  let g = 0;
  let d = 0;
  let x = 0;
  for (const vantage of check.vantages) {
    const outcome = check.table.outcome(vantage, slot);
    if (outcome === 'good') g++;
    if (outcome === 'bad') d++;
    if (outcome === 'excluded') x++;
  }
  const V = check.vantages.length;
  const q = Math.floor(V / 2) + 1;
  if (d >= q) return 'D';
  if (g >= V - q + 1) return 'U';
  if (nowS < (slot + 1) * check.intervalS + Math.max(check.timeoutS, check.intervalS)) return 'pending';
  if (x >= q) return 'X';
  if (g + d + x < q) return '?';
  return d > g ? 'D' : 'U';
}

function setsOf(check: ReferenceCheck, row: ReferenceRow): Sets {
  const none = (): Set => new Array<boolean>(row.nowS).fill(false);
  const sets: Sets = { best: none(), estimate: none(), worst: none(), down: none(), unknown: none() };
  const T = check.intervalS;
  const slots = Math.ceil(row.nowS / T);
  const states: string[] = [];
  let first = -1;
  for (let k = 0; k < slots; k++) {
    if (first < 0 && check.vantages.some((vantage) => check.table.outcome(vantage, k))) first = k;
    states.push(stateOf(check, k, row.nowS));
  }
  const begin = first < 0 ? row.periodS[0] : Math.min(first * T, row.periodS[0]);
  const paint = (set: Set, slot: number): void => {
    for (let s = Math.max(0, slot * T); s < Math.min(row.nowS, (slot + 1) * T); s++) set[s] = true;
  };
  for (let k = 0; k < slots; k++) {
    const seenLife = first >= 0 && k >= first;
    if (states[k] === '?') {
      for (let s = Math.max(0, k * T); s < Math.min(row.nowS, (k + 1) * T); s++) {
        sets.unknown[s] = true;
        if (seenLife || s >= begin) sets.worst[s] = true;
      }
    }
  }
  for (let k = 0; k < slots; k++) {
    if (states[k] !== 'D' || states[k - 1] === 'D') continue;
    let end = k;
    while (states[end] === 'D') end++;
    const booked = check.vantages.length > 1 || end - k >= check.confirm;
    for (let i = k; i < end; i++) {
      paint(sets.down, i);
      if (booked) paint(sets.estimate, i);
      if (booked && i < end - 1) paint(sets.best, i);
    }
    for (let i = k - 1; i < end; i++) paint(sets.worst, i);
  }
  for (let k = 0; k < slots; k++) {
    if (states[k] !== 'X') continue;
    for (let s = k * T; s < Math.min(row.nowS, (k + 1) * T); s++) sets.worst[s] = false;
  }
  for (const [a, b] of row.checkExclusions?.get(check.id) ?? []) {
    for (let s = a; s < Math.min(row.nowS, b); s++) {
      sets.best[s] = false;
      sets.estimate[s] = false;
      sets.worst[s] = false;
    }
  }
  return sets;
}

function composeAt(composition: Composition, at: (check: string) => boolean): boolean {
  if (typeof composition === 'string') return at(composition);
  if ('any' in composition) return composition.any.some((part) => composeAt(part, at));
  if ('all' in composition) return composition.all.every((part) => composeAt(part, at));
  return composition.of.filter((part) => composeAt(part, at)).length >= composition.quorum;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function incidentsOf(bad: Set, row: ReferenceRow): { run: Run; bad: number; counted: number[] }[] {
  const runs: Run[] = [];
  for (let s = 0; s < bad.length; s++) {
    if (!bad[s]) continue;
    const last = runs.at(-1);
    if (last && s - last.to <= row.mergeGapS) runs[runs.length - 1] = { from: last.from, to: s + 1 };
    else runs.push({ from: s, to: s + 1 });
  }
  return runs.flatMap((run) => {
    const seconds: number[] = [];
    for (let s = run.from; s < run.to; s++) if (bad[s]) seconds.push(s);
    return seconds.length < row.minimumS
      ? []
      : [{ run, bad: seconds.length, counted: seconds.slice(row.deductS) }];
  });
}

/** All figures of one row, in seconds. */
export function referenceFigures(checks: readonly ReferenceCheck[], row: ReferenceRow): ReferenceFigures {
  const sets = new Map(checks.map((check) => [check.id, setsOf(check, row)]));
  const composed = (pick: (sets: Sets, s: number) => boolean): Set =>
    Array.from({ length: row.nowS }, (_, s) =>
      composeAt(row.composition, (check) => {
        const own = sets.get(check);
        return own !== undefined && pick(own, s);
      }),
    );
  const cleared = (set: Set): Set =>
    set.map((bad, s) => bad && !row.exclusions.some(([a, b]) => s >= a && s < b));
  const [a, b] = row.periodS;
  const inPeriod = (seconds: readonly number[]): number => seconds.filter((s) => s >= a && s < b).length;
  const seconds = (set: Set): number[] => set.flatMap((bad, s) => (bad ? [s] : []));
  const counted = (set: Set): number =>
    inPeriod(incidentsOf(set, row).flatMap((incident) => incident.counted));
  const estimate = cleared(composed((own, s) => own.estimate[s] ?? false));
  const down = composed((own, s) => own.down[s] ?? false);
  const orUnknown = composed((own, s) => (own.down[s] ?? false) || (own.unknown[s] ?? false));
  return {
    best: counted(cleared(composed((own, s) => own.best[s] ?? false))),
    estimate: counted(estimate),
    worst: counted(cleared(composed((own, s) => own.worst[s] ?? false))),
    raw: inPeriod(seconds(estimate)),
    unknown: inPeriod(seconds(orUnknown.map((bad, s) => bad && !down[s]))),
    incidents: incidentsOf(estimate, row)
      .filter(({ run }) => run.to > a && run.from < b)
      .map(({ run, bad, counted: kept }) => ({ ...run, bad, counted: inPeriod(kept) })),
  };
}

/** Whether the period is over and no slot that began in it, or before, is awaited. */
export function referenceOver(
  checks: readonly ReferenceCheck[],
  { periodS: [, end], nowS }: Pick<ReferenceRow, 'periodS' | 'nowS'>,
): boolean {
  const isAwaited = (check: ReferenceCheck): boolean => {
    for (let k = 0; k * check.intervalS < end; k++) if (stateOf(check, k, nowS) === 'pending') return true;
    return false;
  };
  return nowS >= end && !checks.some(isAwaited);
}

/** The slots of all checks that began in the period outside the exclusions and are settled without a gap before. */
export function referenceTests(
  checks: readonly ReferenceCheck[],
  row: Pick<ReferenceRow, 'periodS' | 'exclusions' | 'checkExclusions' | 'nowS'>,
): { readonly up: number; readonly down: number } {
  let [up, down] = [0, 0];
  for (const check of checks) {
    const T = check.intervalS;
    let k = 0;
    while (k * T < row.nowS && !check.vantages.some((vantage) => check.table.outcome(vantage, k))) k++;
    for (; k * T < row.nowS; k++) {
      const state = stateOf(check, k, row.nowS);
      if (state === 'pending') break;
      const s = k * T;
      if (s < row.periodS[0] || s >= row.periodS[1]) continue;
      const excluded = [...row.exclusions, ...(row.checkExclusions?.get(check.id) ?? [])];
      if (excluded.some(([a, b]) => s >= a && s < b)) continue;
      if (state === 'U') up++;
      if (state === 'D') down++;
    }
  }
  return { up, down };
}
