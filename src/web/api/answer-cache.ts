import type { Clock } from '../../core/clock.ts';
import { type Refusal, isRefusal, type Written } from './answer.ts';

/** How old an answer may be, however little seems to have changed. */
const OLDEST_MS = 1_000;
const MOST_ANSWERS = 128;
const MOST_BYTES = 32 * 1_048_576;

interface Kept {
  readonly revision: unknown;
  readonly madeMs: number;
  readonly answer: Promise<Written | Refusal>;
  bytes: number;
}

/**
 * Answers that were made lately: whatever is asked a thousand times a second is made once, and what is being made is
 * waited for. An answer is a second old at the most, and gone when the revision changes.
 */
export class AnswerCache {
  readonly #clock: Clock;
  readonly #revision: () => unknown;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(clock: Clock, revision: () => unknown) {
    this.#clock = clock;
    this.#revision = revision;
  }

  /** The answer under a key, made where there is none. */
  answer(key: string, make: () => Promise<Written | Refusal>): Promise<Written | Refusal> {
    const nowMs = this.#clock.monotonicMs();
    const revision = this.#revision();
    const known = this.#kept.get(key);
    if (known && known.revision === revision && nowMs - known.madeMs < OLDEST_MS) return known.answer;
    this.#drop(key);
    const kept: Kept = { revision, madeMs: nowMs, answer: make(), bytes: 0 };
    this.#kept.set(key, kept);
    kept.answer.then(
      (answer) => this.#weigh(key, kept, answer),
      () => this.#kept.get(key) === kept && this.#drop(key),
    );
    return kept.answer;
  }

  /** Forgets everything: what was written must be seen by whoever wrote it. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #weigh(key: string, kept: Kept, answer: Written | Refusal): void {
    if (this.#kept.get(key) !== kept) return;
    kept.bytes = isRefusal(answer) ? 0 : answer.plain.byteLength;
    this.#bytes += kept.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ANSWERS && this.#bytes <= MOST_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}
