import type { Blind } from '../../src/core/cause.ts';
import type { Evidence, Reading, Value } from '../../src/core/reading.ts';
import type { BalancerReport } from './balancer-report.ts';
import { type BackendState, type FrontState, frontVerdict } from './front-verdict.ts';

/** A backend that was visited: its address, and what came of it. */
export interface VisitedBackend {
  readonly address: string;
  readonly reading: Reading;
}

/** All that one run saw of a load balancer. */
export interface BalancerSight {
  readonly front: Reading;
  /** Those that were visited directly; none when none is configured. */
  readonly backends: readonly VisitedBackend[];
  /** What the provider's API says; undefined when it was not asked. */
  readonly report: BalancerReport | undefined;
}

/** A backend with what is known of it, and in a word why. */
interface KnownBackend {
  readonly name: string;
  readonly state: BackendState;
  readonly why: string;
}

/**
 * What a run amounts to. A front that answers is an answer, whatever is behind it. For one that does not, see
 * {@link frontVerdict}: `no-backend` is a refusal, the provider's fault a fault or an answer that is not `healthy`.
 * Backends that were visited count; the provider's word for them does only where none was.
 */
export function loadBalancerReading({ front, backends, report }: BalancerSight): Reading {
  if (front.kind === 'blind') return front;
  const visited = backends.map(visitedBackend);
  const reported = (report?.backends ?? []).map(({ vmId, state, told }): KnownBackend => ({
    name: vmId,
    state,
    why: told,
  }));
  const deciding = visited.length > 0 ? visited : reported;
  const states = deciding.map(({ state }) => state);
  const verdict = frontVerdict(frontState(front), states);
  const detail = describe(front, verdict === 'served', deciding, report);
  if (verdict === 'unseen') return { kind: 'blind', blind: blindOf(backends), detail };
  const seen = {
    latencyMs: front.latencyMs ?? 0,
    phases: front.phases ?? {},
    values: {
      ...valuesOf(front, deciding),
      backends: [...visited, ...reported].slice(0, LONGEST_LIST).map(nameBackend),
      ...(report?.state === undefined ? {} : { state: report.state }),
    },
    evidence: evidenceOf(front, deciding, report),
  };
  if (verdict === 'no-backend') return { kind: 'answer', refusal: 'no-backend', ...seen, detail };
  if (front.kind === 'fault') return { kind: 'fault', fault: front.fault, ...seen, detail };
  return { kind: 'answer', ...seen, ...(detail === '' ? {} : { detail }) };
}

/** Why a backend was not seen. */
function blindOf(backends: readonly VisitedBackend[]): Blind {
  const unseen = backends.map(({ reading }) => reading).find(({ kind }) => kind === 'blind');
  return unseen?.kind === 'blind' ? unseen.blind : 'local-network';
}

const LONGEST_LIST = 100;

function statusOf(reading: Reading): number | undefined {
  const status = reading.kind === 'answer' ? reading.values?.['status'] : undefined;
  return typeof status === 'number' ? status : undefined;
}

/** A server's error is what a balancer answers that has nothing to pass on (RFC 9110 §15.6). */
function frontState(front: Exclude<Reading, { kind: 'blind' }>): FrontState {
  if (front.kind === 'fault') return 'dead';
  return (statusOf(front) ?? 0) >= 500 ? 'failing' : 'answers';
}

/** A backend is up by what a balancer takes for healthy: neither an error of ours nor of its own. */
function visitedBackend({ address, reading }: VisitedBackend): KnownBackend {
  if (reading.kind === 'blind') return { name: address, state: 'unseen', why: reading.blind };
  if (reading.kind === 'fault') return { name: address, state: 'down', why: reading.fault };
  const status = statusOf(reading);
  const isUp = status === undefined || (status >= 200 && status <= 399);
  return { name: address, state: isUp ? 'up' : 'down', why: String(status ?? '') };
}

function nameBackend({ name, state, why }: KnownBackend): string {
  return state === 'up' ? `${name}=up` : `${name}=${state}(${why})`;
}

const count = (backends: readonly KnownBackend[], ...states: readonly BackendState[]): number =>
  backends.filter(({ state }) => states.includes(state)).length;

function valuesOf(
  front: Exclude<Reading, { kind: 'blind' }>,
  backends: readonly KnownBackend[],
): Readonly<Record<string, Value>> {
  const status = statusOf(front);
  return {
    healthy: frontState(front) === 'answers',
    ...(status === undefined ? {} : { frontStatus: status }),
    ...(front.kind === 'answer' ? { frontMs: front.latencyMs } : {}),
    backendsUp: count(backends, 'up'),
    backendsDown: count(backends, 'down', 'cut-off'),
  };
}

function evidenceOf(
  front: Exclude<Reading, { kind: 'blind' }>,
  backends: readonly KnownBackend[],
  report: BalancerReport | undefined,
): Evidence {
  return {
    ...front.evidence,
    ...(backends.length === 0
      ? {}
      : { backendsUp: count(backends, 'up'), backendsDown: count(backends, 'down', 'cut-off') }),
    ...(report?.state === undefined ? {} : { state: report.state }),
  };
}

const NAMED = 3;
const DETAIL_LENGTH = 299;

/** One line: what the front did unless it serves, what is behind it, and what the API would not tell. */
function describe(
  front: Exclude<Reading, { kind: 'blind' }>,
  isServed: boolean,
  backends: readonly KnownBackend[],
  report: BalancerReport | undefined,
): string {
  const parts: string[] = [];
  if (!isServed) {
    parts.push(
      front.detail ?? `front answers ${statusOf(front) ?? ''}`,
      `backends: ${listBackends(backends)}`,
    );
    if (report?.state !== undefined) parts.push(`state ${report.state}`);
  }
  if (report?.trouble !== undefined) parts.push(report.trouble);
  const text = parts.join('; ');
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH)}…` : text;
}

function listBackends(backends: readonly KnownBackend[]): string {
  if (backends.length === 0) return 'not known';
  const rest = backends.length - NAMED;
  return backends.slice(0, NAMED).map(nameBackend).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
