import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { asInteger, asOptionalText } from './redis-reply.ts';

/** Small facts by name, and numbers that are counted among them. Every method rejects with a RedisFailure. */
export class RedisFacts {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  /** What this process has set. */
  readonly #set = new Map<string, string>();
  /** Numbers that must not fall. */
  readonly #counted = new Map<string, number>();

  constructor(link: RedisLink, keys: RedisKeys) {
    this.#link = link;
    this.#keys = keys;
  }

  async get(name: string): Promise<string | undefined> {
    const key = this.#keys.facts;
    return asOptionalText(await this.#link.ask({ key, add: (to) => to.hget(key, name) }));
  }

  async set(name: string, value: string): Promise<void> {
    const key = this.#keys.facts;
    await this.#link.ask({ key, add: (to) => to.hset(key, name, value) });
    this.#set.set(name, value);
  }

  /** The next whole number of this name above `above`; never one twice. */
  async next(name: string, above: number): Promise<number> {
    const atLeast = Math.max(above, this.#counted.get(name) ?? 0);
    const value = await raiseFact(this.#link, this.#keys, name, { atLeast, step: 1 });
    this.#counted.set(name, value);
    return value;
  }

  /** Redis may have forgotten facts: those that it lacks are set again, and no number is less than it was. */
  async rewrite(): Promise<void> {
    const key = this.#keys.facts;
    await this.#link.sendAll(
      Array.from(this.#set, ([name, value]) => ({ key, add: (to) => to.hsetnx(key, name, value) })),
    );
    for (const [name, atLeast] of this.#counted) {
      await raiseFact(this.#link, this.#keys, name, { atLeast, step: 0 });
    }
  }
}

/** Raises a number among the facts to `atLeast`, and by `step` beyond what is then there; gives what it is afterwards. */
async function raiseFact(
  link: RedisLink,
  keys: RedisKeys,
  name: string,
  { atLeast, step }: { readonly atLeast: number; readonly step: 0 | 1 },
): Promise<number> {
  const key = keys.facts;
  return asInteger(await link.ask({ key, add: (to) => to.factRaise(1, key, name, atLeast, step) }));
}
