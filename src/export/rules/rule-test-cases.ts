import type { AlertRule } from './alert.ts';
import type { Condition } from './condition.ts';
import { alertGroups } from './rule-file.ts';
import {
  endingSeries,
  firingSeries,
  type InputSeries,
  quietSeries,
  type TestMember,
} from './rule-test-series.ts';
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

/** One case before it is tied to a member. */
interface Draft {
  readonly name: string;
  readonly isFiring: boolean;
  readonly seriesOf: (member: TestMember) => readonly InputSeries[];
  /** How long the alert must have gone on after its condition ended. */
  readonly keepsMs?: number;
}

const MINUTE_MS = 60_000;

/** The cases of all rules. `stepMinutes`: how often rules are evaluated in the test. */
export function casesOf(setup: AlertingSetup, stepMinutes: number): readonly Case[] {
  const thresholds = alertThresholds(setup);
  const rows = watchedMembers(setup).map(({ row }) => row);
  return alertGroups(setup).flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      draftsOf(rule, rules, thresholds).map((draft, index): Case => {
        const member = memberOf(rule, draft.name, rows);
        const steps = Math.ceil((draft.keepsMs ?? rule.forMs) / MINUTE_MS / stepMinutes);
        const atMinutes = (steps + (draft.keepsMs === undefined ? 1 : 2)) * stepMinutes;
        return {
          title: titleOf(rule),
          rule,
          member,
          isFiring: draft.isFiring,
          series: draft.seriesOf(member),
          atMinutes,
          runKind: runKind(rule, index, atMinutes),
        };
      }),
    ),
  );
}

/** What is about members is told apart by scope; of anything else there is one, so each case needs a run. */
function runKind({ labels: { kind }, condition }: AlertRule, index: number, atMinutes: number): string {
  const isOfMember = condition.kind === 'figures' && condition.all[0].figure.by.includes('scope');
  return isOfMember ? `${kind} at ${atMinutes}m` : `vigie itself, case ${index + 1}`;
}

function draftsOf(
  { condition, keepMs }: AlertRule,
  rules: readonly AlertRule[],
  thresholds: readonly AlertThreshold[],
): readonly Draft[] {
  const firing = (of: Condition) => (member: TestMember) => firingSeries(of, member, thresholds);
  const quiet = (member: TestMember) => quietSeries(condition, member, thresholds);
  return [
    { name: 'fires', isFiring: true, seriesOf: firing(condition) },
    ...quiet({}).map(({ reason }, index): Draft => ({
      name: `quiet ${reason}`,
      isFiring: false,
      seriesOf: (member) => quiet(member)[index]?.series ?? [],
    })),
    ...toldAlready(rules, condition).map((other): Draft => ({
      name: `quiet ${other.name} tells it`,
      isFiring: false,
      seriesOf: (member) => [...firing(condition)(member), ...firing(other.condition)(member)],
    })),
    ...endings(condition, keepMs, thresholds),
  ];
}

/** The alert that takes the place of one whose condition says so. */
function toldAlready(rules: readonly AlertRule[], condition: Condition): readonly AlertRule[] {
  const told = condition.kind === 'figures' ? condition.unlessFiring?.alert : undefined;
  return rules.filter(({ name }) => name === told).slice(0, 1);
}

/** An alert that holds goes on under its threshold, and ends when its incident has. */
function endings(
  condition: Condition,
  keepsMs: number,
  thresholds: readonly AlertThreshold[],
): readonly Draft[] {
  if (condition.kind !== 'figures' || !condition.holds) return [];
  const ending = (isOver: boolean) => (member: TestMember) =>
    endingSeries(condition, member, thresholds, isOver);
  return [
    { name: 'goes on with the incident', isFiring: true, seriesOf: ending(false), keepsMs },
    { name: 'ends with the incident', isFiring: false, seriesOf: ending(true), keepsMs },
  ];
}

function memberOf(rule: AlertRule, name: string, rows: readonly string[]): TestMember {
  const { labels } = rule;
  return {
    row: labels.row ?? rows[0] ?? 'none',
    scope: `${titleOf(rule)} ${name}`.replace(/[^A-Za-z0-9]+/g, '-').replace(/-$/, ''),
    vantage: labels.vantage ?? 'here',
    clock: labels.clock ?? 'gti',
    period: '2026-02',
  };
}

function titleOf({ name, labels: { severity, window } }: AlertRule): string {
  return [name, severity, ...(window === undefined ? [] : [window])].join(' ');
}
