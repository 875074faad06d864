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

const SUBJECTS_A_SLICE = 32;

/**
 * Decides, within the process, the alerts that the rules decide in Prometheus: the same conditions, delays and labels.
 * Of the rules about vigie itself it knows only those about members; the others are for whoever watches vigie.
 */
export class AlertBook {
  #setup: AlertingSetup;
  #watched: readonly Watched[] = [];
  #claimRules: readonly DecidedRule[] = [];
  readonly #claims = new Map<string, Watched>();
  /** The alerts that are not inactive: few among many. */
  readonly #begun = new Set<Entry>();
  #isNew = true;

  constructor(setup: AlertingSetup) {
    this.#setup = setup;
    this.configure(setup);
  }

  /** Goes on with other rules or members. Alerts that are the same stand as they did; others are forgotten. */
  configure(setup: AlertingSetup): void {
    this.#setup = setup;
    const known = new Map([...this.#begun].map((entry) => [keyOf(entry.labels), entry]));
    this.#begun.clear();
    this.#claims.clear();
    const rules = alertGroups(setup).flatMap((group) => group.rules.flatMap(decided));
    const ofClocks = rules.filter(isBy('clock'));
    this.#claimRules = rules.filter(isBy('row', 'scope', 'period'));
    const rulesOf = byRow(rules.filter(isBy('row', 'scope')));
    this.#watched = [
      ...labelledMembers(setup).map(({ row, scope, labels }) =>
        this.#watch({ row, scope }, rulesOf(row), labels, known),
      ),
      ...ofClocks.map((one) => this.#watch({ clock: one.rule.labels.clock ?? '' }, [one], {}, known)),
    ];
  }

  /** Decides every alert anew, in slices: each step of the iterator is a fraction of a millisecond. */
  *update(facts: AlertFacts): Generator<void, void, void> {
    this.#watchClaims(facts);
    const isNew = this.#isNew;
    this.#isNew = false;
    const setup = this.#setup;
    for (const [i, watched] of this.#all().entries()) {
      const verdict = facts.verdictOf(watched.subject['row'] ?? '', watched.subject['scope'] ?? '');
      if (isNew && verdict) recall(watched, verdict, facts);
      for (const entry of watched.entries) {
        const before = entry.state;
        decide(entry, watched, facts, verdict);
        if (entry.state !== before || isNew) this.#note(entry);
      }
      if (i % SUBJECTS_A_SLICE === SUBJECTS_A_SLICE - 1) yield;
      // Configured anew meanwhile: the next update decides.
      if (this.#setup !== setup) return;
    }
  }

  /** The alerts that are firing, and those that ended within the last hour; `nowMs` as in the last update. */
  alerts(nowMs: number): readonly TrackedAlert[] {
    return [...this.#begun].flatMap((entry) => told(entry, nowMs));
  }

  #note(entry: Entry): void {
    if (entry.state.phase === 'inactive') this.#begun.delete(entry);
    else this.#begun.add(entry);
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
    for (const [key, { entries }] of this.#claims) {
      if (current.has(key) || entries.some((entry) => told(entry, atMs).length > 0)) continue;
      for (const entry of entries) this.#begun.delete(entry);
      this.#claims.delete(key);
    }
  }

  #watch(
    subject: Subject,
    rules: readonly DecidedRule[],
    labels: object,
    known: ReadonlyMap<string, Entry>,
  ): Watched {
    const entries = rules.map((one) => {
      const entry = this.#newEntry(one, subject, hasMemberLabels(one.rule) ? labels : {});
      const before = known.size === 0 ? undefined : known.get(keyOf(entry.labels));
      if (!before) return entry;
      const same = { ...before, ...one };
      this.#begun.add(same);
      return same;
    });
    return { subject, entries };
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
    return [...this.#watched, ...this.#claims.values()];
  }
}

/** Whether a rule's alerts are told apart by these labels. */
function isBy(...labels: readonly string[]): (one: DecidedRule) => boolean {
  return ({ rule: { condition } }) =>
    condition.kind === 'figures' && condition.all[0].figure.by.join() === labels.join();
}

/** The rules for the members of a row; found once for each. */
function byRow(rules: readonly DecidedRule[]): (row: string) => readonly DecidedRule[] {
  const found = new Map<string, readonly DecidedRule[]>();
  return (row) => {
    const known = found.get(row) ?? rules.filter(({ rule }) => rowsOf(rule.condition)?.includes(row) ?? true);
    found.set(row, known);
    return known;
  };
}

function hasMemberLabels({ condition }: AlertRule): boolean {
  return condition.kind === 'figures' && condition.hasMemberLabels === true;
}

function rowsOf(condition: Condition): readonly string[] | undefined {
  return condition.kind === 'figures' ? condition.all[0].figure.rows : undefined;
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
