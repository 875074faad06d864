import type { Logger } from 'pino';
import type { Blind } from '../core/cause.ts';
import type { RunResult } from '../schedule/scheduled-check.ts';

/** What only a person can end: keys that are refused, and a clock that is off. */
const FOR_PEOPLE: readonly Blind[] = ['credentials', 'clock-skew'];

/**
 * Says loudly, and once, that a check can see nothing more for a reason that somebody has to mend. Such slots are holes
 * of ours: no incident and no alert of the contract would ever tell.
 */
export class BlindAlarm {
  readonly #log: Logger;
  readonly #told = new Map<string, Blind>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes the result of every run. */
  note({ check, vantage, seen, detail }: RunResult): void {
    if (seen.outcome !== 'absent' && this.#told.size === 0) return;
    const key = `${check.id}\0${vantage}`;
    const told = this.#told.get(key);
    const about = { check: check.id, vantage };
    if (seen.outcome === 'absent') {
      if (!FOR_PEOPLE.includes(seen.blind) || told === seen.blind) return;
      this.#told.set(key, seen.blind);
      this.#log.error({ ...about, reason: seen.blind, detail }, 'a check sees nothing until this is mended');
    } else if (told !== undefined) {
      this.#told.delete(key);
      this.#log.info({ ...about, reason: told }, 'a check sees again');
    }
  }
}
