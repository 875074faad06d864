import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ProblemStatus } from '../problem.ts';
import { csvOf, type TableRow } from './csv.ts';

/** How an answer may be written. */
export const FORMATS = ['json', 'csv', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** Media types by format, the first of each being the one that is answered with. */
export const MEDIA_TYPES: Readonly<Record<Format, readonly [string, ...string[]]>> = {
  json: ['application/json'],
  csv: ['text/csv'],
  jsonl: ['application/jsonl', 'application/x-ndjson'],
};

/** What is answered to a request for data, before it is written out. */
export interface Data {
  readonly json: unknown;
  /** The same as a table, where it is one. */
  readonly table?: {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: readonly TableRow[];
  };
  /** The same as lines of JSON, where that is what it is. */
  readonly lines?: readonly string[];
  /** The cursor of the next page; null on the last, undefined where there are no pages. */
  readonly next?: string | null;
}

/** Why a request for data is not answered with any. */
export interface Refusal {
  readonly status: ProblemStatus;
  readonly detail: string;
}

/** What came of a request for data. */
export type Answer = Data | Refusal;

/** An answer written out: what goes over the wire, made once for all who ask for the same. */
export interface Written {
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  /** Made when somebody first asks for it. */
  readonly compressed: () => Promise<Uint8Array<ArrayBuffer>>;
}

const compress = promisify(gzip);
/** The best of what costs little. */
const COMPRESSION_LEVEL = 4;

/** Whether no data is answered with. */
export function isRefusal(answer: Answer | Written): answer is Refusal {
  return 'status' in answer;
}

/** Writes an answer in a format that it has. */
export function written(data: Data, format: Format): Written {
  const plain = Buffer.from(bodyOf(data, format));
  // Weak: the same for the plain bytes and the compressed ones (RFC 9110 §8.8.3.3).
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  let compressed: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return {
    headers: { 'Content-Type': contentType(format), ...attachment(data, format) },
    etag,
    plain,
    compressed: () => (compressed ??= compress(plain, { level: COMPRESSION_LEVEL })),
  };
}

function bodyOf({ json, table, lines }: Data, format: Format): string {
  switch (format) {
    case 'json':
      return JSON.stringify(json);
    case 'csv':
      return csvOf(table?.columns ?? [], table?.rows ?? []);
    case 'jsonl':
      return (lines ?? []).map((line) => `${line}\n`).join('');
  }
}

function contentType(format: Format): string {
  const [type] = MEDIA_TYPES[format];
  return format === 'csv' ? `${type}; charset=utf-8; header=present` : type;
}

/** A page must not be able to show a table as its own. */
function attachment({ table }: Data, format: Format): Readonly<Record<string, string>> {
  if (format !== 'csv' || !table) return {};
  return { 'Content-Disposition': `attachment; filename="${table.name}.csv"` };
}
