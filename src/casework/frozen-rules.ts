import { digestOfText } from '../closing/digest.ts';
import { judgedByText, parseJudgedBy } from '../closing/judged-by.ts';
import type { Config } from '../config/config.ts';
import { parseSource } from '../config/document.ts';
import { isMap } from '../config/salvage.ts';
import { declaredBy, timedExclusionSchema } from '../contract/exclusion-schema.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { readContractFile } from '../config/contract-file.ts';
import type { Contract } from '../contract/schema.ts';
import type { FrozenRules } from './frozen-judging.ts';

/** The rules of a configuration, and the texts that they are kept as. */
export interface RulesInForce {
  readonly rules: FrozenRules;
  /** What {@link frozenRules} reads back. */
  readonly text: string;
  /** Of the configuration and the contracts. */
  readonly sources: readonly string[];
}

/** The rules of a configuration as they stand; undefined where it was not read from files. */
export function rulesInForce(config: Config, coversRegion: boolean | null): RulesInForce | undefined {
  const { sources, contract, formerContracts = [], region, checks, compositions } = config;
  if (!sources) return undefined;
  const judgedBy = {
    ...{ region, coversRegion, checks, compositions },
    contracts: sources.contracts.map(digestOfText),
    configuration: digestOfText(sources.configuration),
  };
  const text = judgedByText(judgedBy);
  const rules = { judgedBy, digest: digestOfText(text), contract, formerContracts };
  return { rules, text, sources: [sources.configuration, ...sources.contracts] };
}

/** Where texts are found by their digests. */
export interface KeptRules {
  rules(digest: string): Promise<string | undefined>;
  source(digest: string): Promise<string | undefined>;
}

/** The rules with a digest, as they were kept; undefined when they, or a contract that they name, cannot be read. */
export async function frozenRules(digest: string, kept: KeptRules): Promise<FrozenRules | undefined> {
  const text = await kept.rules(digest);
  const judgedBy = text === undefined ? undefined : parseJudgedBy(text);
  if (!judgedBy) return undefined;
  const contracts: Contract[] = [];
  for (const name of judgedBy.contracts) {
    const source = await kept.source(name);
    const contract = source === undefined ? undefined : contractFrom(source);
    if (!contract) return undefined;
    contracts.push(contract);
  }
  const [contract, ...formerContracts] = contracts;
  return contract && { judgedBy, digest, contract, formerContracts };
}

/** The exclusions that stand in the text of a configuration file; those that cannot be understood are passed over. */
export function configuredIn(text: string): readonly DeclaredExclusion[] {
  const data = parseSource('vigie.yaml', text).document?.data;
  const listed: unknown = isMap(data) ? data['exclusions'] : undefined;
  return (Array.isArray(listed) ? listed : []).flatMap((one: unknown) => {
    const statement = timedExclusionSchema.safeParse(one).data;
    return statement ? declaredBy(statement) : [];
  });
}

function contractFrom(text: string): Contract | undefined {
  const file = readContractFile('contract.yaml', () => text);
  return 'unreadable' in file ? undefined : file.contract;
}
