import { rowIdsOf } from '../contract/consistency.ts';
import type { ContractRow } from '../contract/schema.ts';
import { type DocumentPath, errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { type ConfigDraft, regionSubregionsOf, rowOf } from './draft.ts';
import { unknownName } from './name-findings.ts';
import { suggest } from './nearest.ts';

/** The scope of a row that is promised for the region as a whole. */
export const REGION_SCOPE = 'region';

/**
 * What is wrong with the row and scope that a check or a composition names. A scope that does not go with how the
 * row is promised is a warning: the contract may only have left `individual` unsaid.
 */
export function measuredRowFindings(
  draft: ConfigDraft,
  named: { readonly row?: string | undefined; readonly scope?: string | undefined },
  path: DocumentPath,
): readonly Finding[] {
  if (!draft.contract || named.row === undefined) return [];
  const known = rowIdsOf(draft.contract);
  const unknown = unknownName([...path, 'row'], named.row, known, 'a row of the contract');
  const row = rowOf(draft, named.row);
  if (!row || unknown.length > 0) return unknown;
  if (row.type === 'none' || row.type === 'support') {
    const reason = row.type === 'none' ? 'which promises nothing' : 'which is judged from tickets';
    return [errorAt([...path, 'row'], `is "${row.id}", ${reason}; expected a row that checks can measure`)];
  }
  return named.scope === undefined ? [] : scopeFindings(draft, row, named.scope, [...path, 'scope']);
}

function scopeFindings(
  draft: ConfigDraft,
  row: ContractRow,
  scope: string,
  path: DocumentPath,
): readonly Finding[] {
  const { individual } = row;
  if (individual === undefined || individual === REGION_SCOPE) {
    if (scope === REGION_SCOPE) return [];
    return [
      warningAt(
        path,
        `is "${scope}", but ${row.id} is promised for the region as a whole, not for each member`,
      ),
    ];
  }
  if (scope === REGION_SCOPE)
    return [
      warningAt(
        path,
        `is "${scope}", but ${row.id} is promised for each ${individual}; name the one that is meant`,
      ),
    ];
  const subregions = regionSubregionsOf(draft);
  if (individual !== 'subregion' || !subregions || subregions.includes(scope)) return [];
  return [warningAt(path, `is "${scope}", which is no subregion of the region${suggest(scope, subregions)}`)];
}
