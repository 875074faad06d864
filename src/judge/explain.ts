import type { RowRules } from '../contract/rules.ts';
import type { ContractRow } from '../contract/schema.ts';
import type { Check } from '../core/check.ts';
import type {
  Arithmetic,
  CountingSteps,
  ExplainedCheck,
  ExplainedIncident,
  Explanation,
} from '../core/explanation.ts';
import type { Cause } from '../core/cause.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { complement } from '../core/fraction.ts';
import { clip, lengthOf, type Span } from '../core/span.ts';
import { instantJson, verdictJson } from '../core/verdict-json.ts';
import { decisiveShare, exceeds, type Figures } from './figures.ts';
import type { BadRun } from './incidents.ts';
import type { Counterfactual } from './counterfactual.ts';
import { elapsedSpan, exclusionsOf, kindOf } from './explain-exclusions.ts';
import { quorumOf } from './quorum.ts';
import type { Bound } from './row-timeline.ts';
import type { RowVerdict } from './row-verdict.ts';
import { shareTest } from './share-test.ts';

/** What an explanation draws on besides the verdict itself. */
export interface ExplainedBy {
  readonly nowMs: number;
  readonly eligible: boolean | null;
  readonly row: ContractRow;
  readonly checks: readonly Check[];
  readonly exclusions: readonly DeclaredExclusion[];
  readonly counterfactuals: readonly Counterfactual[];
}

const LONGEST_UNKNOWN = 20;

/** How the verdict on a member came about; without samples, which only the windows have. */
export function explain(examined: RowVerdict, by: ExplainedBy): Omit<Explanation, 'samples'> {
  const verdict = examined.verdict(by.nowMs, by.eligible);
  const { row } = by;
  const { composition } = examined.setup;
  return {
    verdict: verdictJson(verdict),
    clause: row.clause,
    title: row.title,
    type: row.type,
    rules: row.rules ?? [],
    arithmetic: arithmeticOf(examined, by.nowMs),
    composition,
    checks: by.checks
      .filter(({ id }) => examined.setup.checks.has(id))
      .map((check) => checkOf(examined, check, by)),
    incidents: touching(examined, 'estimate').map((run) => incidentOf(examined, run)),
    exclusions: exclusionsOf(examined, by),
    kinds: by.counterfactuals.map(kindOf),
    unknown: longestUnknown(examined, elapsedSpan(examined, by.nowMs)),
  };
}

function touching({ timeline, setup: { period } }: RowVerdict, bound: Bound): readonly BadRun[] {
  return timeline.ledgers[bound].runs.filter(({ from, to }) => to > period.fromMs && from < period.toMs);
}

function arithmeticOf(examined: RowVerdict, nowMs: number): Arithmetic {
  const { rules, period } = examined.setup;
  const figures = examined.figures(nowMs);
  const share = decisiveShare(rules);
  return {
    lengthMs: figures.lengthMs,
    removedMs: period.toMs - period.fromMs - figures.lengthMs,
    elapsedMs: figures.elapsedMs,
    borne: share && { numerator: String(share.num), denominator: String(share.den) },
    mergeGapMs: rules.mergeGapMs,
    minimumMs: rules.minimumMs,
    deductMs: rules.deductMs,
    bounds: {
      best: stepsOf(examined, 'best', figures.lengthMs),
      estimate: stepsOf(examined, 'estimate', figures.lengthMs),
      worst: stepsOf(examined, 'worst', figures.lengthMs),
    },
    shareTest: shareTestOf(rules, figures),
  };
}

function shareTestOf({ allowed }: RowRules, { sample }: Figures): Arithmetic['shareTest'] {
  if (!allowed || !sample) return null;
  const { distance, left, right } = shareTest(sample, complement(allowed));
  return { distance: String(distance), left: String(left), right: String(right) };
}

function stepsOf(examined: RowVerdict, bound: Bound, lengthMs: number): CountingSteps {
  const runs = touching(examined, bound).map((run) => ({ run, ...countingOf(examined, bound, run) }));
  const sum = (of: (one: (typeof runs)[number]) => number): number =>
    runs.reduce((total, one) => total + of(one), 0);
  const countedMs = sum((one) => one.countedMs);
  const share = decisiveShare(examined.setup.rules);
  return {
    badMs: sum(({ run }) => run.badMs),
    tooShortMs: sum(({ run }) => (run.counts ? 0 : run.badMs)),
    deductedMs: sum((one) => one.deductedMs),
    outsideMs: sum((one) => one.outsideMs),
    countedMs,
    comparison: share && {
      used: String(BigInt(countedMs) * share.den),
      allowed: String(BigInt(lengthMs) * share.num),
      over: exceeds(countedMs, lengthMs, share),
    },
  };
}

function countingOf({ timeline, setup: { rules, period } }: RowVerdict, bound: Bound, run: BadRun) {
  if (!run.counts) return { deductedMs: 0, outsideMs: 0, countedMs: 0 };
  const deductedMs = Math.min(rules.deductMs, run.badMs);
  const from = Math.max(run.from, period.fromMs);
  const countedMs = timeline.ledgers[bound].counted.within(from, Math.min(run.to, period.toMs));
  return { deductedMs, outsideMs: run.badMs - deductedMs - countedMs, countedMs };
}

function incidentOf(examined: RowVerdict, run: BadRun): ExplainedIncident {
  const { timeline, setup } = examined;
  const causes = new Set<Cause>();
  const checks = [...setup.checks.keys()].filter((check) => {
    const own = new Set<Cause>();
    timeline.addCauses(check, run, own);
    for (const cause of own) causes.add(cause);
    return own.size > 0;
  });
  return {
    from: instantJson(run.from),
    to: instantJson(run.to),
    badMs: run.badMs,
    tooShort: !run.counts,
    ...countingOf(examined, 'estimate', run),
    causes: [...causes].sort(),
    checks,
  };
}

function checkOf(examined: RowVerdict, check: Check, { nowMs }: ExplainedBy): ExplainedCheck {
  const { from, to } = elapsedSpan(examined, nowMs);
  const bounds = examined.setup.checks.get(check.id);
  const withinOf = (list: 'down' | 'excluded' | 'contested'): number => bounds?.[list].within(from, to) ?? 0;
  return {
    check: check.id,
    probe: check.probe,
    intervalMs: check.intervalMs,
    vantages: check.vantages,
    quorum: quorumOf(check.vantages.length),
    confirm: check.vantages.length === 1 ? (bounds?.confirm ?? check.confirm) : null,
    downMs: withinOf('down'),
    excludedMs: withinOf('excluded'),
    unknownMs: lengthOf(clip(examined.timeline.unknownOf(check.id, from, nowMs), from, to)),
    contestedMs: withinOf('contested'),
    causes: causesOf(examined, check.id, { from, to }),
  };
}

function causesOf({ setup }: RowVerdict, check: string, { from, to }: Span): ExplainedCheck['causes'] {
  const bounds = setup.checks.get(check);
  const sums = new Map<string, ExplainedCheck['causes'][number]>();
  for (const run of bounds?.timeline.runs.since(from) ?? []) {
    if (!bounds || run.fromMs >= to) break;
    const seen = bounds.stateOf(run);
    if (seen !== 'D' && seen !== 'X') continue;
    const state = seen === 'D' ? 'down' : 'excluded';
    const ms = Math.min(run.toMs, to) - Math.max(run.fromMs, from);
    for (const cause of run.causes) {
      const key = `${state} ${cause}`;
      sums.set(key, { cause, state, ms: ms + (sums.get(key)?.ms ?? 0) });
    }
  }
  return [...sums.values()].sort((a, b) => b.ms - a.ms);
}

function longestUnknown({ timeline }: RowVerdict, { from, to }: Span): Explanation['unknown'] {
  return clip(timeline.unknown.since(from), from, to)
    .sort((a, b) => b.to - b.from - (a.to - a.from))
    .slice(0, LONGEST_UNKNOWN)
    .sort((a, b) => a.from - b.from)
    .map((span) => ({ from: instantJson(span.from), to: instantJson(span.to) }));
}
