import type { Composition } from './composition.ts';
import type { Expectations } from './expectation.ts';

/** One target looked at by one probe every `intervalMs`, as configured: defaults filled in, secrets resolved. */
export interface Check {
  readonly id: string;
  /** The kind of probe. */
  readonly probe: string;
  /** The contract row that it measures, and the member of that row. */
  readonly row: string;
  readonly scope: string;
  /** T: one slot. Divides an hour. */
  readonly intervalMs: number;
  /** Deadline of one attempt; shorter than the interval. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Bad slots in a row before one vantage alone is believed; used only where one vantage is expected. */
  readonly confirm: number;
  /** All vantages that are expected to look. */
  readonly vantages: readonly string[];
  /** Settings, parsed by the probe's own schema. */
  readonly settings: unknown;
  /** What the answer must be, the kind's defaults included. */
  readonly expectations: Expectations;
  /** How many objects a good slot vouches for, where durability is watched; 1 when absent. */
  readonly objects?: number;
}

/** How the scope of a row is made of checks, where it is not simply `any` of those that name it. */
export interface RowComposition {
  readonly row: string;
  readonly scope: string;
  readonly bad: Composition;
}
