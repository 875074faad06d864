import { rowIdsOf } from '../contract/consistency.ts';
import { errorAt, type Finding } from '../contract/finding.ts';
import { checkIdsOf, type ConfigDraft, type ExclusionDraft } from './draft.ts';
import { repeatedNames, unknownNames } from './name-findings.ts';
import { REGION_SCOPE } from './row-findings.ts';

/** What is wrong with declared exclusions: empty spans, and names of nothing. */
export function exclusionFindings(draft: ConfigDraft): readonly Finding[] {
  const rows = draft.contract && rowIdsOf(draft.contract);
  const checks = checkIdsOf(draft);
  const scopes = [
    ...new Set([
      REGION_SCOPE,
      ...[...draft.checks, ...draft.compositions].flatMap(({ scope }) => scope ?? []),
    ]),
  ];
  return [
    ...repeatedNames(
      draft.exclusions.map(({ id }) => id),
      (index) => ['exclusions', index, 'id'],
      (first) => `exclusions[${first}]`,
    ),
    ...draft.exclusions.flatMap((exclusion, index) => {
      const path = ['exclusions', index];
      return [
        ...spanFindings(exclusion, index),
        ...unknownNames([...path, 'rows'], exclusion.rows, rows, 'a row of the contract'),
        ...unknownNames([...path, 'checks'], exclusion.checks, checks, 'a check of this configuration'),
        ...unknownNames([...path, 'scopes'], exclusion.scopes, scopes, 'a scope of a check or of a row'),
      ];
    }),
  ];
}

function spanFindings({ from, to }: ExclusionDraft, index: number): readonly Finding[] {
  if (from === undefined || to === undefined || to > from) return [];
  const [fromText, toText] = [from, to].map((ms) => new Date(ms).toISOString());
  return [errorAt(['exclusions', index, 'to'], `must be later than from, ${fromText}, got ${toText}`)];
}
