import type { ArchiveFiles } from '../../src/evidence/archive-files.ts';

/** An archive that is kept in memory and that a test may tamper with. */
export interface MemoryFiles extends ArchiveFiles {
  readonly contents: Map<string, Uint8Array>;
}

/** An empty one. */
export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Uint8Array>();
  return {
    contents,
    read: (name) => Promise.resolve(contents.get(name)),
    write: (name, content) => {
      contents.set(name, content);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...contents.keys()].sort()),
  };
}
