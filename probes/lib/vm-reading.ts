import type { ValueSpec } from '../../src/core/probe.ts';
import type { Answer, BlindReading, Evidence, Reading, Value } from '../../src/core/reading.ts';
import type { Heartbeat } from './heartbeat.ts';
import { OUTSCALE_VALUES, readingOfAnswer } from './outscale-reading.ts';
import { type OutscaleResult, toldBy } from './outscale-result.ts';
import type { VmVerdict } from './vm-state.ts';
import type { VmTold } from './vm-told.ts';

/** What a `vm` check sees, besides what every call to the provider's API has. */
export const VM_VALUES = {
  ...OUTSCALE_VALUES,
  canRestart: {
    type: 'boolean',
    summary: 'False from the first failed attempt to start the machine until it runs again (SLA9).',
    cause: 'cannot-restart',
  },
  state: {
    type: 'string',
    summary: 'State of the machine as the provider tells it; `running` also where only its heartbeat does.',
    cause: 'unexpected',
  },
  reachable: {
    type: 'boolean',
    summary: 'Whether its heartbeat was heard; not there without one, or while it does not run.',
    cause: 'unexpected',
  },
  heartbeat: {
    type: 'string',
    summary: '`connected`, or what the heartbeat came to: `refused`, `timeout` …',
    cause: 'unexpected',
  },
  heartbeatMs: { type: 'number', summary: 'Milliseconds that its TCP connection took.', cause: 'slow' },
  subregion: { type: 'string', summary: 'The subregion that it is in.', cause: 'unexpected' },
  placementServer: {
    type: 'string',
    summary: 'The hardware that it runs on, as the settings say.',
    cause: 'unexpected',
  },
  maintenance: {
    type: 'list',
    summary: 'Interventions that the provider has planned, as CODE FROM/TO: proposals for an exclusion.',
    cause: 'unexpected',
  },
} as const satisfies Record<string, ValueSpec>;

/** A look, as far as it came. */
export interface VmLook {
  readonly vmId: string;
  readonly placementServer: string | undefined;
  /** Undefined where there is none, or where it was not waited for. */
  readonly heartbeat: Heartbeat | undefined;
}

const DETAIL_LENGTH = 300;

/** The reading of a machine that the provider told of. */
export function toldReading(told: VmTold, verdict: VmVerdict, look: VmLook): Reading {
  const reading = readingOfAnswer(told.by, {
    ...lookValues(look),
    canRestart: verdict.kind !== 'cannot-restart',
    state: told.state,
    maintenance: told.maintenance,
    ...(told.subregion === undefined ? {} : { subregion: told.subregion }),
  });
  if (reading.kind !== 'answer') return reading;
  return {
    ...reading,
    ...(look.heartbeat?.kind === 'connected'
      ? { phases: { ...reading.phases, heartbeat: look.heartbeat.ms } }
      : {}),
    evidence: { ...reading.evidence, state: told.state, ...evidenceOf(verdict) },
    ...(verdict.kind === 'excluded' ? { refusal: verdict.refusal } : {}),
    ...(verdict.kind === 'running' ? {} : { detail: detailOf(told, verdict, look.vmId) }),
  };
}

/**
 * The reading of a machine that the provider did not tell of. One whose heartbeat is heard runs; of any other nothing
 * is known: that is no downtime of the machine (it is one of the API, which has its own rows), and so no fault.
 */
export function untoldReading(result: OutscaleResult, look: VmLook): Reading {
  const answered = result.kind === 'answered' ? readingOfAnswer(result) : result.reading;
  if (answered.kind === 'blind') return answered;
  const why = result.kind === 'answered' ? `${result.label}: ${toldBy(result.answer)}` : answered.detail;
  if (look.heartbeat?.kind === 'connected') return heardReading(look, look.heartbeat.ms, why ?? '');
  if (answered.kind === 'answer' && answered.refusal !== undefined) return answered;
  return untold(`${why}; the state of ${look.vmId} is not known`);
}

function heardReading(look: VmLook, ms: number, why: string): Answer {
  return {
    kind: 'answer',
    latencyMs: ms,
    phases: { heartbeat: ms },
    values: { ...lookValues(look), canRestart: true, state: 'running' },
    detail: cut(`${look.vmId} is heard; its state is not told: ${why}`),
  };
}

/** A slot in which nothing was learnt of the machine. */
export function untold(detail: string): BlindReading {
  return { kind: 'blind', blind: 'skipped', detail: cut(detail) };
}

function lookValues({ heartbeat, placementServer }: VmLook): Readonly<Record<string, Value>> {
  return {
    ...(placementServer === undefined ? {} : { placementServer }),
    ...(heartbeat?.kind === 'connected'
      ? { reachable: true, heartbeat: 'connected', heartbeatMs: heartbeat.ms }
      : {}),
    ...(heartbeat?.kind === 'silent' ? { reachable: false, heartbeat: heartbeat.fault } : {}),
  };
}

/** By which the deciding call is found in the provider's own record. */
function evidenceOf(verdict: VmVerdict): Evidence {
  if (verdict.kind === 'running' || !verdict.call) return {};
  const { call } = verdict;
  return {
    [`${call.kind}At`]: new Date(call.atMs).toISOString(),
    ...(call.requestId === undefined ? {} : { [`${call.kind}RequestId`]: call.requestId.slice(0, 128) }),
    ...(call.kind === 'start' && call.answer !== undefined ? { startAnswer: call.answer.slice(0, 128) } : {}),
  };
}

function detailOf(told: VmTold, verdict: Exclude<VmVerdict, { kind: 'running' }>, vmId: string): string {
  const what = told.state === 'gone' ? 'not among the machines told' : told.state;
  return cut(`${vmId} is ${what}: ${reasonOf(verdict)}`);
}

function reasonOf(verdict: Exclude<VmVerdict, { kind: 'running' }>): string {
  const { call } = verdict;
  const at = call ? new Date(call.atMs).toISOString() : '';
  if (call?.kind === 'stop') return `a client stopped it at ${at}`;
  if (call) {
    const answer = call.answer === undefined ? 'without an answer' : `with ${call.answer}`;
    const quota = verdict.kind === 'excluded' ? ", by the client's own quota" : '';
    return call.result === 'sent'
      ? `started at ${at}, and does not run`
      : `the start of ${at} failed ${answer}${quota}`;
  }
  const known = verdict.kind === 'excluded' && verdict.refusal === 'client-stop';
  return known ? 'its stop was announced in the configuration' : 'no start of it has failed';
}

function cut(text: string): string {
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH - 1)}…` : text;
}
