import type { Config } from '../config/config.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { HealthJson, VantageHealthJson } from '../web/health-source.ts';
import type { CheckStatus } from '../web/sources.ts';

/** What is known of how vigie itself stands; instants in milliseconds since the epoch. */
export interface OwnState {
  readonly nowMs: number;
  readonly version: string;
  readonly startedMs: number;
  /** By a clock that does not step. */
  readonly uptimeMs: number;
  readonly reasons: readonly string[];
  readonly judged: { readonly atMs: number; readonly verdicts: readonly unknown[] } | undefined;
  /** Whether this judge leads; undefined where none does. */
  readonly leads?: boolean | undefined;
  readonly windows: HealthJson['windows'];
  /** None where windows are embedded. */
  readonly heard?: HealthJson['heard'] | undefined;
  readonly config: Config;
  readonly loadedMs: number;
  readonly isLatestConfig: boolean;
  readonly checks: readonly CheckStatus[];
  readonly warnings: readonly string[];
}

/** How vigie itself stands, as the web server shows it. */
export function ownHealth(state: OwnState): HealthJson {
  const { nowMs, startedMs, reasons, judged, config, checks } = state;
  const vantages = [...Map.groupBy(checks, ({ vantage }) => vantage)].map(vantageHealth);
  const own = new Set(vantages.map(({ vantage }) => vantage));
  return {
    at: instantJson(nowMs),
    version: state.version,
    startedAt: instantJson(startedMs),
    uptimeMs: Math.round(state.uptimeMs),
    ready: reasons.length === 0,
    reasons,
    judge: {
      lastAt: judged ? instantJson(judged.atMs) : null,
      verdicts: judged?.verdicts.length ?? 0,
      leads: state.leads ?? null,
    },
    windows: state.windows,
    vantages,
    elsewhere: config.vantages.filter((vantage) => !own.has(vantage)),
    heard: state.heard ?? [],
    configuration: {
      checks: config.checks.length,
      loadedAt: instantJson(state.loadedMs),
      isLatest: state.isLatestConfig,
    },
    warnings: state.warnings,
  };
}

function vantageHealth([vantage, checks]: readonly [string, readonly CheckStatus[]]): VantageHealthJson {
  const count = (outcome: CheckStatus['outcome']): number =>
    checks.filter((check) => check.outcome === outcome).length;
  const slots = checks.flatMap(({ slot }) => (slot === null ? [] : [slot])).sort();
  return {
    vantage,
    checks: checks.length,
    good: count('good'),
    bad: count('bad'),
    excluded: count('excluded'),
    absent: count('absent'),
    unseen: count(null),
    lastSlot: slots.at(-1) ?? null,
  };
}
