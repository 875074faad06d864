import type { AlertRule } from '../rules/alert.ts';
import type { Condition } from '../rules/condition.ts';
import { labelledMembers } from '../rules/member-labels.ts';
import { alertGroups } from '../rules/rule-file.ts';
import type { AlertingSetup } from '../rules/setup.ts';
import { decisionOf } from './decision.ts';
import type { AlertFacts, Subject } from './facts.ts';
import {
  decide,
  type DecidedRule,
  type Entry,
  recall,
  REMEMBERED_MS,
  type TrackedAlert,
  type Watched,
} from './watched.ts';

/**
 * Decides, within the process, the alerts that the rules decide in Prometheus: the same conditions, delays and labels.
 * Of the rules about vigie itself it knows only those about members; the others are for whoever watches vigie.
 */
export class AlertBook {
  #setup: AlertingSetup;
  #members: readonly Watched[] = [];
  #claimRules: readonly DecidedRule[] = [];
  readonly #claims = new Map<string, Watched>();
  #isNew = true;

  constructor(setup: AlertingSetup) {
    this.#setup = setup;
    this.configure(setup);
  }

  /** Goes on with other rules or members. Alerts that are the same stand as they did; others are forgotten. */
  configure(setup: AlertingSetup): void {
    this.#setup = setup;
    const known = new Map(this.#entries().map((entry) => [keyOf(entry.labels), entry]));
    const rules = alertGroups(setup).flatMap((group) => group.rules.flatMap(decided));
    const watch = (subject: Subject, own: readonly DecidedRule[], more = {}): Watched => ({
      subject,
      entries: own.map((one) => {
        const entry = this.#newEntry(one, subject, more);
        const before = known.get(keyOf(entry.labels));
        return before ? { ...before, ...one } : entry;
      }),
    });
    const isOf =
      (labels: readonly string[]) =>
      ({ rule }: DecidedRule): boolean =>
        labelsBy(rule.condition).join() === labels.join();
    const [ofMembers, ofClocks] = [rules.filter(isOf(['row', 'scope'])), rules.filter(isOf(['clock']))];
    this.#claims.clear();
    this.#claimRules = rules.filter(isOf(['row', 'scope', 'period']));
    this.#members = [
      ...labelledMembers(setup).map(({ row, scope, labels }) =>
        ofMember({ row, scope }, labels, ofMembers, watch),
      ),
      ...ofClocks.map((one) => watch({ clock: one.rule.labels.clock ?? '' }, [one])),
    ];
  }

  /** Decides every alert anew. */
  update(facts: AlertFacts): void {
    this.#watchClaims(facts);
    for (const watched of this.#all()) {
      const verdict = facts.verdictOf(watched.subject['row'] ?? '', watched.subject['scope'] ?? '');
      if (this.#isNew && verdict) recall(watched, verdict, facts);
      for (const entry of watched.entries) decide(entry, watched, facts, verdict);
    }
    this.#isNew = false;
  }

  /** The alerts that are firing, and those that ended within the last hour; `nowMs` as in the last update. */
  alerts(nowMs: number): readonly TrackedAlert[] {
    return this.#entries().flatMap((entry) => told(entry, nowMs));
  }

  #watchClaims({ claims, atMs }: AlertFacts): void {
    const current = new Set<string>();
    for (const { row, scope, period } of claims) {
      const key = JSON.stringify([row, scope, period]);
      current.add(key);
      if (this.#claims.has(key)) continue;
      const subject = { row, scope, period };
      const entries = this.#claimRules.map((one) => this.#newEntry(one, subject, {}));
      this.#claims.set(key, { subject, entries });
    }
    for (const [key, { entries }] of this.#claims)
      if (!current.has(key) && !entries.some((entry) => told(entry, atMs).length > 0))
        this.#claims.delete(key);
  }

  #newEntry({ rule, decide: decideRule }: DecidedRule, subject: Subject, more: object): Entry {
    const { labels: extra } = this.#setup.alerting;
    const labels = { alertname: rule.name, ...subject, ...rule.labels, ...more, ...extra };
    return {
      rule,
      decide: decideRule,
      labels,
      state: { phase: 'inactive' },
      firedMs: -Infinity,
      value: null,
      verdict: undefined,
    };
  }

  #all(): readonly Watched[] {
    return [...this.#members, ...this.#claims.values()];
  }

  #entries(): readonly Entry[] {
    return this.#all().flatMap(({ entries }) => entries);
  }
}

type Watch = (subject: Subject, own: readonly DecidedRule[], more?: object) => Watched;

function ofMember(
  subject: { readonly row: string; readonly scope: string },
  memberLabels: object,
  rules: readonly DecidedRule[],
  watch: Watch,
): Watched {
  const own = rules.filter(({ rule }) => rowsOf(rule.condition)?.includes(subject.row) ?? true);
  const [labelled, bare] = [
    own.filter(({ rule }) => hasMemberLabels(rule)),
    own.filter(({ rule }) => !hasMemberLabels(rule)),
  ];
  return {
    subject,
    entries: [...watch(subject, labelled, memberLabels).entries, ...watch(subject, bare).entries],
  };
}

function hasMemberLabels({ condition }: AlertRule): boolean {
  return condition.kind === 'figures' && condition.hasMemberLabels === true;
}

function rowsOf(condition: Condition): readonly string[] | undefined {
  return condition.kind === 'figures' ? condition.all[0].figure.rows : undefined;
}

function labelsBy(condition: Condition): readonly string[] {
  return condition.kind === 'figures' ? condition.all[0].figure.by : [];
}

function decided(rule: AlertRule): readonly DecidedRule[] {
  const decide = decisionOf(rule.condition);
  return decide ? [{ rule, decide }] : [];
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The alert as others see it, if there is anything to see. */
function told({ rule, labels, state, value, verdict }: Entry, nowMs: number): readonly TrackedAlert[] {
  const isShown =
    state.phase === 'firing' || (state.phase === 'ended' && nowMs - state.endedMs < REMEMBERED_MS);
  return isShown ? [{ rule, labels, state, value, verdict }] : [];
}
