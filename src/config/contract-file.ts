import { z } from 'zod';
import { type ContractDraft, contractFindings } from '../contract/consistency.ts';
import { type Contract, contractSchema, readingSchema } from '../contract/schema.ts';
import { rowSchema } from '../contract/row-schema.ts';
import type { Problem } from './config.ts';
import { parseSource, type SourceDocument } from './document.ts';
import { suggest } from './nearest.ts';
import { hasError, inOrder, locate } from './problem.ts';
import { isMap, salvage } from './salvage.ts';
import { shapeOf } from './shape.ts';
import { readSource } from './source-text.ts';

/** A contract file that was read: the contract when nothing is wrong, else what could be understood of it. */
export interface ContractFile {
  readonly contract: Contract | undefined;
  /** Undefined when the file could not be read at all. */
  readonly draft: ContractDraft | undefined;
  /** Where its parts stand; undefined when it could not be understood at all. */
  readonly document: SourceDocument | undefined;
  readonly problems: readonly Problem[];
}

/** Reads a contract file and keeps what can be understood of a wrong one; or says why it could not be had. */
export function readContractFile(
  path: string,
  readFile: (path: string) => string,
): ContractFile | { readonly unreadable: string } {
  const source = readSource(path, readFile);
  if ('unreadable' in source) return source;
  if ('problem' in source)
    return { contract: undefined, draft: undefined, document: undefined, problems: [source.problem] };
  const { document, problems } = parseSource(path, source.text);
  if (!document) return { contract: undefined, draft: undefined, document, problems };
  const { value, findings } = shapeOf(contractSchema, document.data, document);
  const draft = draftOf(document.data);
  const all = inOrder([
    ...problems,
    ...locate(findings, document),
    ...locate(contractFindings(draft, suggest), document),
  ]);
  return { contract: hasError(all) ? undefined : value, draft, document, problems: all };
}

const idOnly = z.object({ id: z.string() });

function draftOf(data: unknown): ContractDraft {
  const raw = isMap(data) ? data : {};
  const sections = salvage(contractSchema, data);
  const rows = Array.isArray(raw['rows']) ? raw['rows'] : [];
  return {
    rows: rows.map((row: unknown) => ({
      id: idOnly.safeParse(row).data?.id,
      row: rowSchema.safeParse(row).data,
    })),
    readings: Object.fromEntries(
      Object.entries(isMap(raw['readings']) ? raw['readings'] : {}).map(([name, contractReading]) => [
        name,
        salvage(readingSchema, contractReading) ?? {},
      ]),
    ),
    penalties: sections?.penalties ?? [],
    penaltiesAreList: Array.isArray(raw['penalties']),
    regions: sections?.regions,
    support: sections?.support,
  };
}
