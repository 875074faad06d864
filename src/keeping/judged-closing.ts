import { declaredOf } from '../closing/closed-exclusions.ts';
import { closedPeriod } from '../closing/closing.ts';
import type { NamedPeriod } from '../contract/periods.ts';
import type { ClosedPeriod } from '../core/closed-period.ts';
import type { Period } from '../core/verdict.ts';
import { type FrozenRules, judgeFrozen } from '../casework/frozen-judging.ts';
import type { ClosingMaterial } from './closing-material.ts';

/** Which closing is to be made, and from what. */
export interface ClosingToJudge extends ClosingMaterial {
  readonly rules: FrozenRules;
  readonly named: NamedPeriod;
  /** The whole period, or the part of one that is closed. */
  readonly period: Period;
  /** Null while the period is not closed. */
  readonly number: number | null;
  readonly atMs: number;
  readonly madeAtMs: number;
  /** The version that makes it. */
  readonly vigie: string;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/** A closing judged from its material alone: the same gives the same text, now and when it is verified. */
export async function judgedClosing({ named, breathe, ...asked }: ClosingToJudge): Promise<ClosedPeriod> {
  const { rules, timelines, atMs } = asked;
  const exclusions = declaredOf(asked.exclusions);
  const all = await judgeFrozen({ rules, named, timelines, exclusions, atMs, breathe });
  const { judgedBy, digest, contract, formerContracts } = rules;
  return closedPeriod({
    ...asked,
    kind: named.kind,
    explanations: all.filter(({ verdict }) => named.part === undefined || verdict.period.name === named.part),
    ...{ rules: judgedBy, rulesDigest: digest, contract, formerContracts },
  });
}
