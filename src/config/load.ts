import { dirname } from 'node:path';
import type { Finding } from '../contract/finding.ts';
import { accessFindings, clearTextFindings } from './access.ts';
import { completeConfig } from './complete.ts';
import type { LoadEnvironment, LoadResult, Problem } from './config.ts';
import { configFindings } from './config-findings.ts';
import type { ContractFile } from './contract-file.ts';
import { followContract } from './contract-reference.ts';
import { parseSource, type SourceDocument } from './document.ts';
import { type ConfigDraft, draftConfig } from './draft.ts';
import { evidenceFindings } from './evidence-findings.ts';
import { followFormer, type FormerContracts } from './former-contracts.ts';
import { holidayFindings } from './holiday-findings.ts';
import { keptSource } from './kept-source.ts';
import { identicalRequests, probeOf } from './probe-findings.ts';
import { gathered, hasError, inOrder, locate } from './problem.ts';
import { configSchema } from './schema.ts';
import { resolveSecrets, type SecretStore } from './secret-findings.ts';
import { shapeOf } from './shape.ts';
import { readSource, unreadableProblem } from './source-text.ts';
import { verifiesClients } from './web.ts';
import { followWeb } from './web-file.ts';
import { windowFindings } from './window-findings.ts';

/**
 * Reads, checks and completes a configuration file with its contract and secrets. Every problem is found in one
 * pass, so far as the text can be understood. Never throws for what is in the files or for their absence.
 */
export function loadConfig(path: string, given: LoadEnvironment): LoadResult {
  const texts = new Map<string, string>();
  const readFile = (file: string): string => {
    const text = given.readFile(file);
    texts.set(file, text);
    return text;
  };
  const environment: TextKeeping = { ...given, readFile, texts };
  const source = readSource(path, readFile);
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

/** An environment that remembers what was read: the texts that a configuration was made of are its evidence. */
interface TextKeeping extends LoadEnvironment {
  readonly texts: ReadonlyMap<string, string>;
}

function loadDocument(
  path: string,
  document: SourceDocument,
  ofSyntax: readonly Problem[],
  environment: TextKeeping,
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
  const web = followWeb(document, environment, secrets);
  const findings: readonly Finding[] = [
    ...ofShape,
    ...followed.findings,
    ...configFindings(draft),
    ...probes.flatMap((probe) => probe.findings),
    ...identicalRequests(draft, requests),
    ...sharedWindowFindings(draft, secrets),
    ...evidenceFindings(draft, secrets),
    ...resolveSecrets(draft.sections.access, ['access'], secrets),
    ...resolveSecrets(draft.sections.alerting, ['alerting'], secrets),
    ...web.findings,
    ...accessFindings(
      draft,
      verifiesClients(web.settings) ? undefined : [...(web.settings?.users.keys() ?? [])],
    ),
    ...clearTextFindings(draft, {
      hasUsers: (web.settings?.users.size ?? 0) > 0,
      hasTls: web.settings?.tls !== undefined,
    }),
  ];
  const former =
    followed.file && followed.path !== undefined
      ? followFormer(followed.file, followed.path, environment.readFile)
      : NONE_FORMER;
  const ofContract = [
    ...(followed.file?.problems ?? []),
    ...datedProblems(followed.file, environment.nowMs),
    ...former.problems,
  ];
  const problems = gathered([
    ...inOrder([...ofSyntax, ...locate(findings, document)]),
    ...inOrder(ofContract),
    ...web.problems,
  ]);
  const contract = followed.file?.contract;
  const usable = file && contract && !hasError(problems);
  const sources = {
    configuration: keptSource(environment.texts.get(path) ?? ''),
    contracts: [...(followed.path === undefined ? [] : [followed.path]), ...former.files].map(
      (name) => environment.texts.get(name) ?? '',
    ),
  };
  return {
    config: usable
      ? {
          ...completeConfig({
            ...{ path, file, draft, contract, formerContracts: former.contracts, requests },
            web: web.settings,
          }),
          sources,
        }
      : undefined,
    problems,
    files: [
      ...new Set([
        path,
        ...(followed.path === undefined ? [] : [followed.path]),
        ...former.files,
        ...secretFiles,
        ...web.files,
      ]),
    ],
  };
}

/** What time has made wrong of a contract that is in force. */
function datedProblems(file: ContractFile | undefined, nowMs: number | undefined): readonly Problem[] {
  if (!file?.document) return [];
  return locate(holidayFindings(file.draft?.support, nowMs), file.document);
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
