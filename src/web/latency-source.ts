/** Latencies in milliseconds of the answers that came in a stretch of time. */
export interface LatencyStretch {
  /** Its start, milliseconds since the epoch. */
  readonly fromMs: number;
  readonly lengthMs: number;
  /** How many there were; at least one. */
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Latencies of one check as one vantage measured them, in the order of time; a stretch without any is missing. */
export interface LatencySeries {
  readonly check: string;
  readonly vantage: string;
  readonly stretches: readonly LatencyStretch[];
}

/** What a page shows of the latencies of its checks, in their order. */
export interface ShownLatencies {
  /** Of the first checks all: as many as a chart can bear. */
  readonly drawn: readonly LatencySeries[];
  /** Of the checks after them the last stretch alone. */
  readonly listed: readonly LatencySeries[];
  /** How many checks are drawn, of how many anything is told, drawn or listed, and how many the page is about. */
  readonly checks: { readonly drawn: number; readonly told: number; readonly all: number };
}

/** Which latencies are asked for. */
export interface LatencyQuery {
  /** All checks when empty. */
  readonly checks: readonly string[];
  /** All vantages when empty. */
  readonly vantages: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a stretch: hours that divide a day, or one day. */
  readonly stepMs: number;
}

/** Latencies, or why they are not told: the question is not understood, or the store cannot be had. */
export type LatencyAnswer =
  | { readonly ok: true; readonly series: readonly LatencySeries[] }
  | { readonly ok: false; readonly why: 'unclear' | 'away'; readonly detail: string };

/** The latencies that were kept, by every process that shares the windows. */
export type LatencySource = (query: LatencyQuery) => Promise<LatencyAnswer>;
