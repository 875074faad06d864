import { createHash } from 'node:crypto';
import { unzipSync, zipSync } from 'fflate';
import { z } from 'zod';

/** The list of a pack's files with their digests. */
export const MANIFEST_FILE = 'manifest.json';
/** Who stands for the list, where the configuration names a key. */
export const SIGNATURE_FILE = 'manifest.sig.json';

const LARGEST_PACK_BYTES = 1 << 30;
/** DOS has no earlier day; the same in every time zone. */
const NO_TIME = new Date(1980, 0, 1);

const manifestSchema = z.strictObject({
  manifest: z.literal('vigie claim'),
  format: z.literal(1),
  files: z.array(z.strictObject({ name: z.string(), sha256: z.string(), bytes: z.int().min(0) })),
});

/** Lists files with their digests. */
export function manifestText(files: ReadonlyMap<string, string>): string {
  const listed = [...files]
    .map(([name, text]) => ({ name, sha256: digestOf(Buffer.from(text)), bytes: Buffer.byteLength(text) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${JSON.stringify({ manifest: 'vigie claim', format: 1, files: listed }, undefined, 1)}\n`;
}

/** Files as one zip; the same files give the same bytes. */
export function zipped(files: ReadonlyMap<string, string>): Uint8Array {
  const entries = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => [name, Buffer.from(text)] as const);
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: NO_TIME });
}

/** The files of a zip; undefined when it is none, or far larger than a pack can be. */
export function unzipped(content: Uint8Array): ReadonlyMap<string, Uint8Array> | undefined {
  let bytes = 0;
  try {
    const files = unzipSync(content, {
      filter: ({ originalSize }) => {
        bytes += originalSize;
        if (bytes > LARGEST_PACK_BYTES) throw new RangeError('too large');
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch {
    return undefined;
  }
}

/** What of a pack is not as it was packed. */
export interface PackFault {
  readonly code: 'manifest-unreadable' | 'file-missing' | 'file-altered' | 'file-unlisted';
  readonly where: string;
  readonly detail: string;
}

/** Whether the files of a pack are those of its list. */
export function checkManifest(files: ReadonlyMap<string, Uint8Array>): readonly PackFault[] {
  const manifest = manifestOf(files.get(MANIFEST_FILE));
  if (!manifest)
    return [{ code: 'manifest-unreadable', where: MANIFEST_FILE, detail: 'it is no list of a claim pack' }];
  const listed = new Set(manifest.files.map(({ name }) => name));
  const unlisted = [...files.keys()].filter(
    (name) => name !== MANIFEST_FILE && name !== SIGNATURE_FILE && !listed.has(name),
  );
  return [
    ...manifest.files.flatMap(({ name, sha256 }): readonly PackFault[] => {
      const content = files.get(name);
      if (!content)
        return [{ code: 'file-missing', where: name, detail: 'it is listed and not in the pack' }];
      if (digestOf(content) === sha256) return [];
      return [{ code: 'file-altered', where: name, detail: 'its digest is not that of the list' }];
    }),
    ...unlisted.map((where) => ({
      code: 'file-unlisted' as const,
      where,
      detail: 'it is in the pack and not listed',
    })),
  ];
}

function manifestOf(content: Uint8Array | undefined) {
  try {
    return manifestSchema.safeParse(JSON.parse(new TextDecoder().decode(content))).data;
  } catch {
    return undefined;
  }
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
