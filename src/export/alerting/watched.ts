import type { Incident, Verdict } from '../../core/verdict.ts';
import type { AlertRule } from '../rules/alert.ts';
import type { Condition, Firing } from '../rules/condition.ts';
import { type AlertState, nextState } from './alert-state.ts';
import type { Decide } from './decision.ts';
import type { AlertFacts, Subject } from './facts.ts';

/** An alert that is firing, or ended not long ago. */
export interface TrackedAlert {
  readonly rule: AlertRule;
  /** All labels, the name among them: its identity, the same as that of the alert that the rule makes. */
  readonly labels: Readonly<Record<string, string>>;
  readonly state: Extract<AlertState, { phase: 'firing' | 'ended' }>;
  /** The value of its first figure when its condition last held; null where that was not known. */
  readonly value: number | null;
  /** The verdict that it was last decided by; undefined where it is about none. */
  readonly verdict: Verdict | undefined;
}

/** An ended alert is remembered for so long, in milliseconds. */
export const REMEMBERED_MS = 3_600_000;

/** A rule that can be decided within the process. */
export interface DecidedRule {
  readonly rule: AlertRule;
  readonly decide: Decide;
}

/** One alert of one subject, whether it fires or not. */
export interface Entry {
  readonly rule: AlertRule;
  readonly decide: Decide;
  readonly labels: Readonly<Record<string, string>>;
  state: AlertState;
  firedMs: number;
  value: number | null;
  verdict: Verdict | undefined;
}

/** One thing that alerts are about, and its alerts. */
export interface Watched {
  readonly subject: Subject;
  readonly entries: readonly Entry[];
}

/** Decides an alert anew. */
export function decide(
  entry: Entry,
  { subject, entries }: Watched,
  facts: AlertFacts,
  verdict?: Verdict,
): void {
  const { rule } = entry;
  const isFiring = (firing: Firing): boolean => entries.some((other) => isAmong(other, firing, facts.atMs));
  const { holds, value } = entry.decide(facts, { subject, verdict }, isFiring);
  const beganMs = isAboutIncident(rule.condition) ? verdict?.openIncident?.fromMs : undefined;
  const found = { holds, nowMs: facts.atMs, ...(beganMs !== undefined && { beganMs }) };
  entry.state = nextState(entry.state, found, rule);
  if (entry.state.phase === 'firing') entry.firedMs = facts.atMs;
  if (!holds) return;
  entry.value = value;
  entry.verdict = verdict;
}

function isAmong({ rule, labels, state, firedMs }: Entry, firing: Firing, atMs: number): boolean {
  if (!firing.alerts.includes(rule.name)) return false;
  if (!Object.entries(firing.labels).every(([name, text]) => labels[name] === text)) return false;
  return firing.withinMs === undefined ? state.phase === 'firing' : atMs - firedMs <= firing.withinMs;
}

/** Whether an alert tells of the incident that is going on, and so began with it. */
function isAboutIncident(condition: Condition): boolean {
  return (
    condition.kind === 'figures' &&
    condition.all.some(({ figure }) => figure.metric.startsWith('vigie_sla_incident_'))
  );
}

/**
 * What a process that has just started must know of what came before: an incident that ended while nobody told of it.
 * Whoever heard of its beginning is then told of its end.
 */
export function recall({ entries, subject }: Watched, verdict: Verdict, facts: AlertFacts): void {
  const last = verdict.incidents.findLast(({ fromMs }) => fromMs !== verdict.openIncident?.fromMs);
  if (!last || facts.atMs - last.toMs >= REMEMBERED_MS) return;
  const then = { ...verdict, openIncident: last };
  for (const entry of entries) {
    if (!tellsOfIncident(entry.rule) || !entry.decide(facts, { subject, verdict: then }, () => false).holds)
      continue;
    entry.verdict = then;
    entry.state = stateAfter(last, entry.rule.keepMs, facts.atMs);
  }
}

function tellsOfIncident({ condition }: AlertRule): boolean {
  return condition.kind === 'figures' && condition.holds !== undefined;
}

function stateAfter({ fromMs: startsMs, toMs }: Incident, keepMs: number, nowMs: number): AlertState {
  const endedMs = toMs + keepMs;
  if (nowMs < endedMs) return { phase: 'firing', startsMs, quietSinceMs: toMs };
  return { phase: 'ended', startsMs, endedMs };
}
