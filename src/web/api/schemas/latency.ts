import { z } from 'zod';
import { components, instant } from './parts.ts';

const latency = z.number().describe('Milliseconds.');

/** Percentiles of the latencies that one vantage measured of one check in a stretch of time. */
const stretchSchema = z
  .object({
    check: z.string(),
    vantage: z.string(),
    from: instant,
    to: instant,
    count: z.int().describe('How many answers they are made of.'),
    p50: latency,
    p90: latency,
    p99: latency,
    max: latency,
  })
  .register(components, { id: 'LatencyStretch' });

/** Latencies by check, then vantage, then time; a stretch without any answer is missing. */
export const latenciesSchema = z.object({ latencies: z.array(stretchSchema) });
