import type { ClosedExclusion } from '../core/closed-period.ts';
import { type DeclaredExclusion, declaredOver } from '../core/exclusion.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Exclusion } from '../register/exclusions.ts';

/** Those that touch [fromMs, toMs), as a closing holds them, by id. */
export function closedExclusions(
  exclusions: readonly Exclusion[],
  fromMs: number,
  toMs: number,
): readonly ClosedExclusion[] {
  return exclusions
    .flatMap((exclusion) => {
      const spans = exclusion.spans.filter(({ from, to }) => from < toMs && to > fromMs);
      return spans.length === 0 ? [] : [closedExclusion({ ...exclusion, spans })];
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function closedExclusion(exclusion: Exclusion): ClosedExclusion {
  const { id, kind, state, rows, checks, scopes, reason, author, evidence, source } = exclusion;
  const { afterTheFact, enteredAtMs, spans, history } = exclusion;
  return {
    ...{ id, kind, state },
    ...(rows && { rows }),
    ...(checks && { checks }),
    ...(scopes && { scopes }),
    ...{ reason, author },
    ...(evidence !== undefined && { evidence }),
    ...{ source, afterTheFact },
    enteredAt: enteredAtMs === null ? null : instantJson(enteredAtMs),
    spans: spans.map(({ from, to }) => ({ from: instantJson(from), to: instantJson(to) })),
    history: history.map((step) => ({
      event: step.event,
      at: instantJson(step.atMs),
      author: step.author,
      reason: step.reason,
    })),
  };
}

/** What the judge judges by: a span of each that is in force. */
export function declaredOf(exclusions: readonly ClosedExclusion[]): readonly DeclaredExclusion[] {
  return inForceOf(exclusions).flatMap(({ spans, enteredAt, ...said }) =>
    declaredOver(
      spans.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) })),
      { ...said, enteredAtMs: enteredAt === null ? null : Date.parse(enteredAt) },
    ),
  );
}

/** Those that take time out. */
export function inForceOf(exclusions: readonly ClosedExclusion[]): readonly ClosedExclusion[] {
  return exclusions.filter(({ state }) => state === 'in-force');
}
