import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_LIMIT_BYTES } from './source-text.ts';

const CONTRACTS = join(import.meta.dirname, '../../config/contracts');

/** The path of the contract shipped under an id, `config/contracts/<id>.yaml`; undefined when there is none. */
export function shippedContract(id: string): string | undefined {
  const path = join(CONTRACTS, `${id}.yaml`);
  return existsSync(path) ? path : undefined;
}

/**
 * The text of a file of at most 1 MiB; bytes that are not UTF-8 become U+FFFD. Throws the system's error (ENOENT,
 * EISDIR, EACCES …), and EFBIG for a larger file; pipes, which a mounted secret may be, are read to their end.
 */
export function readTextFile(path: string): string {
  const handle = openSync(path, 'r');
  try {
    const stat = fstatSync(handle);
    if (stat.isCharacterDevice() || stat.isBlockDevice() || stat.size > SOURCE_LIMIT_BYTES)
      throw Object.assign(new Error('file too large'), { code: 'EFBIG' });
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}
