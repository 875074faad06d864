import { dirname, resolve } from 'node:path';
import { declaredBy } from '../contract/exclusion-schema.ts';
import type { Contract } from '../contract/schema.ts';
import type { Check } from '../core/check.ts';
import { Secret } from '../core/secret.ts';
import { accessOf } from './access.ts';
import type { Config, EgressReference, EvidenceSettings, StatusFeedSource } from './config.ts';
import { type ConfigDraft, regionSubregionsOf } from './draft.ts';
import type { ProbeRequest } from './probe-findings.ts';
import type { CheckFile, ConfigFile } from './schema.ts';
import { verifiesClients, type WebSettings } from './web.ts';

/** All that a configuration is made of, once nothing is wrong with it. */
export interface Parts {
  readonly path: string;
  readonly file: ConfigFile;
  readonly draft: ConfigDraft;
  readonly contract: Contract;
  readonly formerContracts: readonly Contract[];
  /** By the index of their check. */
  readonly requests: readonly (ProbeRequest | undefined)[];
  readonly web: WebSettings | undefined;
}

/** Puts a configuration together: paths made absolute, references followed, defaults filled in. */
export function completeConfig({
  path,
  file,
  draft,
  contract,
  formerContracts,
  requests,
  web,
}: Parts): Config {
  const { url, ...windowAccess } = draft.sections.window ?? {};
  return {
    path: resolve(path),
    contract,
    formerContracts,
    region: file.region,
    subregions: file.deployment?.subregions,
    regionSubregions: regionSubregionsOf(draft),
    vantages: file.vantages,
    ...(file.sharding !== false && {
      shardedVantages: file.sharding === true ? file.vantages : file.sharding,
    }),
    windowUrl: url instanceof Secret ? url.reveal() : url,
    ...(url !== undefined && { windowAccess }),
    dataDir: resolve(dirname(path), file.dataDir),
    access: accessOf(draft.sections.access, {
      isKnowing: (web?.users.size ?? 0) > 0 || verifiesClients(web),
      link: file.alerting?.url,
    }),
    ...(web && { web }),
    ...(file.tickets && { ticketsFile: resolve(dirname(path), file.tickets.file) }),
    listen: file.listen,
    checks: file.checks.map((check, index) => completeCheck(check, file.vantages, requests[index])),
    compositions: file.rows,
    exclusions: file.exclusions.flatMap(declaredBy),
    references: (file.egress?.references ?? []).map(({ host, port, vantages }): EgressReference => ({
      host,
      port,
      vantages: vantages ?? file.vantages,
    })),
    ...(file.statusFeed && { statusFeed: statusFeedOf(file.statusFeed) }),
    ...(draft.sections.evidence && { evidence: evidenceOf(draft.sections.evidence, dirname(path)) }),
    ...(file.reports && { reports: file.reports }),
    alerting: draft.sections.alerting ?? { alertmanagers: [], push: false },
  };
}

function evidenceOf(evidence: NonNullable<ConfigFile['evidence']>, folder: string): EvidenceSettings {
  const { directory, s3, key, grace } = evidence;
  const settings = { graceMs: grace, ...(key && { key }) };
  if (directory !== undefined) return { ...settings, archive: { directory: resolve(folder, directory) } };
  if (!s3) return settings;
  const { prefix = '', ...bucket } = s3;
  return { ...settings, archive: { bucket, prefix } };
}

function statusFeedOf({ url, format, every }: NonNullable<ConfigFile['statusFeed']>): StatusFeedSource {
  return { url, format, everyMs: every };
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
    ...(request.objects !== undefined && { objects: request.objects }),
  };
}
