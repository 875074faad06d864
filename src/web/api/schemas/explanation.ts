import { z } from 'zod';
import type { Composition } from '../../../core/composition.ts';
import { cause, components, evidence, exclusionKind, instant, ms, whole } from './parts.ts';
import { downtimeSchema, verdictSchema, verdictState } from './verdict.ts';

const counting = z
  .object({
    badMs: ms,
    tooShortMs: ms,
    deductedMs: ms,
    outsideMs: ms,
    countedMs: ms,
    comparison: z.object({ used: whole, allowed: whole, over: z.boolean() }).nullable(),
  })
  .register(components, { id: 'Counting' });

const arithmetic = z.object({
  lengthMs: ms,
  removedMs: ms,
  elapsedMs: ms,
  borne: z.object({ numerator: whole, denominator: whole }).nullable(),
  mergeGapMs: ms,
  minimumMs: ms,
  deductMs: ms,
  bounds: z.object({ best: counting, estimate: counting, worst: counting }),
  shareTest: z.object({ distance: whole, left: whole, right: whole }).nullable(),
});

const composition: z.ZodType<Composition> = z
  .lazy(() =>
    z.union([
      z.string(),
      z.object({ any: z.array(composition) }),
      z.object({ all: z.array(composition) }),
      z.object({ quorum: z.int(), of: z.array(composition) }),
    ]),
  )
  .register(components, { id: 'Composition' });

const explainedCheck = z.object({
  check: z.string(),
  probe: z.string(),
  intervalMs: ms,
  vantages: z.array(z.string()),
  quorum: z.int(),
  confirm: z.int().nullable(),
  downMs: ms,
  excludedMs: ms,
  unknownMs: ms,
  contestedMs: ms,
  causes: z.array(z.object({ cause, state: z.enum(['down', 'excluded']), ms })),
});

const explainedIncident = z.object({
  from: instant,
  to: instant,
  badMs: ms,
  tooShort: z.boolean(),
  deductedMs: ms,
  outsideMs: ms,
  countedMs: ms,
  causes: z.array(cause),
  checks: z.array(z.string()),
});

/** A declared exclusion and what it covers. */
export const explainedExclusionSchema = z
  .object({
    id: z.string(),
    kind: exclusionKind,
    from: instant,
    to: instant,
    checks: z.array(z.string()).nullable(),
    reason: z.string(),
    author: z.string(),
    enteredAt: instant.nullable(),
    evidence: z.string().nullable(),
    honoured: z.boolean().describe('Whether the reading takes it out.'),
    coversMs: ms,
  })
  .register(components, { id: 'CoveringExclusion' });

const brief = z.object({ state: verdictState, downtimeMs: downtimeSchema, budgetMs: ms.nullable() });

/** What one vantage noted of one slot that was not good. */
export const sampleSchema = z
  .object({
    check: z.string(),
    vantage: z.string(),
    at: instant,
    outcome: z.enum(['bad', 'excluded']),
    cause,
    evidence: evidence.nullable(),
  })
  .register(components, { id: 'Sample' });

/** How a verdict came about. */
export const explanationSchema = z
  .object({
    verdict: verdictSchema,
    clause: z.string(),
    title: z.string(),
    type: z.string(),
    rules: z.array(z.string()),
    arithmetic,
    composition,
    checks: z.array(explainedCheck),
    incidents: z.array(explainedIncident),
    exclusions: z.array(explainedExclusionSchema),
    kinds: z.array(z.object({ kind: exclusionKind, honoured: z.boolean(), excluded: brief, counted: brief })),
    unknown: z.array(z.object({ from: instant, to: instant })),
    samples: z.array(sampleSchema),
  })
  .register(components, { id: 'Explanation' });
