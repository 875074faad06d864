import type { JudgedBy } from '../closing/judged-by.ts';
import type { NamedPeriod, PeriodKind } from '../contract/periods.ts';
import type { Contract } from '../contract/schema.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import type { Explanation } from '../core/explanation.ts';
import type { Transition } from '../core/timeline.ts';
import type { Verdict } from '../core/verdict.ts';
import { explainRow } from './explaining.ts';
import { Judge } from '../judge/judge.ts';

/** Rules that no longer change, with the contracts that they name. */
export interface FrozenRules {
  readonly judgedBy: JudgedBy;
  /** SHA-256 of the rules as text. */
  readonly digest: string;
  readonly contract: Contract;
  /** The contracts that it replaced, the latest first. */
  readonly formerContracts: readonly Contract[];
}

/** What is judged, and what it is judged from. */
export interface FrozenJudging {
  readonly rules: FrozenRules;
  readonly named: NamedPeriod;
  /** Of each check that was seen; nothing at or after `atMs`. */
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
  readonly exclusions: readonly DeclaredExclusion[];
  readonly atMs: number;
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/**
 * How the verdicts on a period came about, all of them, judged anew from timelines alone by the very code of the live
 * judge: the same timelines, rules and exclusions give the same to the byte.
 */
export async function judgeFrozen(frozen: FrozenJudging): Promise<readonly Explanation[]> {
  const { named, atMs, breathe } = frozen;
  const judge = await frozenJudge(frozen);
  const wholeOf = (kind: PeriodKind) => (kind === named.kind ? named.period : undefined);
  const members = new Map<string, { readonly row: string; readonly scope: string }>();
  for (const { row, scope } of judge.verdicts(atMs, wholeOf)) {
    members.set(JSON.stringify([row, scope]), { row, scope });
    await breathe();
  }
  const explanations: Explanation[] = [];
  for (const member of members.values()) {
    explanations.push(...(await explainRow(judge, NO_MARKS, member, atMs, named)));
    await breathe();
  }
  return explanations;
}

/** The verdicts alone, on the periods that are going on at `atMs`. */
export async function* frozenVerdicts(
  frozen: Omit<FrozenJudging, 'named'>,
): AsyncGenerator<Verdict, void, void> {
  const judge = await frozenJudge(frozen);
  for (const verdict of judge.verdicts(frozen.atMs)) {
    yield verdict;
    await frozen.breathe();
  }
}

/** Samples are not part of a figure, and are kept for a shorter time than it. */
const NO_MARKS = { marks: () => Promise.resolve([]) };

async function frozenJudge({ rules, timelines, exclusions, atMs, breathe }: Omit<FrozenJudging, 'named'>) {
  const { judgedBy, contract, formerContracts } = rules;
  const { checks, compositions, coversRegion } = judgedBy;
  const judge = new Judge({ contract, formerContracts, checks, compositions, exclusions, coversRegion });
  for (const [check, timeline] of timelines) {
    if (timeline.length > 0) judge.restore(check, timeline, atMs);
    await breathe();
  }
  return judge;
}
