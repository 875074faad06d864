import { type Finding, warningAt } from '../contract/finding.ts';
import { type ConfigDraft, regionSubregionsOf } from './draft.ts';
import { repeatedMembers, unknownNames } from './name-findings.ts';
import { suggest } from './nearest.ts';

/** What is wrong with region and deployment, and which starred rows the deployment may not claim (contract.md). */
export function deploymentFindings(draft: ConfigDraft): readonly Finding[] {
  const { deployment } = draft;
  const { region } = draft.sections;
  const all = regionSubregionsOf(draft);
  const path = ['deployment', 'subregions'];
  return [
    ...repeatedMembers(path, deployment.subregions),
    ...repeatedMembers(['deployment', 'regionSubregions'], deployment.regionSubregions),
    ...unknownNames(path, deployment.subregions, all, `a subregion of ${region ?? 'the region'}`),
    ...unknownRegion(draft),
    ...starFindings(draft, deployment.subregions, all),
  ];
}

function unknownRegion({ sections, deployment, contract }: ConfigDraft): readonly Finding[] {
  const { region } = sections;
  if (region === undefined || !contract?.regions || contract.regions[region]) return [];
  if (deployment.regionSubregions) return [];
  const known = Object.keys(contract.regions);
  return [warningAt(['region'], `is "${region}", which the contract does not list${suggest(region, known)}`)];
}

function starFindings(
  draft: ConfigDraft,
  deployed: readonly string[] | undefined,
  all: readonly string[] | undefined,
): readonly Finding[] {
  const starred = (draft.contract?.rows ?? []).flatMap(({ row }) => (row?.requires ? [row.id] : []));
  if (starred.length === 0) return [];
  const rows = starred.join(', ');
  const path = ['deployment', 'subregions'];
  if (!deployed) return [warningAt(path, `is missing: whether ${rows} (*) may be claimed cannot be known`)];
  if (!all)
    return [
      warningAt(
        ['deployment', 'regionSubregions'],
        `is missing, and the contract does not list the region: whether ${rows} (*) may be claimed cannot be known`,
      ),
    ];
  const uncovered = all.filter((subregion) => !deployed.includes(subregion));
  if (uncovered.length === 0) return [];
  return [warningAt(path, `leaves out ${uncovered.join(', ')}: ${rows} (*) may not be claimed`)];
}
