import { checksOf } from '../../core/composition.ts';
import type { AlertLevel } from './alert.ts';
import { rowPlans, type RowPlan } from './row-plan.ts';
import type { AlertingSetup, WatchedMember } from './setup.ts';

/** Labels of every alert about a row member besides row and scope; one that is not known is not there. */
export const MEMBER_LABELS = ['clause', 'level', 'subregion', 'budget'] as const;

/** What alerts about a row member are labelled with: exported for the rules, and set by whoever pushes alerts. */
export interface MemberLabels {
  readonly clause: string;
  readonly level: AlertLevel;
  /** The subregion that the member is, or lies in, where that is known. */
  readonly subregion?: string;
  /** `scarce`: so little is allowed that seconds matter on the way to the pager. */
  readonly budget?: 'scarce';
}

/** A row member that alerts are made of. */
export interface LabelledMember extends WatchedMember {
  readonly labels: MemberLabels;
}

/** Every member of every row that has a plan, with the labels of its alerts. */
export function labelledMembers(setup: AlertingSetup): readonly LabelledMember[] {
  return rowPlans(setup).flatMap((plan) =>
    plan.members.map((member) => ({ ...member, labels: labelsOf(plan, member, setup) })),
  );
}

function labelsOf({ row, isScarce }: RowPlan, member: WatchedMember, setup: AlertingSetup): MemberLabels {
  return {
    clause: row.clause,
    ...placeOf(row.individual, member, setup),
    ...(isScarce && { budget: 'scarce' }),
  };
}

const LEVELS: Readonly<Record<string, AlertLevel>> = { region: 'region', subregion: 'subregion' };

/**
 * Where a row's members stand: the region over its subregions over what lies in them. A subregion is its own member; a
 * resource lies in the subregion whose composition names one of its checks, and where none does, nowhere that is known.
 */
function placeOf(
  individual: string | undefined,
  member: WatchedMember,
  setup: AlertingSetup,
): Pick<MemberLabels, 'level' | 'subregion'> {
  if (individual === undefined) return { level: 'service' };
  const level = LEVELS[individual] ?? 'resource';
  if (level === 'region') return { level };
  const subregion = level === 'subregion' ? member.scope : subregionAround(member, setup);
  return subregion === undefined ? { level } : { level, subregion };
}

function subregionAround(
  { checks }: WatchedMember,
  { contract, compositions }: AlertingSetup,
): string | undefined {
  const subregionRows = new Set(
    contract.rows.filter(({ individual }) => individual === 'subregion').map(({ id }) => id),
  );
  const own = new Set(checks.map(({ id }) => id));
  return compositions.find(
    ({ row, bad }) => subregionRows.has(row) && checksOf(bad).some((id) => own.has(id)),
  )?.scope;
}
