import { stableFraction } from './phase.ts';

/** A process that looks from a vantage, and the instant by its own clock that it last said so. */
export interface Beat {
  readonly vantage: string;
  readonly member: string;
  readonly atMs: number;
}

const [SHORTEST_DEATH_MS, LONGEST_DEATH_MS] = [1_500, 10_000];

/**
 * For how long a member may be silent before another takes over what it ran of a check, in milliseconds: one slot, so that
 * two are missed at the most, within bounds.
 */
export function deadAfterMs(intervalMs: number): number {
  return Math.min(LONGEST_DEATH_MS, Math.max(SHORTEST_DEATH_MS, intervalMs));
}

/**
 * Which of the members runs a check: the one with the highest hash of the two (rendezvous hashing, Thaler and
 * Ravishankar 1998). A member that comes or goes moves only what it runs itself. Undefined when there is none.
 */
export function ownerOf(check: string, members: readonly string[]): string | undefined {
  let owner: string | undefined;
  let highest = -1;
  for (const member of members) {
    const weight = stableFraction(`${member}\0${check}`);
    if (weight < highest || (weight === highest && owner !== undefined && owner < member)) continue;
    owner = member;
    highest = weight;
  }
  return owner;
}

/** Further apart no two clocks are. */
const LONG_GONE_MS = 60_000;

interface Heard {
  readonly vantage: string;
  readonly member: string;
  atMs: number;
  /** When it was first heard to have said so; monotonic. */
  changedMs: number;
}

/**
 * Who of all members is alive, by what they last said. Nobody's clock is compared with ours: a member lives as long as
 * what it says changes. One that is heard of for the first time counts as alive, unless others have said so long
 * after it. Instants are monotonic milliseconds.
 */
export class Members {
  readonly #heard = new Map<string, Heard>();

  /** Takes in the last beat of everyone; who is not among them has left. */
  note(beats: readonly Beat[], nowMs: number): void {
    const there = new Set<string>();
    const latestMs = Math.max(...beats.map(({ atMs }) => atMs));
    for (const { vantage, member, atMs } of beats) {
      const key = `${vantage}\0${member}`;
      there.add(key);
      const known = this.#heard.get(key);
      if (!known) {
        const changedMs = latestMs - atMs > LONG_GONE_MS ? -Infinity : nowMs;
        this.#heard.set(key, { vantage, member, atMs, changedMs });
      } else if (known.atMs !== atMs) {
        known.atMs = atMs;
        known.changedMs = nowMs;
      }
    }
    for (const key of this.#heard.keys()) if (!there.has(key)) this.#heard.delete(key);
  }

  /** The members of a vantage that were heard of within the last `withinMs`, by name. */
  alive(vantage: string, withinMs: number, nowMs: number): readonly string[] {
    return this.#of(vantage)
      .filter(({ changedMs }) => nowMs - changedMs <= withinMs)
      .map(({ member }) => member)
      .sort();
  }

  /** How long ago anyone of a vantage was last heard of; undefined when nobody ever was. */
  silentForMs(vantage: string, nowMs: number): number | undefined {
    const latest = Math.max(...this.#of(vantage).map(({ changedMs }) => changedMs));
    return latest === -Infinity ? undefined : nowMs - latest;
  }

  #of(vantage: string): readonly Heard[] {
    return [...this.#heard.values()].filter((one) => one.vantage === vantage);
  }
}

/** A check as one vantage runs it. */
export interface Sharded {
  readonly check: { readonly id: string; readonly intervalMs: number };
  readonly vantage: string;
}

/** How long a check that another runs from now on is still run here, beyond one slot: its run there may only begin. */
const HANDOVER_MS = 1_000;

/**
 * What one member runs of what its vantages run. What moves to another that lives is run here for one slot more, so
 * that no slot falls between the two; a slot that both run counts once (sla-math §1).
 */
export class Shard {
  readonly #member: string;
  /** Until when a check that has moved away is still run; monotonic. */
  readonly #until = new Map<string, number>();

  constructor(member: string) {
    this.#member = member;
  }

  /** Whether this member runs a check at this instant; to be asked again and again. */
  runs({ check, vantage }: Sharded, members: Members, nowMs: number): boolean {
    const key = `${check.id}\0${vantage}`;
    const alive = members.alive(vantage, deadAfterMs(check.intervalMs), nowMs);
    // We live, whatever others have heard of us.
    const owner = ownerOf(check.id, alive.includes(this.#member) ? alive : [...alive, this.#member]);
    if (owner === this.#member) {
      this.#until.set(key, nowMs + check.intervalMs + HANDOVER_MS);
      return true;
    }
    if (nowMs < (this.#until.get(key) ?? -Infinity)) return true;
    this.#until.delete(key);
    return false;
  }
}
