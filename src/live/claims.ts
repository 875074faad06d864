import { periodAt, type PeriodKind } from '../contract/periods.ts';
import {
  contractAt,
  type ContractHistory,
  type ContractVersion,
  versionsOf,
} from '../contract/rule-history.ts';
import { leadingReading } from '../contract/rules.ts';
import type { Contract } from '../contract/schema.ts';
import type { Period, Verdict } from '../core/verdict.ts';
import type { ClaimDeadline } from '../export/metrics.ts';

/** Gives the verdicts on a period, in all its parts. */
export type PastVerdicts = (kind: PeriodKind, period: Period) => Promise<readonly Verdict[]>;

/**
 * Until when the breaches of periods, and of parts of them, that are over at `nowMs` may be claimed: those whose time has
 * not run out. Each by the terms and the first reading of the contract that held at its end; where several penalties apply
 * to a row, the earliest limit is told. Rejects as `verdictsOf` does.
 */
export async function claimDeadlines(
  contracts: ContractHistory,
  nowMs: number,
  verdictsOf: PastVerdicts,
): Promise<readonly ClaimDeadline[]> {
  const versions = versionsOf(contracts);
  const termsOf = new Map(versions.map(({ contract }) => [contract, claimTerms(contract)]));
  const longestMs = Math.max(0, ...[...termsOf.values()].flatMap(({ within }) => [...within.values()]));
  const deadlines: ClaimDeadline[] = [];
  for (const { kind, period } of claimablePeriods(versions, nowMs, longestMs)) {
    for (const { row, scope, reading, state, period: judged } of await verdictsOf(kind, period)) {
      const terms = termsOf.get(contractAt(versions, judged.toMs - 1));
      const limitMs = terms?.within.get(row);
      if (limitMs === undefined || state !== 'breached' || reading !== terms?.reading) continue;
      const atMs = judged.toMs + limitMs;
      if (judged.toMs <= nowMs && nowMs < atMs) deadlines.push({ row, scope, period: judged.name, atMs });
    }
  }
  return deadlines;
}

/** What a contract says of claims. */
interface ClaimTerms {
  /** The reading that breaches are claimed under. */
  readonly reading: string;
  /** By row, how long after a period its breach may be claimed, in milliseconds; rows without a limit are not there. */
  readonly within: ReadonlyMap<string, number>;
}

function claimTerms(contract: Contract): ClaimTerms {
  const { rows, penalties = [] } = contract;
  const within = new Map<string, number>();
  for (const { id } of rows) {
    const limits = penalties.flatMap(({ rows: named, claimWithin }) =>
      claimWithin === undefined || !(named?.includes(id) ?? true) ? [] : [claimWithin],
    );
    if (limits.length > 0) within.set(id, Math.min(...limits));
  }
  return { reading: leadingReading(contract), within };
}

/** Those that are over, as far back as a limit reaches; and the current one where a part of it may be over. */
function* claimablePeriods(versions: readonly ContractVersion[], nowMs: number, longestMs: number) {
  if (longestMs === 0) return;
  const contract = contractAt(versions, nowMs);
  for (const kind of ['month', 'year'] as const) {
    const before = ({ fromMs }: Period): Period => periodAt(contract, kind, fromMs - 1);
    const current = periodAt(contract, kind, nowMs);
    if (versions.some(({ fromMs }) => current.fromMs < fromMs && fromMs <= nowMs))
      yield { kind, period: current };
    for (let period = before(current); period.toMs + longestMs > nowMs; period = before(period))
      yield { kind, period };
  }
}
