import type { KeyObject } from 'node:crypto';
import { ArchiveReader } from './archive-reader.ts';
import { periodAt, periodNamed } from '../contract/periods.ts';
import { contractAt, type ContractHistory, spanNamed, versionsOf } from '../contract/rule-history.ts';
import type { Check } from '../core/check.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';
import { signText } from '../evidence/signature.ts';
import { claimFiles, type ClaimMaterial } from '../report/claim-files.ts';
import type { ClaimSubject } from '../report/claim-facts.ts';
import { MANIFEST_FILE, manifestText, SIGNATURE_FILE, zipped } from '../report/pack.ts';
import type { KeptClosing } from '../report/report.ts';

const DAY_MS = 86_400_000;

/** Which period's closing a claim on a row draws on: the row's own kind, which a month lies in where that is the year. */
export function claimPeriod(
  contracts: ContractHistory,
  rowId: string,
  name: string,
): { readonly period: string; readonly subject: ClaimSubject } | undefined {
  const { contract } = contracts;
  const named = periodNamed(contract, name);
  const period = named && spanNamed(contracts, named);
  if (!named || !period) return undefined;
  const { fromMs, toMs } = period;
  const held = contractAt(versionsOf(contracts), toMs - 1);
  const row = [held, contract].flatMap(({ rows }) => rows).find(({ id }) => id === rowId);
  if (!row || row.type === 'support') return undefined;
  const kind = row.period ?? 'year';
  const span = { name, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  if (kind === named.kind) return { period: name, subject: { row: rowId, span } };
  if (kind === 'month') return undefined;
  return { period: periodAt(contract, 'year', fromMs).name, subject: { row: rowId, span } };
}

/** What a pack is put together from. */
export interface PackSources {
  readonly kept: KeptClosing;
  readonly subject: ClaimSubject;
  readonly rulesText: string;
  readonly contracts: readonly string[];
  /** How the row's checks were judged, within what the closing looks at: lines of transitions. */
  readonly timelines: readonly string[];
  readonly observations: readonly string[];
  /** Signs the list of the files. */
  readonly key: KeyObject | undefined;
}

/** A claim as one zip; undefined when the closing has no verdict on the row. The same sources give the same bytes. */
export function claimPack(sources: PackSources): Uint8Array | undefined {
  const { kept, subject, rulesText, contracts, observations, timelines, key } = sources;
  const material: ClaimMaterial = {
    ...kept,
    ...{ subject, observations, timelines, rules: rulesText, contracts },
  };
  const files = claimFiles(material);
  if (!files) return undefined;
  const manifest = manifestText(files);
  const signature = key && `${JSON.stringify(signText(manifest, key), undefined, 1)}\n`;
  return zipped(
    new Map([
      ...files,
      [MANIFEST_FILE, manifest],
      ...(signature === undefined ? [] : [[SIGNATURE_FILE, signature] as const]),
    ]),
  );
}

/**
 * The archived observations of checks in the days within [fromMs, toMs), and up to where they reach; for what the windows
 * no longer keep.
 */
export async function archivedObservations(
  files: ArchiveFiles,
  checks: readonly Check[],
  fromMs: number,
  toMs: number,
): Promise<{ readonly lines: readonly string[]; readonly toMs: number }> {
  const reader = await ArchiveReader.open(files);
  const wanted = checks.map(({ id }) => `{"check":${JSON.stringify(id)},`);
  const lines: string[] = [];
  let reachedMs = fromMs;
  for (const link of reader.daysAsOf(Infinity)) {
    const dayMs = Date.parse(link.name);
    if (dayMs + DAY_MS <= fromMs || dayMs >= toMs) continue;
    for await (const line of reader.observations(link))
      if (wanted.some((start) => line.startsWith(start))) lines.push(line);
    reachedMs = Math.min(toMs, dayMs + DAY_MS);
  }
  return { lines, toMs: reachedMs };
}
