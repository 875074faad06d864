import { type DocumentPath, errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { checksOf, type Composition, partsOf } from '../core/composition.ts';
import { checkIdsOf, checkPath, type ConfigDraft } from './draft.ts';
import { repeatedNames, unknownName } from './name-findings.ts';
import { measuredRowFindings } from './row-findings.ts';

/** What is wrong with `rows`: how the scopes of rows are made of checks (sla-math §4). */
export function compositionFindings(draft: ConfigDraft): readonly Finding[] {
  const known = checkIdsOf(draft);
  return [
    ...draft.compositions.flatMap((composition, index) => [
      ...measuredRowFindings(draft, composition, ['rows', index]),
      ...(composition.bad === undefined ? [] : partFindings(composition.bad, ['rows', index, 'bad'], known)),
    ]),
    ...repeatedNames(
      draft.compositions.map(memberOf),
      (index) => ['rows', index],
      (first) => `rows[${first}]`,
    ),
    ...unusedChecks(draft),
  ];
}

function memberOf({
  row,
  scope,
}: {
  readonly row?: string | undefined;
  readonly scope?: string | undefined;
}): string | undefined {
  return row === undefined || scope === undefined ? undefined : `${row} of ${scope}`;
}

function partFindings(
  composition: Composition,
  path: DocumentPath,
  known: readonly string[],
): readonly Finding[] {
  if (typeof composition === 'string')
    return unknownName(path, composition, known, 'a check of this configuration');
  const parts = partsOf(composition);
  const listed = 'any' in composition ? 'any' : 'all' in composition ? 'all' : 'of';
  const within = parts.flatMap((part, index) => partFindings(part, [...path, listed, index], known));
  if (!('quorum' in composition) || composition.quorum <= parts.length) return within;
  const message = `must be at most the number of its parts ${parts.length}, got ${composition.quorum}`;
  return [errorAt([...path, 'quorum'], message), ...within];
}

/** A check that names a row whose composition leaves it out counts for nothing. */
function unusedChecks(draft: ConfigDraft): readonly Finding[] {
  const used = new Map(
    draft.compositions.flatMap((composition) => {
      const member = memberOf(composition);
      const { bad } = composition;
      return member === undefined || bad === undefined ? [] : [[member, checksOf(bad)] as const];
    }),
  );
  return draft.checks.flatMap((check, index) => {
    const member = memberOf(check);
    const checks = member === undefined ? undefined : used.get(member);
    if (!checks || check.id === undefined || checks.includes(check.id)) return [];
    return [
      warningAt(
        checkPath(index, 'row'),
        `is "${check.row}", whose composition in rows does not use this check`,
      ),
    ];
  });
}
