import type { Check } from './core/check.ts';
import { instantJson } from './core/verdict-json.ts';
import type { RunResult } from './schedule/scheduled-check.ts';
import type { CheckStatus } from './web/sources.ts';

interface Watched {
  readonly check: Check;
  readonly vantage: string;
  last: RunResult | undefined;
}

/** What each vantage last saw of each check; bounded by the configuration. */
export class LastSeen {
  #watched = new Map<string, Watched>();
  #hasAny = false;

  /** The checks and vantages that are watched from now on; what is known of those that stay is kept. */
  watch(checks: readonly Check[], vantages: readonly string[]): void {
    const watched = new Map<string, Watched>();
    for (const check of checks) {
      for (const vantage of check.vantages.filter((one) => vantages.includes(one))) {
        const key = `${check.id}\0${vantage}`;
        watched.set(key, { check, vantage, last: this.#watched.get(key)?.last });
      }
    }
    this.#watched = watched;
    this.#hasAny = [...watched.values()].some(({ last }) => last);
  }

  /** Called at every run: what is shown of it is made when somebody looks. */
  note(result: RunResult): void {
    const watched = this.#watched.get(`${result.check.id}\0${result.vantage}`);
    if (!watched) return;
    watched.last = result;
    this.#hasAny = true;
  }

  all(): readonly CheckStatus[] {
    return Array.from(this.#watched.values(), statusOf);
  }

  /** Whether anything was seen at all. */
  get hasAny(): boolean {
    return this.#hasAny;
  }
}

function statusOf({ check: { id, probe, row, scope }, vantage, last }: Watched): CheckStatus {
  const key = { check: id, vantage, probe, row, scope };
  if (!last) return { ...key, slot: null, outcome: null, cause: null, detail: null, latencyMs: null };
  const { seen, detail, latencyMs } = last;
  return {
    ...key,
    // In the interval that the run had, which a reload may have changed since.
    slot: instantJson(last.slot * last.check.intervalMs),
    outcome: seen.outcome,
    cause: seen.outcome === 'absent' ? seen.blind : (seen.cause ?? null),
    detail: detail ?? null,
    latencyMs: latencyMs ?? null,
  };
}
