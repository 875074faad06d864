import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Written } from '../api/answer.ts';
import type { Asked } from '../environment.ts';
import type { ProblemStatus } from '../problem.ts';
import type { Html } from './view.ts';

const compress = promisify(gzip);
const COMPRESSION_LEVEL = 4;
const CONTENT_TYPE = { 'Content-Type': 'text/html; charset=utf-8' } as const;

/** Only our own files are run, styled by or asked for anything; nothing is inline. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** A document as it goes over the wire, made once for all who ask for the same. */
export async function writtenPage(document: Html): Promise<Written> {
  const plain = Buffer.from(tight(String(await document)));
  let compressed: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return {
    headers: CONTENT_TYPE,
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    compressed: () => (compressed ??= compress(plain, { level: COMPRESSION_LEVEL })),
  };
}

/** Sends a document with a status that says no. */
export async function sendRefusal(
  { env: { outgoing } }: Asked,
  status: ProblemStatus,
  document: Html,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  outgoing.writeHead(status, { ...headers, ...CONTENT_TYPE }).end(tight(String(await document)));
  return RESPONSE_ALREADY_SENT;
}

/** Without the indentation of the templates; a line break is as good a blank. */
export function tight(text: string): string {
  return text.replaceAll(/\n\s+/g, '\n');
}
