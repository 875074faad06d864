import { z } from 'zod';
import type { Check, RowComposition } from '../core/check.ts';
import type { Composition } from '../core/composition.ts';

/** What of a configuration a verdict depends on, besides the contract. Holds no secret and no target's address. */
export interface JudgedBy {
  readonly region: string;
  /** Whether the deployment stands in every subregion; null when that was not known. */
  readonly coversRegion: boolean | null;
  /** SHA-256 of the contract file, then of those that it replaced, the latest first. */
  readonly contracts: readonly string[];
  readonly configuration: string;
  readonly checks: readonly Check[];
  readonly compositions: readonly RowComposition[];
}

const FORMAT = 1;

/** As a text that is the same for the same rules, and is named by its digest. */
export function judgedByText(rules: JudgedBy): string {
  const { region, coversRegion, contracts, configuration, checks, compositions } = rules;
  return JSON.stringify({
    record: 'rules',
    format: FORMAT,
    region,
    coversRegion,
    contracts,
    configuration,
    checks: checks.map(judgedPart),
    compositions: compositions.map(({ row, scope, bad }) => ({ row, scope, bad })),
  });
}

/** What the judge looks at: settings and expectations have done their work when an observation is there. */
function judgedPart(check: Check) {
  const { id, probe, row, scope, intervalMs, timeoutMs, attempts, confirm, vantages, objects } = check;
  return {
    ...{ id, probe, row, scope, intervalMs, timeoutMs, attempts, confirm, vantages },
    ...(objects !== undefined && { objects }),
  };
}

const compositionSchema: z.ZodType<Composition> = z.lazy(() =>
  z.union([
    z.string(),
    z.strictObject({ any: z.array(compositionSchema) }),
    z.strictObject({ all: z.array(compositionSchema) }),
    z.strictObject({ quorum: z.int(), of: z.array(compositionSchema) }),
  ]),
);

const judgedBySchema = z.object({
  record: z.literal('rules'),
  format: z.literal(FORMAT),
  region: z.string(),
  coversRegion: z.boolean().nullable(),
  contracts: z.array(z.string()).min(1),
  configuration: z.string(),
  checks: z.array(
    z.object({
      id: z.string(),
      probe: z.string(),
      row: z.string(),
      scope: z.string(),
      intervalMs: z.int().min(1),
      timeoutMs: z.int(),
      attempts: z.int(),
      confirm: z.int(),
      vantages: z.array(z.string()),
      objects: z.number().optional(),
    }),
  ),
  compositions: z.array(z.object({ row: z.string(), scope: z.string(), bad: compositionSchema })),
});

/** Reads what {@link judgedByText} wrote; undefined when it is none. */
export function parseJudgedBy(text: string): JudgedBy | undefined {
  const read = judgedBySchema.safeParse(parsed(text)).data;
  if (!read) return undefined;
  return {
    ...read,
    checks: read.checks.map(({ objects, ...check }) => ({
      ...check,
      ...(objects !== undefined && { objects }),
      settings: null,
      expectations: {},
    })),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
