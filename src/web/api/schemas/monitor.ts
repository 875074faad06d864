import { z } from 'zod';
import { components, instant, ms } from './parts.ts';
import { verdictSchema } from './verdict.ts';

/** A row of the contract. */
export const rowSchema = z
  .object({
    row: z.string(),
    clause: z.string(),
    title: z.string(),
    type: z.string(),
    target: z.string().nullable(),
    period: z.enum(['month', 'year']).nullable(),
    requires: z.string().nullable(),
    individual: z.string().nullable(),
    incident: z.object({ deductMs: ms, mergeGapMs: ms, minimumMs: ms }).nullable(),
    rules: z.array(z.string()),
    members: z.array(z.object({ scope: z.string(), checks: z.array(z.string()) })),
  })
  .register(components, { id: 'Row' });

/** The contract that holds now. */
export const contractSchema = z
  .object({
    contract: z.string(),
    version: z.string(),
    title: z.string().nullable(),
    region: z.string(),
    timezone: z.string(),
    readings: z.array(z.object({ reading: z.string(), title: z.string().nullable() })),
    rows: z.array(rowSchema),
  })
  .register(components, { id: 'Contract' });

/** What one vantage last saw of one check. */
export const checkSchema = z
  .object({
    check: z.string(),
    vantage: z.string(),
    probe: z.string(),
    row: z.string(),
    scope: z.string(),
    slot: instant.nullable(),
    outcome: z.enum(['good', 'bad', 'excluded', 'absent']).nullable(),
    cause: z.string().nullable(),
    detail: z.string().nullable(),
    latencyMs: z.number().nullable(),
  })
  .register(components, { id: 'Check' });

/** What all vantages of this process last saw. */
export const checksSchema = z.object({ checks: z.array(checkSchema) });

/** A row with its verdicts and what was last seen of its checks. */
export const rowDetailsSchema = z.object({
  at: instant,
  row: rowSchema,
  verdicts: z.array(verdictSchema),
  checks: z.array(checkSchema),
});

const vantage = z.object({
  vantage: z.string(),
  checks: z.int(),
  good: z.int(),
  bad: z.int(),
  excluded: z.int(),
  absent: z.int(),
  unseen: z.int(),
  lastSlot: instant.nullable(),
});

/** How vigie itself stands. */
export const healthSchema = z
  .object({
    at: instant,
    version: z.string(),
    startedAt: instant,
    uptimeMs: ms,
    ready: z.boolean(),
    reasons: z.array(z.string()),
    judge: z.object({ lastAt: instant.nullable(), verdicts: z.int(), leads: z.boolean().nullable() }),
    windows: z.object({
      kind: z.enum(['embedded', 'shared']),
      up: z.boolean(),
      trouble: z.string().nullable(),
      spilledSlots: z.int(),
    }),
    vantages: z.array(vantage),
    elsewhere: z.array(z.string()),
    heard: z.array(
      z.object({ vantage: z.string(), members: z.array(z.string()), silentForMs: ms.nullable() }),
    ),
    configuration: z.object({ checks: z.int(), loadedAt: instant, isLatest: z.boolean() }),
    warnings: z.array(z.string()),
  })
  .register(components, { id: 'Health' });

const statusEntry = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['incident', 'maintenance', 'post']),
  status: z.string().nullable(),
  from: instant.nullable(),
  to: instant.nullable(),
  updated: instant.nullable(),
  link: z.string().nullable(),
  components: z.array(z.string()),
});

/** What the provider says of itself. */
export const statusFeedSchema = z.object({
  statusFeed: z
    .object({
      url: z.string(),
      everyMs: ms,
      title: z.string().nullable(),
      indicator: z.string().nullable(),
      readAt: instant.nullable(),
      trouble: z.string().nullable(),
      entries: z.array(statusEntry),
    })
    .register(components, { id: 'StatusFeed' })
    .nullable(),
});
