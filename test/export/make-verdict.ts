import type { Verdict } from '../../src/core/verdict.ts';

/** A verdict on track with every figure known, and what the test says instead. */
export function makeVerdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    row: 'sla4.api',
    scope: 'region',
    reading: 'client',
    state: 'on-track',
    target: '99.9',
    eligible: true,
    period: { name: '2026-03', fromMs: 1_772_319_600_000, toMs: 1_774_994_400_000 },
    atMs: 1_773_000_000_000,
    budgetMs: 2_674_800,
    downtimeMs: { best: 10_000, estimate: 20_000, worst: 30_000, raw: 25_000 },
    excludedMs: 5000,
    unknownMs: 1000,
    contestedMs: 0,
    remainingMs: 2_654_800,
    timeToBreachMs: 2_654_800,
    availability: { toDate: '0.99997', bestAchievable: '0.999996', final: null, worst: '0.99995' },
    pace: 0.03,
    incidents: [],
    openIncident: null,
    rolling: {
      '5m': { downtimeMs: 0, unknownMs: 0, burnRate: 1.5, coverage: 1 },
      '30d': { downtimeMs: 20_000, unknownMs: 0, burnRate: null, coverage: 0.4 },
    },
    ...changes,
  };
}
