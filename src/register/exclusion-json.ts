import { instantJson } from '../core/verdict-json.ts';
import type { Exclusion } from './exclusions.ts';

/** An exclusion as JSON has it: instants in RFC 3339, UTC; `from` and `to` of its first span and its last. */
export function exclusionJson({ spans, enteredAtMs, history, ...said }: Exclusion) {
  return {
    ...said,
    from: instantOrNull(spans.at(0)?.from ?? null),
    to: instantOrNull(spans.length === 0 ? null : Math.max(...spans.map(({ to }) => to))),
    spans: spans.map(({ from, to }) => ({ from: instantJson(from), to: instantJson(to) })),
    enteredAt: instantOrNull(enteredAtMs),
    history: history.map(({ atMs, ...step }) => ({ ...step, at: instantJson(atMs) })),
  };
}

/** An exclusion as JSON has it. */
export type ExclusionJson = ReturnType<typeof exclusionJson>;

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instantJson(ms);
}
