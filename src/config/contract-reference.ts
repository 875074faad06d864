import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { errorAt, type Finding } from '../contract/finding.ts';
import type { LoadEnvironment } from './config.ts';
import { type ContractFile, readContractFile } from './contract-file.ts';
import { showText } from './shape.ts';

/** What a configuration's `contract:` led to. */
export interface FollowedContract {
  /** Undefined when it led to no file. */
  readonly file: ContractFile | undefined;
  /** The path that was asked for. */
  readonly path: string | undefined;
  /** What is wrong with the reference itself. */
  readonly findings: readonly Finding[];
}

/** The id of a shipped contract has no dot and no slash, so that it is never taken for a path. */
const SHIPPED_ID = /^[a-z0-9][a-z0-9-]*$/;

/** Follows `contract:`, the id of a shipped contract or a path relative to the configuration. */
export function followContract(
  reference: string | undefined,
  configPath: string,
  environment: Pick<LoadEnvironment, 'readFile' | 'shippedContract'>,
): FollowedContract {
  if (reference === undefined) return { file: undefined, path: undefined, findings: [] };
  const path = contractPath(reference, configPath, environment);
  const wrong = (message: string): FollowedContract => ({
    file: undefined,
    path,
    findings: [errorAt(['contract'], `is "${showText(reference)}", ${message}`)],
  });
  if (path === undefined)
    return wrong('which is no shipped contract; expected its id, or a path like "contracts/mine.yaml"');
  const file = readContractFile(path, environment.readFile);
  if (!('unreadable' in file)) return { file, path, findings: [] };
  const id = basename(path, extname(path));
  const shipped = SHIPPED_ID.test(id) && environment.shippedContract(id) !== undefined;
  const hint = shipped ? `; did you mean the shipped contract "${id}"?` : '';
  return wrong(`but ${file.unreadable} (${path})${hint}`);
}

function contractPath(
  reference: string,
  configPath: string,
  environment: Pick<LoadEnvironment, 'shippedContract'>,
): string | undefined {
  if (SHIPPED_ID.test(reference)) return environment.shippedContract(reference);
  return isAbsolute(reference) ? reference : join(dirname(configPath), reference);
}
