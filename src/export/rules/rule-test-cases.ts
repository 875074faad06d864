import type { AlertRule } from './alert.ts';
import type { Condition } from './condition.ts';
import { alertGroups } from './rule-file.ts';
import {
  endingSeries,
  firingSeries,
  hasThresholds,
  type InputSeries,
  quietSeries,
  type TestMember,
} from './rule-test-series.ts';
import { type ExtraLabels, matchers } from './selector.ts';
import { type AlertingSetup, watchedMembers } from './setup.ts';
import { type AlertThreshold, alertThresholds } from './thresholds.ts';

/** What a rule is given, and whether it is to fire. */
export interface Case {
  /** The alert's name with its severity and window. */
  readonly title: string;
  readonly rule: AlertRule;
  readonly member: TestMember;
  readonly isFiring: boolean;
  readonly series: readonly InputSeries[];
  /** When to look. */
  readonly atMinutes: number;
  /** Cases of other kinds must not be put into one run with it. */
  readonly runKind: string;
}

/** One case before it is put to the rules. */
interface Draft {
  readonly name: string;
  readonly isFiring: boolean;
  readonly series: readonly InputSeries[];
  /** How long the alert must have gone on after its condition ended. */
  readonly keepsMs?: number;
}

const MINUTE_MS = 60_000;

/**
 * The cases of all rules: every row that a rule is for makes it fire, and the first one shows when it does not.
 * `stepMinutes`: how often rules are evaluated in the test.
 */
export function casesOf(setup: AlertingSetup, stepMinutes: number): readonly Case[] {
  const thresholds = alertThresholds(setup);
  const watched = watchedMembers(setup).map(({ row }) => row);
  return alertGroups(setup).flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      rowsFor(rule, watched, thresholds).flatMap((row, i) =>
        draftsOf(rule, { row, rules, thresholds })
          .slice(0, i === 0 ? undefined : 1)
          .map((draft, index) => caseOf(rule, draft, { row, index, stepMinutes, setup })),
      ),
    ),
  );
}

/** The rows whose members a rule may fire for; of one that is about no row in particular, any. */
function rowsFor(
  { labels, condition }: AlertRule,
  watched: readonly string[],
  thresholds: readonly AlertThreshold[],
): readonly string[] {
  const rows = condition.kind === 'figures' ? condition.all[0].figure.rows : undefined;
  if (!rows) return [labels.row ?? watched[0] ?? 'none'];
  return rows.filter((row) => hasThresholds(condition, { row }, thresholds));
}

interface CaseContext {
  readonly row: string;
  readonly index: number;
  readonly stepMinutes: number;
  readonly setup: AlertingSetup;
}

function caseOf(rule: AlertRule, draft: Draft, { row, index, stepMinutes, setup }: CaseContext): Case {
  const steps = Math.ceil((draft.keepsMs ?? rule.forMs) / MINUTE_MS / stepMinutes);
  const atMinutes = (steps + (draft.keepsMs === undefined ? 1 : 2)) * stepMinutes;
  return {
    title: titleOf(rule),
    rule,
    member: memberOf(rule, draft.name, row),
    isFiring: draft.isFiring,
    series: draft.series.map(({ series, values }) => ({
      series: labelled(series, setup.alerting.labels),
      values,
    })),
    atMinutes,
    runKind: runKind(rule, index, atMinutes),
  };
}

function labelled(series: string, extra: ExtraLabels = {}): string {
  const more = matchers(extra);
  if (more === '') return series;
  return series.includes('{') ? series.replace('{', `{${more}, `) : `${series}{${more}}`;
}

/** What is about members is told apart by scope; of anything else there is one, so each case needs a run. */
function runKind({ labels: { kind }, condition }: AlertRule, index: number, atMinutes: number): string {
  const isOfMember = condition.kind === 'figures' && condition.all[0].figure.by.includes('scope');
  return isOfMember ? `${kind} at ${atMinutes}m` : `vigie itself, case ${index + 1}`;
}

interface DraftContext {
  readonly row: string;
  readonly rules: readonly AlertRule[];
  readonly thresholds: readonly AlertThreshold[];
}

/** The first one fires. */
function draftsOf(rule: AlertRule, { row, rules, thresholds }: DraftContext): readonly Draft[] {
  const { condition, keepMs } = rule;
  const firing = (name: string, of: Condition = condition) =>
    firingSeries(of, memberOf(rule, name, row), thresholds);
  const quiet = (name: string) => quietSeries(condition, memberOf(rule, name, row), thresholds);
  return [
    { name: 'fires', isFiring: true, series: firing('fires') },
    ...quiet('').map(({ reason }, index): Draft => {
      const name = `quiet ${reason}`;
      return { name, isFiring: false, series: quiet(name)[index]?.series ?? [] };
    }),
    ...toldAlready(rules, condition).map((other): Draft => {
      const name = `quiet ${other.name} tells it`;
      return { name, isFiring: false, series: [...firing(name), ...firing(name, other.condition)] };
    }),
    ...endings(rule, row, thresholds).map((draft) => ({ ...draft, keepsMs: keepMs })),
  ];
}

/** The alert that takes the place of one whose condition says so. */
function toldAlready(rules: readonly AlertRule[], condition: Condition): readonly AlertRule[] {
  const told = condition.kind === 'figures' ? condition.unlessFiring?.alerts : undefined;
  return rules.filter(({ name }) => told?.includes(name)).slice(0, 1);
}

/** An alert that holds goes on under its threshold, and ends when its incident has. */
function endings(rule: AlertRule, row: string, thresholds: readonly AlertThreshold[]): readonly Draft[] {
  const { condition } = rule;
  if (condition.kind !== 'figures' || !condition.holds) return [];
  const ending = (name: string, isOver: boolean): Draft => ({
    name,
    isFiring: !isOver,
    series: endingSeries(condition, memberOf(rule, name, row), thresholds, isOver),
  });
  return [ending('goes on with the incident', false), ending('ends with the incident', true)];
}

function memberOf(rule: AlertRule, name: string, row: string): TestMember {
  const { labels } = rule;
  return {
    row,
    scope: `${titleOf(rule)} ${row} ${name}`.replace(/[^A-Za-z0-9]+/g, '-').replace(/-$/, ''),
    clause: labels.clause ?? `clause of ${row}`,
    vantage: labels.vantage ?? 'here',
    clock: labels.clock ?? 'gti',
    period: '2026-02',
  };
}

function titleOf({ name, labels: { severity, window } }: AlertRule): string {
  return [name, severity, ...(window === undefined ? [] : [window])].join(' ');
}
