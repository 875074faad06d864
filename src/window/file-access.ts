import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

const { R_OK, W_OK, X_OK } = constants;
/** What SQLite keeps beside a database belongs to it. */
const BESIDE = ['', '-wal', '-shm'] as const;

/**
 * Why this process may not use a file of a database, what it needs, and what to do about it, in a sentence that names what
 * stands in the way; undefined when it may. The file need not be there.
 */
export function accessTrouble(path: string): string | undefined {
  const folder = dirname(path);
  const ofFolder = folderTrouble(folder);
  if (ofFolder !== undefined) return ofFolder;
  for (const suffix of BESIDE) {
    const file = `${path}${suffix}`;
    const code = refusal(file, R_OK | W_OK);
    if (code !== undefined && code !== 'ENOENT') return sentence(file, code, folder);
  }
  return undefined;
}

/** The same of a folder in which vigie is to make and change files; of what is above it, where it is not there. */
export function folderTrouble(folder: string): string | undefined {
  let nearest = folder;
  let code = refusal(nearest, R_OK | W_OK | X_OK);
  while (code === 'ENOENT' && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
    code = refusal(nearest, W_OK | X_OK);
  }
  return code === undefined ? undefined : sentence(nearest, code, folder);
}

function sentence(blocking: string, code: string, folder: string): string {
  if (code === 'EROFS')
    return `${blocking} lies on a file system that is mounted read-only; vigie needs one that it can write to`;
  if (code !== 'EACCES' && code !== 'EPERM') return `${blocking} cannot be used (${code})`;
  const own = process.getuid?.();
  const owner = ownerOf(blocking);
  // What is above the folder is not vigie's to take, let alone with all that lies in it.
  const isAbove = blocking.length < folder.length;
  if (owner === own) {
    const mend = isAbove ? `chmod u+rwx ${blocking}` : `chmod -R u+rwX ${folder}`;
    return `${blocking} may not be read and written, by its permissions: ${mend}`;
  }
  if (owner === undefined) return `${blocking} is out of reach of uid ${own}: a folder above it is closed`;
  const mend = isAbove
    ? `make the folder for it: install -d -o ${own} ${folder}`
    : `chown -R ${own} ${folder}`;
  return (
    `${blocking} may not be read and written (it belongs to uid ${owner}, and this runs as uid ${own}): ` +
    `run vigie as uid ${owner}, or ${mend}`
  );
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/** The system's error code; undefined when it is granted. */
function refusal(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
