import { checksOf } from '../../core/composition.ts';
import type { AlertLabels, AlertLevel } from './alert.ts';
import type { RowPlan } from './row-plan.ts';
import type { AlertingSetup, WatchedMember } from './setup.ts';

const LEVELS: Readonly<Record<string, AlertLevel>> = { region: 'region', subregion: 'subregion' };

/**
 * Where a row's members stand: the region over its subregions over what lies in them. A subregion is its own member; a
 * resource lies in the subregion whose composition names one of its checks, and where none does, nowhere that is known.
 */
export function levelLabels(
  { row, members }: RowPlan,
  setup: AlertingSetup,
): Pick<AlertLabels, 'level' | 'subregion'> {
  if (row.individual === undefined) return { level: 'service' };
  const level = LEVELS[row.individual] ?? 'resource';
  if (level === 'region') return { level };
  if (level === 'subregion') return { level, subregion: '{{ $labels.scope }}' };
  const subregion = members
    .flatMap((member) => placeOf(member, setup))
    .map(([scope, place]) => `{{ if eq $labels.scope ${JSON.stringify(scope)} }}${place}{{ end }}`)
    .join('');
  return subregion === '' ? { level } : { level, subregion };
}

function placeOf(
  { scope, checks }: WatchedMember,
  { contract, compositions }: AlertingSetup,
): readonly (readonly [string, string])[] {
  const subregionRows = new Set(
    contract.rows.filter(({ individual }) => individual === 'subregion').map(({ id }) => id),
  );
  const own = new Set(checks.map(({ id }) => id));
  const around = compositions.find(
    ({ row, bad }) => subregionRows.has(row) && checksOf(bad).some((id) => own.has(id)),
  );
  return around ? [[scope, around.scope]] : [];
}
