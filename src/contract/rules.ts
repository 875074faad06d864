import { type Cause, CAUSES } from '../core/cause.ts';
import { EXCLUSION_KINDS, type ExclusionKind } from '../core/exclusion.ts';
import { complement, formatDecimal, type Fraction, parsePercent } from '../core/fraction.ts';
import type { PeriodKind } from './periods.ts';
import type { Contract, ContractReading, ContractRow, RowType } from './schema.ts';

/** How one row is to be judged under one reading: the contract's text with the reading's overrides applied. */
export interface RowRules {
  readonly row: string;
  readonly reading: string;
  readonly type: JudgedType;
  readonly period: PeriodKind;
  /** The percentage as written; null where nothing is promised. */
  readonly target: string | null;
  /** Share of bad time, or of tests not met, that the row bears: 1 − T*. Null where nothing is promised. */
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

/** The reading of a contract that drives alerts, claims and incidents: the first one. */
export function leadingReading({ readings }: Pick<Contract, 'readings'>): string {
  const [first] = Object.keys(readings);
  if (first === undefined) throw new Error('a contract without readings');
  return first;
}

/** Row types that are judged from slots; support is judged from tickets. */
export type JudgedType = Exclude<RowType, 'support'>;

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
  if (row.type === 'support') return undefined;
  return {
    row: row.id,
    reading,
    type: row.type,
    // A durability that names no period is told as a rate a year.
    period: row.period ?? 'year',
    ...promiseOf(row, contractReading.rows?.[row.id] ?? {}),
    honoured: new Set(EXCLUSION_KINDS.filter((kind) => effectOf(contractReading, kind) === 'excluded')),
    excusedCauses: excusedCauses(contractReading),
    removesExcluded: contract.exclusions.effect === 'removed',
    starred: row.requires === 'all-subregions',
  };
}

type Override = NonNullable<ContractReading['rows']>[string];
type JudgedRow = Exclude<ContractRow, { type: 'support' }>;
type Terms = Pick<RowRules, 'target' | 'allowed' | 'deductMs' | 'mergeGapMs' | 'minimumMs'>;

const AS_SEEN = { deductMs: 0, mergeGapMs: 0, minimumMs: 0 } as const;

function promiseOf(row: JudgedRow, override: Override): Terms {
  switch (row.type) {
    case 'none':
      return { target: null, allowed: null, ...AS_SEEN };
    case 'sampled-share':
    case 'durability':
      return { ...targetOf(override.target ?? row.target), ...AS_SEEN };
    case 'availability':
      return { ...targetOf(override.target ?? row.target), ...incidentRules(row.incident, override) };
    case 'latency-bound':
      return {
        ...boundOf(override.allowedShare ?? row.allowedShare),
        ...incidentRules(row.incident, override),
      };
  }
}

function incidentRules(incident: IncidentFields, override: Override): Omit<Terms, 'target' | 'allowed'> {
  return {
    deductMs: override.deduct ?? incident.deduct,
    mergeGapMs: override.mergeGap ?? incident.mergeGap,
    minimumMs: override.minimum ?? incident.minimum,
  };
}

type IncidentFields = Extract<ContractRow, { type: 'availability' }>['incident'];

function targetOf(target: string): Pick<Terms, 'target' | 'allowed'> {
  return { target, allowed: complement(exactPercent(target)) };
}

function boundOf(allowedShare: string): Pick<Terms, 'target' | 'allowed'> {
  const allowed = exactPercent(allowedShare);
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

/** Whether two sets of rules of one row and reading judge alike. */
export function sameRules(a: RowRules, b: RowRules): boolean {
  return canonical(a) === canonical(b);
}

function canonical({ allowed, honoured, excusedCauses, ...plain }: RowRules): string {
  return JSON.stringify([
    plain,
    allowed && `${allowed.num}/${allowed.den}`,
    [...honoured].sort(),
    [...excusedCauses].sort(),
  ]);
}
