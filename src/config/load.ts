import { dirname } from 'node:path';
import type { Finding } from '../contract/finding.ts';
import { completeConfig } from './complete.ts';
import type { LoadEnvironment, LoadResult, Problem } from './config.ts';
import { configFindings } from './config-findings.ts';
import { followContract } from './contract-reference.ts';
import { parseSource, type SourceDocument } from './document.ts';
import { type ConfigDraft, draftConfig } from './draft.ts';
import { followFormer, type FormerContracts } from './former-contracts.ts';
import { identicalRequests, probeOf } from './probe-findings.ts';
import { hasError, inOrder, locate } from './problem.ts';
import { configSchema } from './schema.ts';
import { resolveSecrets, type SecretStore } from './secret-findings.ts';
import { shapeOf } from './shape.ts';
import { readSource, unreadableProblem } from './source-text.ts';
import { windowFindings } from './window-findings.ts';

/**
 * Reads, checks and completes a configuration file with its contract and secrets. Every problem is found in one
 * pass, so far as the text can be understood. Never throws for what is in the files or for their absence.
 */
export function loadConfig(path: string, environment: LoadEnvironment): LoadResult {
  const source = readSource(path, environment.readFile);
  const refused = (problems: readonly Problem[]): LoadResult => ({
    config: undefined,
    problems: inOrder(problems),
    files: [path],
  });
  if ('unreadable' in source) return refused([unreadableProblem(path, source.unreadable)]);
  if ('problem' in source) return refused([source.problem]);
  const { document, problems } = parseSource(path, source.text);
  return document ? loadDocument(path, document, problems, environment) : refused(problems);
}

function loadDocument(
  path: string,
  document: SourceDocument,
  ofSyntax: readonly Problem[],
  environment: LoadEnvironment,
): LoadResult {
  const { value: file, findings: ofShape } = shapeOf(configSchema, document.data, document);
  const followed = followContract(contractNamedBy(document), path, environment);
  const draft = draftConfig(document.data, followed.file?.draft);
  const secretFiles: string[] = [];
  const secrets = { folder: dirname(path), environment, asked: (name: string) => secretFiles.push(name) };
  const probes = draft.checks.map((check, index) =>
    probeOf(check, index, environment.kinds, document, secrets),
  );
  const requests = probes.map(({ request }) => request);
  const findings: readonly Finding[] = [
    ...ofShape,
    ...followed.findings,
    ...configFindings(draft),
    ...probes.flatMap((probe) => probe.findings),
    ...identicalRequests(draft, requests),
    ...sharedWindowFindings(draft, secrets),
    ...resolveSecrets(draft.sections.access?.token, ['access', 'token'], secrets),
  ];
  const former =
    followed.file && followed.path !== undefined
      ? followFormer(followed.file, followed.path, environment.readFile)
      : NONE_FORMER;
  const ofContract = [...(followed.file?.problems ?? []), ...former.problems];
  const problems = [...inOrder([...ofSyntax, ...locate(findings, document)]), ...inOrder(ofContract)];
  const contract = followed.file?.contract;
  const usable = file && contract && !hasError(problems);
  return {
    config: usable
      ? completeConfig({ path, file, draft, contract, formerContracts: former.contracts, requests })
      : undefined,
    problems,
    files: [
      ...new Set([
        path,
        ...(followed.path === undefined ? [] : [followed.path]),
        ...former.files,
        ...secretFiles,
      ]),
    ],
  };
}

const NONE_FORMER: FormerContracts = { contracts: [], problems: [], files: [] };

/** Read before the rest, which is understood in the light of the contract. */
function contractNamedBy({ data }: SourceDocument): string | undefined {
  return configSchema.pick({ contract: true }).strip().safeParse(data).data?.contract;
}

function sharedWindowFindings(draft: ConfigDraft, secrets: SecretStore): readonly Finding[] {
  const missing = resolveSecrets(draft.sections.window, ['window'], secrets);
  return missing.length > 0 ? missing : windowFindings(draft);
}
