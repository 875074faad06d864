import type { Check } from './core/check.ts';
import { instantJson } from './core/verdict-json.ts';
import type { RunResult } from './schedule/scheduled-check.ts';
import type { CheckStatus } from './web/sources.ts';

/** Overwritten at every run, so that a run leaves nothing behind; what is shown of it is made when somebody looks. */
interface Watched {
  check: Check;
  readonly vantage: string;
  /** When the last slot began, in milliseconds since the epoch; undefined before the first. */
  slotMs: number | undefined;
  outcome: CheckStatus['outcome'];
  cause: string | null;
  detail: string | null;
  latencyMs: number | null;
}

/** What each vantage last saw of each check; bounded by the configuration. */
export class LastSeen {
  #watched = new Map<string, Watched>();

  /** The checks and vantages that are watched from now on; what is known of those that stay is kept. */
  watch(checks: readonly Check[], vantages: readonly string[]): void {
    const watched = new Map<string, Watched>();
    for (const check of checks) {
      for (const vantage of check.vantages.filter((one) => vantages.includes(one))) {
        const key = `${check.id}\0${vantage}`;
        watched.set(key, { ...(this.#watched.get(key) ?? unseen(check, vantage)), check });
      }
    }
    this.#watched = watched;
  }

  note({ check, vantage, slot, seen, detail, latencyMs }: RunResult): void {
    const watched = this.#watched.get(`${check.id}\0${vantage}`);
    if (!watched) return;
    watched.slotMs = slot * check.intervalMs;
    watched.outcome = seen.outcome;
    watched.cause = seen.outcome === 'absent' ? seen.blind : (seen.cause ?? null);
    watched.detail = detail ?? null;
    watched.latencyMs = latencyMs ?? null;
  }

  all(): readonly CheckStatus[] {
    return Array.from(this.#watched.values(), statusOf);
  }

  /** Whether anything was seen at all. */
  get hasAny(): boolean {
    return this.#watched.values().some(({ slotMs }) => slotMs !== undefined);
  }
}

function unseen(check: Check, vantage: string): Watched {
  return { check, vantage, slotMs: undefined, outcome: null, cause: null, detail: null, latencyMs: null };
}

function statusOf({ check, vantage, slotMs, ...seen }: Watched): CheckStatus {
  const { id, probe, row, scope } = check;
  const slot = slotMs === undefined ? null : instantJson(slotMs);
  return { check: id, vantage, probe, row, scope, slot, ...seen };
}
