import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/core/cause.ts';
import type { Reading } from '../../src/core/reading.ts';
import { cameOverNetwork, decideEgress } from '../../src/schedule/egress-verdict.ts';
import type { EgressEvidence, SilentRound } from '../../src/schedule/egress-verdict.ts';

const NOTHING: EgressEvidence = { lastHeardMs: undefined, lastSilence: undefined };
const heard = (lastHeardMs: number): EgressEvidence => ({ ...NOTHING, lastHeardMs });
const silent = (askedMs: number, endedMs: number, lastHeardMs?: number): EgressEvidence => {
  const lastSilence: SilentRound = { askedMs, endedMs };
  return { lastHeardMs, lastSilence };
};

/** A timeout of three seconds: from 10,000 to 13,000. */
const TIMEOUT = { fault: 'timeout', startedMs: 10_000, endedMs: 13_000 } as const;

describe('decideEgress: a timeout from 10 s to 13 s', () => {
  it.each([
    ['nothing known', NOTHING, 'ask'],
    ['heard before the attempt', heard(9_999), 'ask'],
    ['heard early in the attempt: the network may have gone since', heard(11_999), 'ask'],
    ['heard in its last second', heard(12_000), 'theirs'],
    ['heard as it ended', heard(13_000), 'theirs'],
    ['heard after it', heard(13_400), 'theirs'],
    ['a silent round that ended before it', silent(7_000, 9_999), 'ask'],
    ['a silent round that ended as it began', silent(8_000, 10_000), 'ours'],
    ['a silent round within it', silent(10_500, 12_500), 'ours'],
    ['a silent round begun as it ended', silent(13_000, 15_000), 'ours'],
    ['a silent round begun after it, at its turn', silent(14_000, 16_000), 'ours'],
    ['a silent round of much later', silent(15_001, 17_000), 'ask'],
    ['a silent round within it, and the network back at the end', silent(10_500, 11_500, 12_900), 'ours'],
    ['a silent round before it, and something heard since', silent(7_000, 9_000, 12_500), 'theirs'],
    ['a silent round after it, but heard before that', silent(13_500, 15_500, 13_400), 'theirs'],
  ] as const)('%s → %s', (_, evidence, verdict) => {
    expect(decideEgress(TIMEOUT, evidence)).toBe(verdict);
  });
});

describe('decideEgress: what can be excused', () => {
  const gone = silent(10_500, 12_500);
  it.each([
    ['resolve', 'ours'],
    ['connect', 'ours'],
    ['timeout', 'ours'],
    ['refused', 'theirs'],
    ['reset', 'theirs'],
    ['tls', 'theirs'],
    ['protocol', 'theirs'],
  ] as const)('%s while the references are silent → %s', (fault, verdict) => {
    expect(decideEgress({ ...TIMEOUT, fault }, gone)).toBe(verdict);
  });
});

describe('cameOverNetwork', () => {
  const seen: readonly Reading[] = [
    { kind: 'answer', latencyMs: 1 },
    { kind: 'answer', latencyMs: 1, refusal: 'throttled' },
    { kind: 'blind', blind: 'local-resource', detail: '' },
    ...FAULTS.map((fault): Reading => ({ kind: 'fault', fault, detail: '' })),
  ];

  it('holds for answers and for faults that somebody had to send', () => {
    const came = seen
      .filter(cameOverNetwork)
      .map((reading) => ('fault' in reading ? reading.fault : reading.kind));
    expect(came).toEqual(['answer', 'answer', 'refused', 'tls', 'protocol', 'reset']);
  });
});
