import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CancelTimer, Clock } from '../core/clock.ts';

const LOOK_EVERY_MS = 2_000;

/**
 * Notices that the content of files has changed, by looking every two seconds: this sees an edited file, a replaced
 * one and the swapped links of a Kubernetes ConfigMap alike. Starts at once.
 */
export class ConfigWatch {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #files: readonly string[];
  #digest: string;
  #cancel: CancelTimer = () => undefined;

  constructor(clock: Clock, files: readonly string[], onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#files = files;
    this.#digest = digestOf(files);
    this.#arm();
  }

  /** Watches these files from now on, as they are now. */
  watch(files: readonly string[]): void {
    this.#files = files;
    this.#digest = digestOf(files);
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(LOOK_EVERY_MS, () => {
      const digest = digestOf(this.#files);
      const changed = digest !== this.#digest;
      this.#digest = digest;
      this.#arm();
      if (changed) this.#onChange();
    });
  }
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(file);
    try {
      hash.update(readFileSync(file));
    } catch {
      hash.update('unreadable');
    }
  }
  return hash.digest('hex');
}
