/**
 * Why a window store cannot go on. `locked`: another process holds it. `corrupt`: what is stored cannot be what was
 * written. `foreign`: not a window store of vigie. `newer`: written by a newer vigie. `unwritable`: the machine
 * refuses (space, rights, device); kept in memory and tried again. `away`: the shared store cannot be had for now;
 * what was observed is kept here and merged when it is back. `closed`: called after close. `broken`: an earlier
 * failure, or one without a name, ended the store.
 */
export type StoreTrouble =
  'locked' | 'corrupt' | 'foreign' | 'newer' | 'unwritable' | 'away' | 'closed' | 'broken';

/** A window store that cannot do what it was asked; the message names the store. Decide by `trouble`. */
export class WindowStoreError extends Error {
  override readonly name = 'WindowStoreError';
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}
