import type { Condition } from './condition.ts';
import type { Severity } from './row-plan.ts';

/** Every alert there is, by name; each has a section in the runbooks. A closed set. */
export const ALERT_NAMES = [
  'VigieIncident',
  'VigieTimeToBreach',
  'VigieBudgetBurn',
  'VigieBudgetLow',
  'VigiePace',
  'VigieBreached',
  'VigieHiddenDowntime',
  'VigieFlapping',
  'VigieLatency',
  'VigieShareLow',
  'VigieObjectLost',
  'VigieSupportDeadline',
  'VigieSupportLate',
  'VigieClaimDue',
  'VigieDown',
  'VigieBlind',
  'VigieCoverageLow',
  'VigieVantageBlind',
  'VigieJudgeStale',
  'VigieClockOff',
  'VigieWindowDown',
  'VigieSpilling',
  'VigieReloadFailed',
  'VigieWatchdog',
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

/** The part of a region that an alert is about; what stands higher inhibits what lies within it. */
export type AlertLevel = 'region' | 'subregion' | 'resource' | 'service';

/**
 * Labels of an alert besides its name, constant for a rule. Together with the labels that the condition gives (row,
 * scope and those of the member) they are the alert's identity: who pushes alerts must set the same.
 */
export interface AlertLabels {
  readonly severity: Severity | 'none';
  /** About the contract, about support tickets, or about vigie itself. */
  readonly kind: 'sla' | 'support' | 'monitor';
  readonly region: string;
  readonly row?: string;
  readonly clause?: string;
  /** The family of rows that the rule is for: rules of one name differ in it. */
  readonly family?: string;
  /** The long window of a burn rate. */
  readonly window?: string;
  readonly vantage?: string;
  /** `true`: tell those behind the first to be told. */
  readonly escalate?: 'true';
  readonly clock?: string;
}

/** Texts of an alert; Prometheus templates. */
export interface AlertTexts {
  /** One line: what is the matter. */
  readonly summary: string;
  /** What was promised and measured, what is left, since when, who agrees, what is not known. */
  readonly description: string;
}

/** One alert of one row, or of the monitor. */
export interface AlertRule {
  readonly name: AlertName;
  readonly labels: AlertLabels;
  readonly condition: Condition;
  /** How long the condition must hold before it fires. */
  readonly forMs: number;
  /** How long it goes on firing after the condition has ceased to hold. */
  readonly keepMs: number;
  readonly texts: AlertTexts;
}

/** Rules that are evaluated together. */
export interface AlertGroup {
  readonly name: string;
  /** How often; as Prometheus is told for all when absent. */
  readonly intervalMs?: number;
  readonly rules: readonly AlertRule[];
}
