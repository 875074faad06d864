import type { Check } from '../core/check.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { RunResult } from '../schedule/scheduled-check.ts';
import type { CheckStatus } from '../web/sources.ts';

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
  /** In the order of the configuration. */
  #watched: readonly Watched[] = [];
  /** The same by vantage, then check: vantages are few, and looking for one of them costs next to nothing. */
  #byVantage: ReadonlyMap<string, Map<string, Watched>> = new Map();

  /** The checks and vantages that are watched from now on; what is known of those that stay is kept. */
  watch(checks: readonly Check[], vantages: readonly string[]): void {
    const watched = checks.flatMap((check) =>
      check.vantages
        .filter((one) => vantages.includes(one))
        .map((one) => ({ ...(this.#of(check.id, one) ?? unseen(check, one)), check })),
    );
    const byVantage = new Map(vantages.map((one) => [one, new Map<string, Watched>()]));
    for (const one of watched) byVantage.get(one.vantage)?.set(one.check.id, one);
    this.#watched = watched;
    this.#byVantage = byVantage;
  }

  note({ check, vantage, slot, seen, detail, latencyMs }: RunResult): void {
    const watched = this.#of(check.id, vantage);
    if (!watched) return;
    watched.slotMs = slot * check.intervalMs;
    watched.outcome = seen.outcome;
    watched.cause = seen.outcome === 'absent' ? seen.blind : (seen.cause ?? null);
    watched.detail = detail ?? null;
    watched.latencyMs = latencyMs ?? null;
  }

  all(): readonly CheckStatus[] {
    return this.#watched.map(statusOf);
  }

  /** Whether anything was seen at all. */
  get hasAny(): boolean {
    return this.#watched.some(({ slotMs }) => slotMs !== undefined);
  }

  #of(check: string, vantage: string): Watched | undefined {
    return this.#byVantage.get(vantage)?.get(check);
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
