import type { Answer, Evidence, Reading, Value } from '../../src/core/reading.ts';
import type { S3Answer, S3Step } from './s3-step.ts';

/** The run is over, with this reading. */
export interface Over {
  readonly kind: 'over';
  readonly reading: Reading;
}

/** What several operations, one after the other, took together. */
export class S3Journey {
  readonly #phases: Record<string, number> = {};
  #latencyMs = 0;

  /** Phases in milliseconds: those of connecting, and each operation by its name. */
  get phases(): Readonly<Record<string, number>> {
    return this.#phases;
  }

  /**
   * Adds one operation. Its answer, or the reading of the run where it ends that whatever was wanted of it: no answer,
   * or one that speaks of our own keys, clock or limits.
   */
  take(operation: string, step: S3Step): S3Answer | Over {
    for (const [phase, ms] of Object.entries({ ...step.connecting, [operation]: step.tookMs })) {
      this.#phases[phase] = (this.#phases[phase] ?? 0) + ms;
      this.#latencyMs += ms;
    }
    const seen = { latencyMs: this.#latencyMs, phases: this.phases };
    if (step.kind === 'ended') {
      const { reading } = step;
      return { kind: 'over', reading: reading.kind === 'blind' ? reading : { ...reading, ...seen } };
    }
    if (!step.own) return step;
    const detail = failureOf(step);
    if (step.own.kind === 'blind')
      return { kind: 'over', reading: { kind: 'blind', blind: step.own.blind, detail } };
    const { refusal } = step.own;
    return {
      kind: 'over',
      reading: { kind: 'answer', refusal, detail, ...seen, evidence: evidenceOf(step) },
    };
  }

  /** The answer that it all came to. */
  answer(values: Readonly<Record<string, Value>>, evidence: Evidence, detail?: string): Answer {
    const { phases } = this;
    const told = detail === undefined ? {} : { detail };
    return { kind: 'answer', latencyMs: this.#latencyMs, phases, values, evidence, ...told };
  }

  /** The fault of an answer that is not what S3 answers to the operation. */
  notS3({ label }: S3Answer): Over {
    const seen = { latencyMs: this.#latencyMs, phases: this.phases };
    const detail = `${label}: answer is not one of S3`;
    return { kind: 'over', reading: { kind: 'fault', fault: 'protocol', detail, ...seen } };
  }
}

/** Method, address, status and error code of an answer, for people. */
export function failureOf({ label, status, code }: S3Answer): string {
  return `${label}: ${status} ${code}`.trimEnd();
}

/** What is kept of an answer for the claim. */
export function evidenceOf({ status, code, requestId }: S3Answer): Evidence {
  return {
    status,
    ...(code === '' ? {} : { errorCode: code }),
    ...(requestId === '' ? {} : { 'x-amz-request-id': requestId }),
  };
}

/** What a run says that was over before it began. */
export function overBefore(url: URL): Reading {
  return { kind: 'fault', fault: 'timeout', detail: `${url.origin}: timeout before it began` };
}
