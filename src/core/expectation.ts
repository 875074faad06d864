import type { Blind, Cause, Unmet } from './cause.ts';
import type { Outcome } from './observation.ts';
import type { ValueSpec } from './probe.ts';
import type { Answer, Evidence, Reading, Value } from './reading.ts';

type Scalar = string | number | boolean;

/** What a value must be. Every member that is present must hold. Numbers compare as they are (latency: ms). */
export interface Matcher {
  readonly is?: Scalar;
  readonly not?: Scalar;
  readonly in?: readonly Scalar[];
  /** Strictly less than. */
  readonly below?: number;
  /** Strictly more than. */
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** An unanchored regular expression over a string, or over at least one member of a list. */
  readonly matches?: RegExp;
  /** A substring of a string, or a member of a list. */
  readonly contains?: string;
}

/** By value name; `latency` is there for every kind of probe. */
export type Expectations = Readonly<Record<string, Matcher>>;

/** What a reading amounts to, before it is tied to a slot. */
export type Classification =
  | { readonly outcome: 'good'; readonly detail?: string }
  | {
      readonly outcome: Exclude<Outcome, 'good'>;
      readonly cause: Cause;
      readonly detail: string;
      readonly evidence?: Evidence;
    }
  | { readonly outcome: 'absent'; readonly blind: Blind; readonly detail: string };

/** Whether a value is what the matcher asks for. A value that is not there matches nothing. */
export function matches(value: Value | undefined, matcher: Matcher): boolean {
  if (value === undefined) return false;
  return (
    (matcher.is === undefined || value === matcher.is) &&
    (matcher.not === undefined || value !== matcher.not) &&
    (matcher.in === undefined || matcher.in.some((candidate) => candidate === value)) &&
    (matcher.below === undefined || (typeof value === 'number' && value < matcher.below)) &&
    (matcher.above === undefined || (typeof value === 'number' && value > matcher.above)) &&
    (matcher.atLeast === undefined || (typeof value === 'number' && value >= matcher.atLeast)) &&
    (matcher.atMost === undefined || (typeof value === 'number' && value <= matcher.atMost)) &&
    (matcher.matches === undefined || someText(value, (text) => matcher.matches?.test(text) ?? false)) &&
    (matcher.contains === undefined || containsText(value, matcher.contains))
  );
}

function someText(value: Value, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  return typeof value === 'object' && value.some(test);
}

function containsText(value: Value, wanted: string): boolean {
  return typeof value === 'string' || typeof value === 'object' ? value.includes(wanted) : false;
}

const SHOWN_VALUE_LENGTH = 80;

function describe(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(Math.round(value * 1_000) / 1_000);
  const text = typeof value === 'object' ? value.join(', ') : String(value);
  return text.length > SHOWN_VALUE_LENGTH ? `${text.slice(0, SHOWN_VALUE_LENGTH)}…` : text;
}

/** A matcher in words, for details and errors: `below 200`, `one of A, B`. */
export function describeMatcher(matcher: Matcher): string {
  const words: string[] = [];
  if (matcher.is !== undefined) words.push(String(matcher.is));
  if (matcher.not !== undefined) words.push(`not ${matcher.not}`);
  if (matcher.in) words.push(`one of ${matcher.in.join(', ')}`);
  if (matcher.below !== undefined) words.push(`below ${matcher.below}`);
  if (matcher.above !== undefined) words.push(`above ${matcher.above}`);
  if (matcher.atLeast !== undefined) words.push(`at least ${matcher.atLeast}`);
  if (matcher.atMost !== undefined) words.push(`at most ${matcher.atMost}`);
  if (matcher.matches) words.push(`matching ${String(matcher.matches)}`);
  if (matcher.contains !== undefined) words.push(`containing ${matcher.contains}`);
  return words.join(' and ');
}

/**
 * What a reading means under a check's expectations (sla-math §1). An answer is good when every expectation holds,
 * else bad with the cause of the first that does not, the content before the latency: a wrong answer is wrong
 * however fast it was. A refusal is excluded, a fault bad, blindness absent.
 */
export function classify(
  reading: Reading,
  expectations: Expectations,
  specs: Readonly<Record<string, ValueSpec>>,
): Classification {
  switch (reading.kind) {
    case 'blind':
      return { outcome: 'absent', blind: reading.blind, detail: reading.detail };
    case 'fault':
      return { outcome: 'bad', cause: reading.fault, detail: reading.detail, ...evidenceOf(reading) };
    case 'answer':
      return classifyAnswer(reading, expectations, specs);
  }
}

function classifyAnswer(
  answer: Answer,
  expectations: Expectations,
  specs: Readonly<Record<string, ValueSpec>>,
): Classification {
  if (answer.refusal) {
    return {
      outcome: 'excluded',
      cause: answer.refusal,
      detail: answer.detail ?? answer.refusal,
      ...evidenceOf(answer),
    };
  }
  for (const name in expectations) {
    const matcher = expectations[name];
    if (!matcher || name === 'latency' || matches(answer.values?.[name], matcher)) continue;
    return unmet(answer, name, matcher, specs[name]?.cause ?? 'unexpected', answer.values?.[name]);
  }
  const latency = expectations['latency'];
  if (latency && !matches(answer.latencyMs, latency)) {
    return unmet(answer, 'latency', latency, 'slow', answer.latencyMs);
  }
  return answer.detail === undefined ? GOOD : { outcome: 'good', detail: answer.detail };
}

const GOOD: Classification = { outcome: 'good' };

function unmet(
  answer: Answer,
  name: string,
  matcher: Matcher,
  cause: Unmet,
  value: Value | undefined,
): Classification {
  const unit = name === 'latency' || name.endsWith('Ms') ? ' ms' : '';
  const detail = `${name} is ${describe(value)}${unit}, expected ${describeMatcher(matcher)}${unit}`;
  return { outcome: 'bad', cause, detail, ...evidenceOf(answer) };
}

function evidenceOf(reading: Reading): { readonly evidence?: Evidence } {
  return reading.kind !== 'blind' && reading.evidence ? { evidence: reading.evidence } : {};
}
