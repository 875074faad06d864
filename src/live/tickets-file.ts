import { statSync } from 'node:fs';
import type { CancelTimer, Clock } from '../core/clock.ts';

/** How often the file is looked at. */
const LOOK_EVERY_MS = 2_000;

/** What following a file of ticket events needs. */
export interface TicketsFileOptions {
  readonly clock: Clock;
  /** Takes the whole file in; must not reject. */
  readonly take: (path: string) => Promise<void>;
}

/** Follows a file of ticket events: has it taken in at the start, and again whenever it has changed. */
export class TicketsFile {
  readonly #options: TicketsFileOptions;
  #path: string | undefined;
  #seen = '';
  #cancel: CancelTimer = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: TicketsFileOptions) {
    this.#options = options;
  }

  /** Follows this file from now on, or none. */
  follow(path: string | undefined): void {
    if (path === this.#path || this.#stopped) return;
    this.#path = path;
    this.#seen = '';
    this.#cancel();
    this.#underWay = this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underWay;
  }

  async #look(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    const identity = identityOf(path);
    const isNew = identity !== this.#seen && identity !== '';
    this.#seen = identity;
    if (isNew) await this.#options.take(path);
    if (this.#stopped || path !== this.#path) return;
    this.#cancel = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.#underWay = this.#look();
    });
  }
}

/** Changes with the file's content, as far as that can be told without reading it; empty when it is not there. */
function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : '';
}
