import type { Reading } from '../../src/core/reading.ts';
import { createExtractor } from './http-extract.ts';
import { readingOf } from './http-reading.ts';
import { statusOf } from './metadata-walk.ts';
import type { MetadataPlan, MetadataStep, MetadataWalk } from './metadata-walk.ts';

const NO_EXTRACTION = createExtractor({});
const OK = 200;
const UNAUTHORIZED = 401;

/**
 * What a walk amounts to: its first trouble, in the order of the plan, or else an answer. `nowMs` is the wall clock.
 * Throws an error that is in no table: a bug of ours.
 */
export function metadataReading(
  { steps, latencyMs }: MetadataWalk,
  plan: MetadataPlan,
  nowMs: number,
): Reading {
  const [first] = steps;
  if (!first) return { kind: 'fault', fault: 'timeout', detail: `GET ${plan.base}: timeout before it began` };
  const phases = phasesOf(steps);
  const trouble = steps.find(({ healthy }) => !healthy);
  const { exchange } = trouble ?? first;
  const label = labelOf(trouble ?? first);
  const status = statusOf(exchange);
  if (status === undefined) {
    const reading = readingOf(exchange, { label, secrets: [], extractor: NO_EXTRACTION }, nowMs);
    return reading.kind === 'fault' ? { ...reading, latencyMs, phases } : reading;
  }
  if (status === UNAUTHORIZED && !plan.token) {
    const detail = `${label}: status 401, it wants a session token, and the check has no \`token: true\``;
    return { kind: 'blind', blind: 'credentials', detail };
  }
  const address = exchange.connection?.address;
  return {
    kind: 'answer',
    latencyMs,
    phases,
    values: { ...valuesOf(steps), status: trouble ? status : OK },
    evidence: { ...(address === undefined ? {} : { address }), ...(trouble ? { status, asked: label } : {}) },
  };
}

const LABEL_LENGTH = 200;

function labelOf({ request: { method, url } }: MetadataStep): string {
  const label = `${method} ${url}`;
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH)}…` : label;
}

function valuesOf(steps: readonly MetadataStep[]): Readonly<Record<string, string>> {
  const told = steps.flatMap(({ name, text }) =>
    name === 'token' || text === undefined ? [] : [[name, text] as const],
  );
  return Object.fromEntries(told);
}

function phasesOf(steps: readonly MetadataStep[]): Readonly<Record<string, number>> {
  const phases: Record<string, number> = {};
  for (const { name, exchange } of steps) {
    const { resolve, connect, ttfb, transfer } = exchange.phases;
    if (resolve !== undefined) phases['resolve'] = Math.max(resolve, phases['resolve'] ?? 0);
    if (connect !== undefined) phases['connect'] = Math.max(connect, phases['connect'] ?? 0);
    if (ttfb !== undefined) phases[name] = ttfb + (transfer ?? 0);
  }
  return phases;
}
