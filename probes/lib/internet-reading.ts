import { FAULTS, type Fault } from '../../src/core/cause.ts';
import type { Answer, Evidence, Reading } from '../../src/core/reading.ts';
import { faultReading, type Trouble } from './fault-reading.ts';
import type { Reach } from './way-out.ts';

/** What came of the targets, by their names, in the order of the configuration. */
export type Reaches = readonly (readonly [name: string, reach: Reach])[];

/**
 * What the targets say together. One that is reached is a way out: an answer, its latency that of the quickest. None:
 * a fault by the commonest cause. Targets that this machine could not ask (no route of its own to an IPv6 one, say)
 * have no voice; when no other is left, or it ran out of something, the reading is blind.
 */
export function internetReading(reaches: Reaches): Reading {
  const tookMs = reaches.flatMap(([name, reach]) =>
    reach.kind === 'reached' ? [[name, reach.ms] as const] : [],
  );
  const evidence = evidenceOf(reaches, tookMs.length);
  if (tookMs.length > 0) {
    const values = { reached: tookMs.length, asked: reaches.length, ...Object.fromEntries(tookMs) };
    const latencyMs = Math.min(...tookMs.map(([, ms]) => ms));
    return { kind: 'answer', latencyMs, values, evidence, ...ownLateness(reaches, latencyMs) };
  }
  return unreachedReading(reaches, evidence);
}

/** Of each target, and of the quickest: another may have been quicker, and told late. */
function ownLateness(reaches: Reaches, latencyMs: number): Pick<Answer, 'ownMs'> {
  const own = new Map<string, number>();
  let leastMs = latencyMs;
  for (const [name, reach] of reaches) {
    if (reach.kind !== 'reached') continue;
    if (reach.ownMs === undefined) return {};
    own.set(name, reach.ownMs);
    leastMs = Math.min(leastMs, reach.ms - reach.ownMs);
  }
  return { ownMs: { ...Object.fromEntries(own), latency: latencyMs - leastMs } };
}

function unreachedReading(reaches: Reaches, evidence: Evidence): Reading {
  const readings = reaches.flatMap(([name, reach]) =>
    reach.kind === 'unreached' ? [readingOf(name, reach.trouble)] : [],
  );
  const blinds = readings.filter((each) => each.kind === 'blind');
  const faults = readings.flatMap((each) => (each.kind === 'fault' ? [each.fault] : []));
  const blind =
    blinds.find((each) => each.blind === 'local-resource') ?? (faults.length > 0 ? undefined : blinds[0]);
  if (blind) return blind;
  const how = Object.entries(evidence).flatMap(([name, what]) =>
    typeof what === 'string' ? [`${name} ${what}`] : [],
  );
  const detail = `none of ${reaches.length} reached: ${how.join(', ')}`;
  return { kind: 'fault', fault: commonest(faults), detail, evidence };
}

function readingOf(label: string, trouble: Trouble): Reading {
  return faultReading({ label, phases: {}, evidence: {} }, trouble);
}

function commonest(faults: readonly Fault[]): Fault {
  const count = (fault: Fault): number => faults.filter((each) => each === fault).length;
  return FAULTS.reduce((best, fault) => (count(fault) > count(best) ? fault : best));
}

/** How many were reached, and what kept the others from it: the runtime's code, or a word of ours. */
function evidenceOf(reaches: Reaches, reached: number): Evidence {
  const how = reaches.flatMap(([name, reach]): readonly (readonly [string, string])[] =>
    reach.kind === 'reached' ? [] : [[name, wordOf(name, reach.trouble)]],
  );
  return { reached, asked: reaches.length, ...Object.fromEntries(how) };
}

function wordOf(name: string, trouble: Trouble): string {
  const reading = readingOf(name, trouble);
  switch (reading.kind) {
    case 'fault':
      return reading.fault;
    case 'blind':
      return reading.blind;
    case 'answer':
      return 'reached';
  }
}
