import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import { instantJson } from '../core/verdict-json.ts';
import { observationLines } from '../evidence/observation-lines.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { WindowStore } from '../window/store.ts';
import { askVigie } from './ask-vigie.ts';
import { addressOf, withWindows } from './closing-lookup.ts';

const DAY_MS = 86_400_000;
/** How far back a running vigie is asked, where nobody says: its windows keep no more. */
const KEPT_MS = 36 * DAY_MS;
const LINES_A_PAGE = 20_000;

/** Which observations are wanted: those of slots that start in the span. */
export interface ObservationsWanted {
  readonly checks: readonly Check[];
  /** From the first on when absent. */
  readonly fromMs: number | undefined;
  readonly toMs: number;
  /** Where a running vigie listens; as the configuration says when absent. */
  readonly url?: string;
  /** What it is shown to be let in. */
  readonly token?: string;
}

type Lines = AsyncIterable<string>;

/**
 * Does something with recorded observations, lines in the shape of interfaces.md: from the windows, or from a running vigie
 * that has them to itself. Throws a UsageError when neither can be had.
 */
export async function withObservations<T>(
  wanted: ObservationsWanted,
  config: Config,
  use: (lines: Lines) => Promise<T>,
): Promise<T> {
  const ask = (): Promise<T> => use(fromRunning(wanted, config));
  if (wanted.url !== undefined || config.windowUrl !== undefined) return ask();
  try {
    return await withWindows(config, (store) => use(fromStore(wanted, store)));
  } catch (error) {
    if (error instanceof WindowStoreError && error.trouble === 'locked') return ask();
    throw error;
  }
}

/** By check, then day, then vantage, then time. */
export async function* fromStore(
  { checks, fromMs, toMs }: ObservationsWanted,
  store: Pick<WindowStore, 'read' | 'marks' | 'seen'>,
): Lines {
  for (const { id: check, intervalMs } of checks) {
    const seen = await store.seen({ check, intervalMs });
    if (!seen) continue;
    const first = Math.max(seen.firstSlot, Math.ceil((fromMs ?? 0) / intervalMs));
    const end = Math.min(seen.lastSlot + 1, Math.ceil(toMs / intervalMs));
    for (let fromSlot = first; fromSlot < end;) {
      const dayEnd = (Math.floor((fromSlot * intervalMs) / DAY_MS) + 1) * DAY_MS;
      const range = { check, intervalMs, fromSlot, toSlot: Math.min(end, dayEnd / intervalMs) };
      const marks = await store.marks(range);
      const [bits] = await store.read([range]);
      const vantages = bits?.vantages.map(({ vantage }) => vantage) ?? [];
      // Views of live memory: made into lines before anything else has its turn.
      const lines = bits
        ? vantages.flatMap((one) => [...observationLines({ ...range, bits, marks }, one)])
        : [];
      yield* lines;
      fromSlot = range.toSlot;
    }
  }
}

/** Only looked at: what is parsed anew has its fields in another order. */
const lineSchema = z.looseObject({ check: z.string(), vantage: z.string(), outcome: z.string() });
const pageSchema = z.looseObject({
  observations: z.array(z.custom<object>((value) => lineSchema.safeParse(value).success)),
  next: z.string().nullable(),
});

async function* fromRunning({ checks, fromMs, toMs, url, token }: ObservationsWanted, config: Config): Lines {
  for (const { id } of checks) {
    for (let after: string | null | undefined; after !== null;) {
      const query = new URLSearchParams({
        check: id,
        from: instantJson(fromMs ?? toMs - KEPT_MS),
        to: instantJson(toMs),
        limit: String(LINES_A_PAGE),
        ...(after !== undefined && { after }),
      });
      const page: z.output<typeof pageSchema> = await askVigie(
        url ?? addressOf(config),
        `/api/observations?${query.toString()}`,
        pageSchema,
        token,
      );
      for (const observation of page.observations) yield JSON.stringify(observation);
      after = page.next;
    }
  }
}
