import type { Check } from './core/check.ts';
import { instantJson } from './core/verdict-json.ts';
import type { RunResult } from './schedule/scheduled-check.ts';
import type { CheckStatus } from './web/sources.ts';

/** What each vantage last saw of each check; bounded by the configuration. */
export class LastSeen {
  #statuses = new Map<string, CheckStatus>();

  /** The checks and vantages that are watched from now on; what is known of those that stay is kept. */
  watch(checks: readonly Check[], vantages: readonly string[]): void {
    const statuses = new Map<string, CheckStatus>();
    for (const check of checks) {
      for (const vantage of check.vantages.filter((one) => vantages.includes(one))) {
        const key = `${check.id}\0${vantage}`;
        statuses.set(key, this.#statuses.get(key) ?? unseen(check, vantage));
      }
    }
    this.#statuses = statuses;
  }

  note({ check, vantage, slot, seen, detail, latencyMs }: RunResult): void {
    const key = `${check.id}\0${vantage}`;
    if (!this.#statuses.has(key)) return;
    this.#statuses.set(key, {
      ...unseen(check, vantage),
      slot: instantJson(slot * check.intervalMs),
      outcome: seen.outcome,
      cause: seen.outcome === 'absent' ? seen.blind : (seen.cause ?? null),
      detail: detail ?? null,
      latencyMs: latencyMs ?? null,
    });
  }

  all(): readonly CheckStatus[] {
    return [...this.#statuses.values()];
  }

  /** Whether anything was seen at all. */
  get hasAny(): boolean {
    return this.all().some((status) => status.slot !== null);
  }
}

function unseen(check: Check, vantage: string): CheckStatus {
  const { id, probe, row, scope } = check;
  const nothing = { slot: null, outcome: null, cause: null, detail: null, latencyMs: null };
  return { check: id, vantage, probe, row, scope, ...nothing };
}
