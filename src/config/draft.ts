import type { ContractDraft } from '../contract/consistency.ts';
import type { ContractRow } from '../contract/schema.ts';
import { exclusionSchema } from '../contract/exclusion-schema.ts';
import type { DocumentPath } from '../contract/finding.ts';
import { type Draft, isMap, salvage, salvageEach } from './salvage.ts';
import {
  type CheckFile,
  checkSchema,
  type ConfigFile,
  configSchema,
  deploymentSchema,
  referenceSchema,
  rowCompositionSchema,
} from './schema.ts';

type Apart = 'checks' | 'rows' | 'exclusions' | 'deployment' | 'egress';

/** A check as far as it could be understood. */
export type CheckDraft = Draft<CheckFile>;
/** A row composition as far as it could be understood. */
export type CompositionDraft = Draft<ConfigFile['rows'][number]>;
/** A declared exclusion as far as it could be understood. */
export type ExclusionDraft = Draft<ConfigFile['exclusions'][number]>;

/** An egress reference as far as it could be understood. */
export type ReferenceDraft = Draft<NonNullable<ConfigFile['egress']>['references'][number]>;

/** What could be understood of a configuration file, so that one mistake does not hide the next. */
export interface ConfigDraft {
  readonly sections: Draft<Omit<ConfigFile, Apart>>;
  readonly deployment: Draft<NonNullable<ConfigFile['deployment']>>;
  /** Members of lists keep their indexes. */
  readonly checks: readonly CheckDraft[];
  readonly compositions: readonly CompositionDraft[];
  readonly exclusions: readonly ExclusionDraft[];
  readonly references: readonly ReferenceDraft[];
  /** Undefined when no contract could be read: then nothing is said of rows. */
  readonly contract: ContractDraft | undefined;
}

/** Keeps what is right in the data of a configuration file. */
export function draftConfig(data: unknown, contract: ContractDraft | undefined): ConfigDraft {
  const raw = isMap(data) ? data : {};
  const egress = raw['egress'];
  return {
    sections: salvage(configSchema, data) ?? {},
    checks: salvageEach(checkSchema, raw['checks']).map((check) => check ?? {}),
    compositions: salvageEach(rowCompositionSchema, raw['rows']).map((composition) => composition ?? {}),
    exclusions: salvageEach(exclusionSchema, raw['exclusions']).map((exclusion) => exclusion ?? {}),
    deployment: salvage(deploymentSchema, raw['deployment']) ?? {},
    references: salvageEach(referenceSchema, isMap(egress) ? egress['references'] : undefined).map(
      (reference) => reference ?? {},
    ),
    contract,
  };
}

/** The vantages that are expected to look at a check; undefined when that could not be understood. */
export function vantagesOf(draft: ConfigDraft, check: CheckDraft): readonly string[] | undefined {
  return check.vantages ?? draft.sections.vantages;
}

/** The ids of the checks; each once. */
export function checkIdsOf(draft: ConfigDraft): readonly string[] {
  return [...new Set(draft.checks.flatMap(({ id }) => (id === undefined ? [] : [id])))];
}

/** The contract's row with an id, when the contract could be read and the row is right. */
export function rowOf(draft: ConfigDraft, id: string | undefined): ContractRow | undefined {
  return draft.contract?.rows.find((row) => row.id === id)?.row;
}

/** All subregions of the region: as the configuration says, else as the contract says; undefined when neither. */
export function regionSubregionsOf({
  sections,
  deployment,
  contract,
}: ConfigDraft): readonly string[] | undefined {
  return (
    deployment.regionSubregions ??
    (sections.region === undefined ? undefined : contract?.regions?.[sections.region]?.subregions)
  );
}

/** Where a field of a check stands. */
export function checkPath(index: number, ...field: DocumentPath): DocumentPath {
  return ['checks', index, ...field];
}
