import { type Cause, CAUSES } from '../core/cause.ts';
import { EXCLUSION_KINDS, type ExclusionKind } from '../core/exclusion.ts';
import { complement, formatDecimal, type Fraction, parsePercent } from '../core/fraction.ts';
import type { PeriodKind } from './periods.ts';
import type { Contract, ContractReading, ContractRow } from './schema.ts';

/** How one row is to be judged under one reading: the contract's text with the reading's overrides applied. */
export interface RowRules {
  readonly row: string;
  readonly reading: string;
  readonly type: JudgedType;
  readonly period: PeriodKind;
  /** The percentage as written; null where nothing is promised. */
  readonly target: string | null;
  /** Share of bad time that the row bears: 1 − T*. Null where nothing is promised. */
  readonly allowed: Fraction | null;
  readonly deductMs: number;
  readonly mergeGapMs: number;
  readonly minimumMs: number;
  /** Kinds of declared exclusions that take bad time out. */
  readonly honoured: ReadonlySet<ExclusionKind>;
  /** Causes of bad slots that this reading does not hold against the provider. */
  readonly excusedCauses: ReadonlySet<Cause>;
  /** Whether excluded time also leaves the denominator. */
  readonly removesExcluded: boolean;
  /** Whether the row may only be claimed by a deployment over all subregions. */
  readonly starred: boolean;
}

/** Row types that are judged from timelines of slots. */
export type JudgedType = 'availability' | 'latency-bound' | 'none';

/** The rules of every judged row under every reading, in the order of the contract. */
export function rulesOf(contract: Contract): readonly RowRules[] {
  return contract.rows.flatMap((row) =>
    Object.entries(contract.readings).flatMap(([name, contractReading]) => {
      const rules = rulesFor(contract, row, name, contractReading);
      return rules ? [rules] : [];
    }),
  );
}

function rulesFor(
  contract: Contract,
  row: ContractRow,
  reading: string,
  contractReading: ContractReading,
): RowRules | undefined {
  const common = {
    row: row.id,
    reading,
    honoured: new Set(EXCLUSION_KINDS.filter((kind) => effectOf(contractReading, kind) === 'excluded')),
    excusedCauses: excusedCauses(contractReading),
    removesExcluded: contract.exclusions.effect === 'removed',
    starred: row.requires === 'all-subregions',
  };
  if (row.type === 'none') {
    const nothing = { target: null, allowed: null, deductMs: 0, mergeGapMs: 0, minimumMs: 0 };
    return { ...common, ...nothing, type: row.type, period: row.period };
  }
  if (row.type !== 'availability' && row.type !== 'latency-bound') return undefined;
  const override = contractReading.rows?.[row.id] ?? {};
  return {
    ...common,
    ...promise(row, override),
    type: row.type,
    period: row.period,
    deductMs: override.deduct ?? row.incident.deduct,
    mergeGapMs: override.mergeGap ?? row.incident.mergeGap,
    minimumMs: override.minimum ?? row.incident.minimum,
  };
}

type Override = NonNullable<ContractReading['rows']>[string];
type PromisedRow = Extract<ContractRow, { type: 'availability' | 'latency-bound' }>;

function promise(
  row: PromisedRow,
  override: Override,
): { readonly target: string; readonly allowed: Fraction } {
  if (row.type === 'availability') {
    const target = override.target ?? row.target;
    return { target, allowed: complement(exactPercent(target)) };
  }
  const allowed = exactPercent(override.allowedShare ?? row.allowedShare);
  const kept = complement(allowed);
  return { target: formatDecimal({ num: kept.num * 100n, den: kept.den }, 18), allowed };
}

function exactPercent(text: string): Fraction {
  const share = parsePercent(text);
  if (!share) throw new Error(`not a percentage: ${text}`);
  return share;
}

/** Unsaid, declared maintenance counts and every other kind is excluded (interfaces.md). */
function effectOf(contractReading: ContractReading, kind: ExclusionKind): 'counts' | 'excluded' {
  return contractReading[kind] ?? (kind === 'maintenance' ? 'counts' : 'excluded');
}

function excusedCauses(contractReading: ContractReading): ReadonlySet<Cause> {
  return new Set(CAUSES.filter((cause) => contractReading.causes?.[cause] === 'excluded'));
}
