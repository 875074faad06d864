import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Two gigabytes of lines would be no day of ours. */
const LARGEST_RECORD_BYTES = 1 << 30;
const LEVEL = 12;

/** Lines as one Zstandard frame (RFC 8878), each with its line end. */
export async function compressLines(lines: readonly string[]): Promise<Uint8Array> {
  const text = lines.map((line) => `${line}\n`).join('');
  return compress(text, {
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
}

/** The lines of a compressed file; undefined when it is none, or larger than a record can be. */
export async function decompressLines(content: Uint8Array): Promise<readonly string[] | undefined> {
  try {
    const text = (await decompress(content, { maxOutputLength: LARGEST_RECORD_BYTES })).toString('utf8');
    return text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  } catch {
    return undefined;
  }
}
