import { DiskProcess } from './disk-process.ts';

/** The disk processes of a kind of probe: one for each file, whatever the number of checks that name it. */
export class DiskProcesses {
  readonly #made = new Map<string, DiskProcess>();

  /** The process of a file, not yet started if it is new. Another number of threads, after a reload, is another one. */
  of(path: string, threads: number): DiskProcess {
    const name = `${threads} ${path}`;
    const known = this.#made.get(name);
    if (known) return known;
    const made = new DiskProcess(threads);
    this.#made.set(name, made);
    return made;
  }

  /** Ends them all. */
  async close(): Promise<void> {
    const processes = [...this.#made.values()];
    this.#made.clear();
    await Promise.all(processes.map((process) => process.close()));
  }
}
