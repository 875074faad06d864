import { errorAt, type Finding } from '../contract/finding.ts';
import { alertingFindings } from './alerting.ts';
import { coarseInterval } from './budget-findings.ts';
import { compositionFindings } from './composition-findings.ts';
import { uncheckedRows } from './coverage-findings.ts';
import { deploymentFindings } from './deployment-findings.ts';
import { checkPath, type ConfigDraft } from './draft.ts';
import { exclusionFindings } from './exclusion-findings.ts';
import { repeatedMembers, repeatedNames, unknownNames } from './name-findings.ts';
import { measuredRowFindings } from './row-findings.ts';
import { timingFindings } from './timing-findings.ts';

const KNOWN_VANTAGE = 'a vantage of this configuration';

/** What is wrong between the parts of a configuration, as far as they could be understood; probes aside. */
export function configFindings(draft: ConfigDraft): readonly Finding[] {
  return [
    ...repeatedMembers(['vantages'], draft.sections.vantages),
    ...deploymentFindings(draft),
    ...repeatedNames(
      draft.checks.map(({ id }) => id),
      (index) => checkPath(index, 'id'),
      (first) => `checks[${first}]`,
    ),
    ...draft.checks.flatMap((check, index) => [
      ...measuredRowFindings(draft, check, checkPath(index)),
      ...unknownNames(checkPath(index, 'vantages'), check.vantages, draft.sections.vantages, KNOWN_VANTAGE),
      ...repeatedMembers(checkPath(index, 'vantages'), check.vantages),
      ...timingFindings(draft, check, index),
      ...coarseInterval(draft, check, index),
    ]),
    ...compositionFindings(draft),
    ...exclusionFindings(draft),
    ...referenceFindings(draft),
    ...shardingFindings(draft),
    ...alertingFindings(draft),
    ...uncheckedRows(draft),
  ];
}

function shardingFindings({ sections }: ConfigDraft): readonly Finding[] {
  const { sharding, vantages, window } = sections;
  if (sharding === undefined || sharding === false) return [];
  const path = ['sharding'];
  return [
    ...(sharding === true ? [] : unknownNames(path, sharding, vantages, KNOWN_VANTAGE)),
    ...(sharding === true ? [] : repeatedMembers(path, sharding)),
    ...(window === undefined ? [errorAt(path, 'needs shared windows: expected window.url')] : []),
  ];
}

function referenceFindings({ sections, references }: ConfigDraft): readonly Finding[] {
  return references.flatMap(({ vantages }, index) =>
    unknownNames(['egress', 'references', index, 'vantages'], vantages, sections.vantages, KNOWN_VANTAGE),
  );
}
