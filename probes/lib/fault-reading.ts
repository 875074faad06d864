import type { Fault } from '../../src/core/cause.ts';
import type { Evidence, Reading } from '../../src/core/reading.ts';
import { faultOf } from './faults.ts';

/** What is known of an attempt that came to nothing. */
export interface Attempt {
  /** What was asked of whom, for people: begins the detail. */
  readonly label: string;
  /** Absent when nothing was sent. */
  readonly latencyMs?: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly evidence: Evidence;
}

/** Why it came to nothing: the runtime's own error, or what the probe made of what it saw. */
export type Trouble =
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly text: string };

/** The reading of such an attempt. Throws the error when the table of faults does not know it: a bug of ours. */
export function faultReading({ label, ...seen }: Attempt, trouble: Trouble): Reading {
  if (trouble.kind === 'fault') {
    return { kind: 'fault', fault: trouble.fault, detail: `${label}: ${trouble.text}`, ...seen };
  }
  const known = faultOf(trouble.error);
  if (!known) throw trouble.error;
  const detail = `${label}: ${known.code}`;
  if (known.kind === 'blind') return { kind: 'blind', blind: known.blind, detail };
  return {
    kind: 'fault',
    fault: known.fault,
    detail,
    ...seen,
    evidence: { ...seen.evidence, code: known.code },
  };
}

/** The trouble of a peer that ended the connection too early: within its reply that is no longer the protocol. */
export function closedEarly(received: number): Trouble {
  return received === 0
    ? { kind: 'fault', fault: 'reset', text: 'connection closed before a reply' }
    : { kind: 'fault', fault: 'protocol', text: `connection closed within a reply, after ${received} bytes` };
}

/** The trouble of a deadline that came first. */
export function timedOut(doing: string): Trouble {
  return { kind: 'fault', fault: 'timeout', text: `timeout ${doing}` };
}
