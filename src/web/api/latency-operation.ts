import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { instantJson } from '../../core/verdict-json.ts';
import type { LatencySeries, LatencySource } from '../latency-source.ts';
import { operation, type Operation } from './operation.ts';
import { instantQuery, listQuery } from './query.ts';
import { latenciesSchema } from './schemas/latency.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = { '1h': HOUR_MS, '3h': 3 * HOUR_MS, '6h': 6 * HOUR_MS, '1d': DAY_MS } as const;
const COLUMNS = ['check', 'vantage', 'from', 'to', 'count', 'p50', 'p90', 'p99', 'max'];

/** Latency percentiles over time, as they were kept. */
export function latencyOperation(latencies: LatencySource, clock: Clock): Operation {
  return operation({
    path: '/api/latencies',
    summary:
      'Latency percentiles over time, within 2 %, by check, vantage, time; what was measured in the last minute may be ' +
      'missing yet. A stretch without an answer is not there.',
    query: {
      check: listQuery.describe('Only of these checks; all when absent.'),
      vantage: listQuery.describe('Only by these vantages; all when absent.'),
      from: instantQuery.optional().describe('Hours that end after it; a day before `to` when absent.'),
      to: instantQuery.optional().describe('Hours that begin before it; now when absent.'),
      step: z
        .enum(['1h', '3h', '6h', '1d'])
        .default('1h')
        .describe('The length of a stretch; stretches begin at multiples of it, UTC.'),
    },
    answer: latenciesSchema,
    formats: ['json', 'csv'],
    async handle({ check: checks, vantage: vantages, from, to, step }) {
      const toMs = to ?? clock.wallMs();
      const fromMs = from ?? toMs - DAY_MS;
      const answer = await latencies({ checks, vantages, fromMs, toMs, stepMs: STEPS_MS[step] });
      if (!answer.ok) return { status: answer.why === 'away' ? 503 : 422, detail: answer.detail };
      const rows = answer.series.flatMap(rowsOf);
      return { json: { latencies: rows }, table: { name: 'latencies', columns: COLUMNS, rows } };
    },
  });
}

function rowsOf({ check, vantage, stretches }: LatencySeries) {
  return stretches.map(({ fromMs, lengthMs, count, p50, p90, p99, max }) => ({
    ...{ check, vantage, from: instantJson(fromMs), to: instantJson(fromMs + lengthMs), count },
    ...{ p50: micro(p50), p90: micro(p90), p99: micro(p99), max: micro(max) },
  }));
}

/** To a microsecond, which is finer than it is known. */
function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
