import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

const LEVEL = 12;
/** How much text is handed over at a time. */
const CHUNK_LENGTH = 65_536;
/** No line of ours is longer: one that is, is none. */
const LONGEST_LINE = 1 << 24;

/** What was to be unpacked is no compressed file, or not whole. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** Lines as one Zstandard frame (RFC 8878), each with its line end. The same lines give the same bytes. */
export async function compressLines(lines: Iterable<string> | AsyncIterable<string>): Promise<Uint8Array> {
  const packed: Uint8Array[] = [];
  const zstd = createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  await pipeline(Readable.from(chunksOf(lines)), zstd, async (bytes: AsyncIterable<Uint8Array>) => {
    for await (const chunk of bytes) packed.push(chunk);
  });
  return Buffer.concat(packed);
}

async function* chunksOf(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK_LENGTH) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** The lines of a compressed file, one after the other. Throws {@link UnpackError} when it is none, or not whole. */
export async function* linesIn(content: Uint8Array): AsyncGenerator<string, void, void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of unpacked(content)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new UnpackError('a line without an end');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* unpacked(content: Uint8Array): AsyncGenerator<Uint8Array> {
  const zstd: AsyncIterable<Uint8Array> = Readable.from([content]).pipe(createZstdDecompress());
  try {
    yield* zstd;
  } catch (error) {
    throw new UnpackError('it cannot be unpacked', { cause: error });
  }
}

/** All lines of a compressed file; undefined when it is none, or not whole. */
export async function decompressLines(content: Uint8Array): Promise<readonly string[] | undefined> {
  try {
    return await Array.fromAsync(linesIn(content));
  } catch (error) {
    if (error instanceof UnpackError) return undefined;
    throw error;
  }
}
