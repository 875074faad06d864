import { CHANGES_KEPT } from './redis-scripts.ts';
import type { SlotRange } from './store.ts';

const LARGEST = 64;

interface Slots {
  /** First and last slot. */
  readonly first: number;
  readonly last: number;
}

/**
 * What of the changes to one check this process has read, and what it has not: a slot that changes behind what was
 * read would else be missed for ever once the judge commits past it. Pure bookkeeping, in numbers of changes.
 */
export class UnreadChanges {
  #seq: number | undefined;
  #unread: Slots[] = [];

  /** Number of the last change that was heard of; undefined before the first read. */
  get seq(): number | undefined {
    return this.#seq;
  }

  /** The first slot that changed unread; undefined when there is none, -Infinity when it is not known which. */
  get firstSlot(): number | undefined {
    return this.#unread.length === 0 ? undefined : Math.min(...this.#unread.map(({ first }) => first));
  }

  /**
   * Slots [fromSlot, toSlot) were read when `seq` changes had been made; `changes` are those since `since` that are
   * still known, as `<first slot>-<last slot>`. Where another read was faster, this one counts for nothing.
   */
  read(
    { fromSlot, toSlot }: SlotRange,
    {
      since,
      seq,
      changes,
    }: { readonly since: number | undefined; readonly seq: number; readonly changes: readonly string[] },
  ): void {
    if (since !== this.#seq) return;
    this.#seq = seq;
    if (since !== undefined) {
      // A Redis that was restored from an older copy counts from there.
      if (seq < since || seq - since > CHANGES_KEPT) this.#unread = [{ first: -Infinity, last: Infinity }];
      for (const change of changes) this.#unread.push(slotsOf(change));
    }
    this.#unread = this.#unread.filter(({ first, last }) => first < fromSlot || last >= toSlot);
    if (this.#unread.length > LARGEST) this.#unread = [hull(this.#unread)];
  }

  /** A commit has made what was unread before this slot late: it is told from there on. */
  committed(cursorSlot: number): void {
    this.#unread = this.#unread.filter(({ first }) => first >= cursorSlot);
  }
}

function slotsOf(change: string): Slots {
  const dash = change.indexOf('-', 1);
  return { first: Number(change.slice(0, dash)), last: Number(change.slice(dash + 1)) };
}

function hull(slots: readonly Slots[]): Slots {
  return {
    first: Math.min(...slots.map(({ first }) => first)),
    last: Math.max(...slots.map(({ last }) => last)),
  };
}
