/** One measured quantity: the median of several rounds with their range, and the goal it is held against. */
export interface Figure {
  /** What was measured, of whom. */
  readonly what: string;
  /** Unit of all numbers; `×` for a ratio. */
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Rounds measured. */
  readonly rounds: number;
  /** The most that the median may be. */
  readonly goal?: number;
}

/** A benchmark: what it is called on the command line, the goal of the project it shows, and how it is run. */
export interface Bench {
  readonly name: string;
  /** What is measured, in a line. */
  readonly summary: string;
  /** Takes about a minute at the most; leaves no process, port or file behind. `skipped` says why nothing was measured. */
  run(): Promise<readonly Figure[] | { readonly skipped: string }>;
}

/** The value that a share of the samples lies at or below; NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** A figure of the samples of several rounds. */
export function figure(what: string, unit: string, samples: readonly number[], goal?: number): Figure {
  return {
    what,
    unit,
    median: quantile(samples, 0.5),
    min: Math.min(...samples),
    max: Math.max(...samples),
    rounds: samples.length,
    ...(goal === undefined ? {} : { goal }),
  };
}

/** Ours by theirs, round by round. */
export function ratio(
  what: string,
  ours: readonly number[],
  theirs: readonly number[],
  goal?: number,
): Figure {
  return figure(
    what,
    '×',
    ours.map((value, i) => value / (theirs[i] ?? Number.NaN)),
    goal,
  );
}

/** Whether a figure is within its goal; undefined without one. */
export function holds({ median, goal }: Figure): boolean | undefined {
  return goal === undefined ? undefined : median <= goal;
}
