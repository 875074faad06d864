import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Contract } from '../contract/schema.ts';
import type { Clock } from '../core/clock.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Metrics, PromisedRow } from '../export/metrics.ts';
import { activeMaintenance, membersUnderMaintenance } from '../export/rules/maintenance.ts';
import { labelledMembers } from '../export/rules/member-labels.ts';
import { setupAt } from '../export/rules/setup.ts';
import { alertThresholds } from '../export/rules/thresholds.ts';
import { promiseOf } from '../export/rules/words.ts';
import type { AlertPushing } from './alert-pushing.ts';
import { claimDeadlines, type PastVerdicts } from './claims.ts';

/** What telling needs of the app around it; what may change is asked for each time. */
export interface PromiseTellingOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'promised' | 'members' | 'thresholds' | 'maintenance' | 'claims'>;
  readonly pushing: Pick<AlertPushing, 'configure' | 'maintenance' | 'claims'>;
  readonly config: () => Config;
  readonly coversRegion: () => boolean | null;
  readonly exclusions: () => readonly DeclaredExclusion[];
  /** Undefined while nobody judges here. */
  readonly verdictsOf: () => PastVerdicts | undefined;
}

/** Tells metrics and alerts what verdicts alone do not say: what is promised, what is maintained, what may be claimed. */
export class PromiseTelling {
  readonly #options: PromiseTellingOptions;
  #maintenance: { readonly config: Config; readonly key: string } | undefined;

  constructor(options: PromiseTellingOptions) {
    this.#options = options;
  }

  /** The rows of the contract that holds today, and what its alerts go by. */
  promises(): void {
    const { clock, metrics, pushing, config, coversRegion } = this.#options;
    const setup = setupAt(config(), clock.wallMs());
    metrics.promised(promisedRows(setup.contract, coversRegion()));
    metrics.members(labelledMembers(setup));
    metrics.thresholds(alertThresholds(setup));
    pushing.configure(setup);
  }

  /** Told anew only when a span of maintenance has begun or ended: members may be many. */
  maintenance(atMs: number): void {
    const { metrics, pushing, exclusions } = this.#options;
    const config = this.#options.config();
    const active = activeMaintenance(exclusions(), atMs);
    const key = active.map(({ id }) => id).join('\0');
    if (this.#maintenance?.config === config && this.#maintenance.key === key) return;
    this.#maintenance = { config, key };
    const members = membersUnderMaintenance(config, active);
    metrics.maintenance(members);
    pushing.maintenance(members);
  }

  /** Until when breaches may be claimed: past periods are judged anew for it. Never rejects. */
  async claims(): Promise<void> {
    const { clock, log, metrics, pushing, config, verdictsOf } = this.#options;
    const past = verdictsOf();
    if (!past) return;
    try {
      const deadlines = await claimDeadlines(config(), clock.wallMs(), past);
      metrics.claims(deadlines);
      pushing.claims(deadlines);
    } catch (error) {
      log.error({ err: error }, 'what may be claimed is not known');
    }
  }
}

function promisedRows(contract: Contract, covers: boolean | null): readonly PromisedRow[] {
  return contract.rows.map((row) => ({
    row: row.id,
    clause: row.clause,
    target: 'target' in row ? row.target : null,
    promise: promiseOf(row),
    period: 'period' in row ? (row.period ?? '') : '',
    eligible: row.requires === undefined ? true : covers,
  }));
}
