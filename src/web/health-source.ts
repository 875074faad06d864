/** How vigie itself stands; instants in RFC 3339. */
export interface HealthJson {
  readonly at: string;
  readonly version: string;
  readonly startedAt: string;
  readonly uptimeMs: number;
  readonly ready: boolean;
  /** Why it is not, one line each for people. */
  readonly reasons: readonly string[];
  readonly judge: {
    /** When the windows were last judged; null before the first time. */
    readonly lastAt: string | null;
    readonly verdicts: number;
    /** Whether it leads, or judges beside another that does; null where this process does not judge. */
    readonly leads: boolean | null;
  };
  readonly windows: {
    readonly kind: 'embedded' | 'shared';
    readonly up: boolean;
    /** Why not, for people; null when they are. */
    readonly trouble: string | null;
    /** Slots that wait here to be merged into shared windows. */
    readonly spilledSlots: number;
  };
  /** What this process looks from, by name. */
  readonly vantages: readonly VantageHealthJson[];
  /** Vantages of the configuration that other processes look from. */
  readonly elsewhere: readonly string[];
  /** All expected vantages, as they are heard of through shared windows; none where windows are embedded. */
  readonly heard: readonly HeardVantageJson[];
  readonly configuration: {
    readonly checks: number;
    /** When what is in force was read. */
    readonly loadedAt: string;
    /** False when a newer one was refused. */
    readonly isLatest: boolean;
  };
  /** What somebody should know, one line each for people. */
  readonly warnings: readonly string[];
}

/** Who looks from an expected vantage. */
export interface HeardVantageJson {
  readonly vantage: string;
  /** The processes that do, by name. */
  readonly members: readonly string[];
  /** For how long nothing was heard of it; 0 while something is, null when nothing ever was. */
  readonly silentForMs: number | null;
}

/** How the checks of one vantage last came out. */
export interface VantageHealthJson {
  readonly vantage: string;
  readonly checks: number;
  readonly good: number;
  readonly bad: number;
  readonly excluded: number;
  /** Those whose last slot was not seen. */
  readonly absent: number;
  /** Those that have not run yet. */
  readonly unseen: number;
  /** When the latest slot began; null before the first. */
  readonly lastSlot: string | null;
}
