/** A row of the contract: one promise, or the plain statement that there is none. Lengths in milliseconds. */
export interface RowJson {
  readonly row: string;
  readonly clause: string;
  readonly title: string;
  readonly type: string;
  /** Percent, as the contract writes it; null where no share is promised. */
  readonly target: string | null;
  /** Over which the figure is taken; null where it is taken over none. */
  readonly period: 'month' | 'year' | null;
  /** What must be deployed where for the row to be claimed; null when nothing. */
  readonly requires: string | null;
  /** Of what each member is promised by itself; null where the row is promised as a whole. */
  readonly individual: string | null;
  /** How bad time becomes counted time; null where it does not by incidents. */
  readonly incident: {
    readonly deductMs: number;
    readonly mergeGapMs: number;
    readonly minimumMs: number;
  } | null;
  /** What else the text says. */
  readonly rules: readonly string[];
  /** The members that are judged, and the checks that each is made of. */
  readonly members: readonly { readonly scope: string; readonly checks: readonly string[] }[];
}

/** The contract that holds now. */
export interface ContractJson {
  readonly contract: string;
  readonly version: string;
  readonly title: string | null;
  readonly region: string;
  /** The zone of the edges of months and years. */
  readonly timezone: string;
  /** By name, in the order of the contract; the first drives the alerts. */
  readonly readings: readonly { readonly reading: string; readonly title: string | null }[];
  /** In the order of the contract. */
  readonly rows: readonly RowJson[];
}
