import type { Config } from '../../src/config/config.ts';
import { JudgeLoop, type JudgeLoopOptions } from '../../src/live/judge-loop.ts';
import type { SpanStore } from '../../src/window/memory.ts';

/** A judge beside whom nobody judges, which throws where one that runs would note a failure and go on. */
export function loneJudge(
  config: Config,
  given: Pick<JudgeLoopOptions, 'clock' | 'store'> & Partial<JudgeLoopOptions>,
): JudgeLoop {
  const options: JudgeLoopOptions = {
    epoch: 1,
    breathe: () => Promise.resolve(),
    onVerdicts: () => undefined,
    onFailure: (error) => {
      throw error;
    },
    onCommit: () => undefined,
    ...given,
  };
  return new JudgeLoop(options, config);
}

/** What vantages see of a check, every ten seconds, between two instants in the format of RFC 3339. */
export interface SeenSpan {
  readonly check: string;
  readonly vantages: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly outcome: 'good' | 'bad';
}

/** Puts into windows what was seen; what is bad timed out. */
export function putSeen(store: SpanStore, { check, vantages, from, to, outcome }: SeenSpan): void {
  const slotOf = (text: string): number => Date.parse(text) / INTERVAL_MS;
  const cause = outcome === 'bad' ? 'timeout' : undefined;
  for (const vantage of vantages)
    store.putSpan({ check, intervalMs: INTERVAL_MS }, vantage, slotOf(from), slotOf(to), outcome, cause);
}

const INTERVAL_MS = 10_000;
