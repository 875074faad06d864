import type { MetricName } from '../catalogue.ts';
import type { ThresholdGauge } from './thresholds.ts';

/** A figure that the daemon exports, folded over the processes that export it. */
export interface Figure {
  readonly metric: MetricName;
  /** Labels that the series must have. */
  readonly where: Readonly<Record<string, string>>;
  /** The rows that it is looked at for; all when absent. */
  readonly rows?: readonly string[];
  /** Labels of which every value is a figure of its own, and which an alert has. */
  readonly by: readonly string[];
  readonly fold: 'max' | 'min' | 'sum';
  /**
   * What is made of it, seconds where an instant is: how long ago an instant was, how long until it comes, or by how
   * much a counter has grown within minutes. The value itself when absent.
   */
  readonly as?: 'age' | 'time-left' | { readonly growthOverMinutes: number };
}

/** What a figure is compared with: a threshold that the daemon exports, or a number that no one would tune. */
export type Limit =
  | number
  | {
      readonly gauge: ThresholdGauge;
      readonly alert: string;
      /** Whose threshold it is; empty: that of all rows; the row of the figure itself when absent. */
      readonly row?: string;
    };

/** How a figure compares with a limit. */
export type Operator = '>=' | '<=' | '>' | '<' | '==';

/** A figure and a limit. True of each of the figure's members on its own. */
export interface Comparison {
  readonly figure: Figure;
  readonly operator: Operator;
  readonly limit: Limit;
}

/** Alerts of which one is firing, or was within a span, for the same member. */
export interface Firing {
  readonly alerts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** How far back it may lie; now only, when absent. */
  readonly withinMs?: number;
}

/** When an alert is to fire: as data, so that rules, their tests and whoever pushes alerts say the same. */
export type Condition =
  | {
      readonly kind: 'figures';
      /** All must hold. The first one's value is the alert's. */
      readonly all: readonly [Comparison, ...Comparison[]];
      /** None may hold. */
      readonly unless: readonly Comparison[];
      /** An alert that tells of the same downtime already. */
      readonly unlessFiring?: Firing;
      /** Once it fires it goes on for as long as the first figure has a value, whatever that is. */
      readonly holds?: Firing;
      /** Once it fires it goes on while all of these hold: what it looks at is not known. */
      readonly frozen?: { readonly firing: Firing; readonly while: readonly [Comparison, ...Comparison[]] };
      /** Its alerts have the labels of the row member that they are about (src/export/rules/member-labels.ts). */
      readonly hasMemberLabels?: true;
    }
  /** A counter that does not grow over some minutes, or has no series at all. */
  | {
      readonly kind: 'silent';
      readonly metric: MetricName;
      readonly where: Readonly<Record<string, string>>;
      readonly overMinutes: number;
    }
  /** A gauge that nobody exports. */
  | { readonly kind: 'missing'; readonly metric: MetricName }
  | { readonly kind: 'always' };
