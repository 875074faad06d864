import { dirname, isAbsolute, join } from 'node:path';
import { errorAt, type Finding } from '../contract/finding.ts';
import type { Contract } from '../contract/schema.ts';
import type { ContractLoadResult, LoadEnvironment, Problem } from './config.ts';
import { type ContractFile, readContractFile } from './contract-file.ts';
import { hasError, inOrder, locate } from './problem.ts';
import { showText } from './shape.ts';
import { unreadableProblem } from './source-text.ts';

/** The contracts that a contract replaced, as its file and theirs name them. */
export interface FormerContracts {
  /** The latest first. */
  readonly contracts: readonly Contract[];
  /** What is wrong with them, and with how they are named. */
  readonly problems: readonly Problem[];
  /** Every file that was asked for, there or not. */
  readonly files: readonly string[];
}

/** Loads and checks a contract file, and those that it replaced. Never throws for what is in them or for their absence. */
export function loadContract(
  path: string,
  environment: Pick<LoadEnvironment, 'readFile'>,
): ContractLoadResult {
  const file = readContractFile(path, environment.readFile);
  if ('unreadable' in file)
    return { contract: undefined, problems: [unreadableProblem(path, file.unreadable)] };
  const former = followFormer(file, path, environment.readFile);
  const problems = inOrder([...file.problems, ...former.problems]);
  return { contract: hasError(problems) ? undefined : file.contract, problems };
}

/**
 * Follows `effective.replaces` from contract to contract. Each must be there, hold from an earlier day, and have its
 * periods where the next has them: a period that ends elsewhere would not be cut but moved.
 */
export function followFormer(
  latest: ContractFile,
  path: string,
  readFile: (path: string) => string,
): FormerContracts {
  const contracts: Contract[] = [];
  const problems: Problem[] = [];
  const files = [path];
  for (let file = latest, at = path; file.contract?.effective;) {
    const { contract, document } = file;
    const { replaces } = file.contract.effective;
    const next = isAbsolute(replaces) ? replaces : join(dirname(at), replaces);
    const complain = (finding: Finding): void =>
      void problems.push(...(document ? locate([finding], document) : []));
    const named = (message: string): Finding =>
      errorAt(['effective', 'replaces'], `is "${showText(replaces)}", ${message}`);
    if (files.includes(next)) {
      complain(named('which this contract is itself, or replaced before'));
      break;
    }
    files.push(next);
    const former = readContractFile(next, readFile);
    if ('unreadable' in former) {
      complain(named(`but ${former.unreadable} (${next})`));
      break;
    }
    problems.push(...former.problems);
    if (!former.contract) break;
    const wrong = contract ? misfits(contract, former.contract, replaces) : [];
    for (const finding of wrong) complain(finding);
    // What goes back in time comes to an end, whatever ways there are to write a path.
    if (wrong.length > 0) break;
    contracts.push(former.contract);
    [file, at] = [former, next];
  }
  return { contracts, problems, files: files.slice(1) };
}

function misfits(contract: Contract, former: Contract, name: string): readonly Finding[] {
  const findings: Finding[] = [];
  const { effective, timezone, period } = contract;
  if (effective && former.effective && effective.from <= former.effective.from)
    findings.push(
      errorAt(
        ['effective', 'from'],
        `must be later than ${former.effective.from}, from when ${showText(name)} holds, got ${effective.from}`,
      ),
    );
  if (timezone !== former.timezone)
    findings.push(
      errorAt(['timezone'], `is "${timezone}", expected "${former.timezone}" as in ${showText(name)}`),
    );
  if (JSON.stringify(period.year) !== JSON.stringify(former.period.year))
    findings.push(errorAt(['period'], `has other years than ${showText(name)}, expected the same`));
  return findings;
}
