import type { Incident, Verdict } from '../../src/core/verdict.ts';
import { type VerdictJson, verdictJson } from '../../src/core/verdict-json.ts';

/** The instant of the samples: noon in the middle of a month. */
export const SAMPLE_AT_MS = Date.parse('2026-03-15T12:00:00.000Z');

const MARCH = {
  name: '2026-03',
  fromMs: Date.parse('2026-02-28T23:00:00.000Z'),
  toMs: Date.parse('2026-03-31T22:00:00.000Z'),
};

/** How much of the samples' month has passed. */
export const MARCH_SO_FAR_MS = SAMPLE_AT_MS - MARCH.fromMs;

const CALM: Verdict = {
  row: 'sla4.api',
  scope: 'region',
  reading: 'client',
  state: 'on-track',
  target: '99.9',
  eligible: true,
  period: MARCH,
  atMs: SAMPLE_AT_MS,
  budgetMs: 2_674_800,
  downtimeMs: { best: 0, estimate: 0, worst: 0, raw: 0 },
  excludedMs: 0,
  unknownMs: 0,
  contestedMs: 0,
  remainingMs: 2_674_800,
  timeToBreachMs: 2_674_800,
  availability: { toDate: '1', bestAchievable: '1', final: null, worst: '1' },
  pace: 0,
  incidents: [],
  openIncident: null,
  rolling: {},
};

/** A verdict in its JSON form: a calm one of March 2026, but for what is given. */
export function sampleVerdict(given: Partial<Verdict> = {}): VerdictJson {
  return verdictJson({ ...CALM, ...given });
}

/** An incident that began so long before the instant of the samples, bad from then on. */
export function sampleIncident(ageMs: number, given: Partial<Incident> = {}): Incident {
  const fromMs = SAMPLE_AT_MS - ageMs;
  const badMs = ageMs - 2_000;
  return { fromMs, toMs: fromMs + badMs, badMs, countedMs: badMs, causes: ['refused'], ...given };
}
