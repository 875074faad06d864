import { dirname, resolve } from 'node:path';
import type { Contract } from '../contract/schema.ts';
import type { Check } from '../core/check.ts';
import type { DeclaredExclusion } from '../core/exclusion.ts';
import { Secret } from '../core/secret.ts';
import type { Config, EgressReference } from './config.ts';
import { type ConfigDraft, regionSubregionsOf } from './draft.ts';
import type { ProbeRequest } from './probe-findings.ts';
import type { CheckFile, ConfigFile } from './schema.ts';

/** All that a configuration is made of, once nothing is wrong with it. */
export interface Parts {
  readonly path: string;
  readonly file: ConfigFile;
  readonly draft: ConfigDraft;
  readonly contract: Contract;
  /** By the index of their check. */
  readonly requests: readonly (ProbeRequest | undefined)[];
}

/** Puts a configuration together: paths made absolute, references followed, defaults filled in. */
export function completeConfig({ path, file, draft, contract, requests }: Parts): Config {
  const url = draft.sections.window?.url;
  return {
    path: resolve(path),
    contract,
    region: file.region,
    subregions: file.deployment?.subregions,
    regionSubregions: regionSubregionsOf(draft),
    vantages: file.vantages,
    windowUrl: url instanceof Secret ? url.reveal() : url,
    dataDir: resolve(dirname(path), file.dataDir),
    listen: file.listen,
    checks: file.checks.map((check, index) => completeCheck(check, file.vantages, requests[index])),
    compositions: file.rows,
    exclusions: file.exclusions.map(completeExclusion),
    references: (file.egress?.references ?? []).map(({ host, port, vantages }): EgressReference => ({
      host,
      port,
      vantages: vantages ?? file.vantages,
    })),
    alerting: file.alerting ?? { alertmanagers: [], push: false },
  };
}

function completeCheck(
  check: CheckFile,
  allVantages: readonly string[],
  request: ProbeRequest | undefined,
): Check {
  if (!request) throw new Error(`check ${check.id} was not set up, and no error said so`);
  const { id, probe, row, scope, attempts, confirm } = check;
  return {
    id,
    probe,
    row,
    scope,
    intervalMs: check.interval,
    timeoutMs: check.timeout,
    attempts,
    confirm,
    vantages: check.vantages ?? allVantages,
    settings: request.settings,
    expectations: request.expectations,
  };
}

function completeExclusion(exclusion: ConfigFile['exclusions'][number]): DeclaredExclusion {
  const { id, kind, from, to, rows, checks, scopes, reason, author, enteredAt, evidence } = exclusion;
  return {
    id,
    kind,
    fromMs: from,
    toMs: to,
    ...(rows && { rows }),
    ...(checks && { checks }),
    ...(scopes && { scopes }),
    reason,
    author,
    ...(enteredAt !== undefined && { enteredAtMs: enteredAt }),
    ...(evidence !== undefined && { evidence }),
  };
}
