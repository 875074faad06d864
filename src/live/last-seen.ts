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
  /** By check, then vantage: a key made of both would cost more than the rest of a note. */
  #watched = new Map<string, Map<string, Watched>>();

  /** The checks and vantages that are watched from now on; what is known of those that stay is kept. */
  watch(checks: readonly Check[], vantages: readonly string[]): void {
    const watched = new Map<string, Map<string, Watched>>();
    for (const check of checks) {
      const known = this.#watched.get(check.id);
      const own = check.vantages.filter((one) => vantages.includes(one));
      watched.set(
        check.id,
        new Map(own.map((one) => [one, { ...(known?.get(one) ?? unseen(check, one)), check }])),
      );
    }
    this.#watched = watched;
  }

  note({ check, vantage, slot, seen, detail, latencyMs }: RunResult): void {
    const watched = this.#watched.get(check.id)?.get(vantage);
    if (!watched) return;
    watched.slotMs = slot * check.intervalMs;
    watched.outcome = seen.outcome;
    watched.cause = seen.outcome === 'absent' ? seen.blind : (seen.cause ?? null);
    watched.detail = detail ?? null;
    watched.latencyMs = latencyMs ?? null;
  }

  all(): readonly CheckStatus[] {
    return [...this.#all()].map(statusOf);
  }

  /** Whether anything was seen at all. */
  get hasAny(): boolean {
    return this.#all().some(({ slotMs }) => slotMs !== undefined);
  }

  #all(): IteratorObject<Watched> {
    return this.#watched.values().flatMap((byVantage) => byVantage.values());
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
