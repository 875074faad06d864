import type { Logger } from 'pino';
import type { AlertmanagerAccess } from '../config/alerting.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { Secret } from '../core/secret.ts';
import type { Verdict } from '../core/verdict.ts';
import { AlertPush } from '../export/alerting/alert-push.ts';
import type { Sightings } from '../export/alerting/alert-texts.ts';
import type { PushOutcome } from '../export/alerting/alertmanager.ts';
import type { ClaimDeadline, Metrics, SupportFigures } from '../export/metrics.ts';
import type { MemberMaintenance } from '../export/rules/maintenance.ts';
import { watchedMembers } from '../export/rules/setup.ts';
import type { CheckStatus } from '../web/sources.ts';

/** What pushing alerts needs of the app around it. */
export interface AlertPushingOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'pushed'>;
  /** Whether this process speaks for all. */
  readonly leads: () => boolean;
  /** What each vantage of this process last saw. */
  readonly checks: () => readonly CheckStatus[];
}

/** Pushes alerts while the configuration wants it, to the Alertmanagers that it names. */
export class AlertPushing {
  readonly #options: AlertPushingOptions;
  /** What the last request to each Alertmanager came to. */
  readonly #last = new Map<string, PushOutcome['result']>();
  #push: AlertPush | undefined;
  #wanted = '';
  #maintenance: readonly MemberMaintenance[] = [];
  #support: SupportFigures | undefined;
  #claims: readonly ClaimDeadline[] = [];

  constructor(options: AlertPushingOptions) {
    this.#options = options;
  }

  /** Goes on with this configuration, whose contract is the one in force. */
  configure(config: Config): void {
    const { push, alertmanagers } = config.alerting;
    const wanted = push === false ? '' : `${push} ${fingerprint(alertmanagers)}`;
    if (wanted === this.#wanted) {
      this.#push?.configure(config);
      return;
    }
    this.#wanted = wanted;
    void this.#push?.stop();
    this.#push = push === false ? undefined : this.#begin(config);
  }

  judged(atMs: number, verdicts: readonly Verdict[]): void {
    this.#push?.judged(atMs, verdicts);
  }

  maintenance(members: readonly MemberMaintenance[]): void {
    this.#maintenance = members;
    this.#push?.maintenance(members);
  }

  support(figures: SupportFigures): void {
    this.#support = figures;
    this.#push?.support(figures);
  }

  claims(deadlines: readonly ClaimDeadline[]): void {
    this.#claims = deadlines;
    this.#push?.claims(deadlines);
  }

  async stop(): Promise<void> {
    await this.#push?.stop();
  }

  #begin(config: Config): AlertPush {
    const { clock, leads, checks } = this.#options;
    const push = new AlertPush({
      clock,
      setup: config,
      alertmanagers: config.alerting.alertmanagers,
      tellers: config.alerting.push === 'alone' ? 'alone' : 'rules-too',
      leads,
      sightings: (setup) => sightingsIn(watchedMembers(setup), checks()),
      onOutcome: (alertmanager, outcome) => this.#note(alertmanager, outcome),
    });
    push.maintenance(this.#maintenance);
    if (this.#support) push.support(this.#support);
    push.claims(this.#claims);
    return push;
  }

  /** Trouble is told when it begins, changes or ends, not at every attempt. */
  #note(alertmanager: string, { result, code }: PushOutcome): void {
    const { log, metrics } = this.#options;
    metrics.pushed(alertmanager, result);
    const before = this.#last.get(alertmanager) ?? 'accepted';
    this.#last.set(alertmanager, result);
    if (result === before) return;
    if (result === 'accepted') log.info({ alertmanager }, 'Alertmanager takes alerts again');
    else log.error({ alertmanager, result, code }, 'Alertmanager does not take alerts');
  }
}

/** Changes whenever anything about how they are spoken to does, secrets included. */
function fingerprint(alertmanagers: readonly AlertmanagerAccess[]): string {
  const secrets = alertmanagers.flatMap(({ password, token, tls }) =>
    [password, token, tls?.ca].map((one) => (one instanceof Secret ? one.fingerprint() : '')),
  );
  return JSON.stringify([alertmanagers, secrets]);
}

type Members = ReturnType<typeof watchedMembers>;

function sightingsIn(
  members: Members,
  statuses: readonly CheckStatus[],
): (row: string, scope: string) => Sightings {
  const byCheck = Map.groupBy(statuses, ({ check }) => check);
  return (row, scope) => {
    const member = members.find((one) => one.row === row && one.scope === scope);
    const seen = (member?.checks ?? []).flatMap(({ id }) => byCheck.get(id) ?? []);
    const by = (outcome: string): readonly string[] =>
      [...new Set(seen.filter((one) => one.outcome === outcome).map(({ vantage }) => vantage))].sort();
    return { good: by('good'), bad: by('bad') };
  };
}
