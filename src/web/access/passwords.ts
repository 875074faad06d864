import { createHmac, randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { FromBcrypt, ToBcrypt } from './bcrypt-thread.ts';

/** `busy`: too many are being looked at; ask again. */
export type PasswordAnswer = 'right' | 'wrong' | 'busy';

const THREAD = new URL('./bcrypt-thread.ts', import.meta.url);
const MEMORY = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };
/** How many may wait for the thread, which takes about a tenth of a second for each. */
const MOST_WAITING = 16;
/** How many passwords that were right are remembered, by digest. */
const MOST_REMEMBERED = 256;
/** Nobody's password; for comparing when there is no such user. */
const NOBODY = '$2b$10$0000000000000000000000000000000000000000000000000000O';

/**
 * Looks whether a password is a user's, off the loop that the probes run in. What was right once is known by a keyed
 * digest and costs nothing more; a user who does not exist takes as long as one who does.
 */
export class Passwords {
  readonly #key = randomBytes(32);
  readonly #right = new Set<string>();
  readonly #underWay = new Map<string, Promise<PasswordAnswer>>();
  readonly #waiting = new Map<number, (isRight: boolean) => void>();
  #thread: Worker | undefined;
  #requests = 0;

  /** What is being found out of this just now; undefined when nobody asked. */
  underWay(user: string, password: string, users: ReadonlyMap<string, string>) {
    return this.#underWay.get(this.#digest(user, password, users.get(user)));
  }

  /** Looks; the same question asked again meanwhile is looked at once. */
  check(user: string, password: string, users: ReadonlyMap<string, string>): Promise<PasswordAnswer> {
    const hash = users.get(user);
    const digest = this.#digest(user, password, hash);
    if (hash !== undefined && this.#right.has(digest)) return Promise.resolve('right');
    const underWay = this.#underWay.get(digest);
    if (underWay) return underWay;
    if (this.#waiting.size >= MOST_WAITING) return Promise.resolve('busy');
    const answer = this.#compare(password, hash ?? costliest(users)).then((isSame): PasswordAnswer => {
      this.#underWay.delete(digest);
      if (!isSame || hash === undefined) return 'wrong';
      this.#remember(digest);
      return 'right';
    });
    this.#underWay.set(digest, answer);
    return answer;
  }

  /** Ends the thread; what waits for it is wrong. */
  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #digest(user: string, password: string, hash = ''): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64');
  }

  #remember(digest: string): void {
    this.#right.add(digest);
    const [oldest] = this.#right;
    if (this.#right.size > MOST_REMEMBERED && oldest !== undefined) this.#right.delete(oldest);
  }

  #compare(password: string, hash: string): Promise<boolean> {
    const request = this.#requests++;
    const asked: ToBcrypt = { request, password, hash };
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      (this.#thread ??= this.#start()).postMessage(asked, []);
    });
  }

  /** Started when the first password is shown; never keeps the process alive. */
  #start(): Worker {
    const thread = new Worker(THREAD, { name: 'passwords', resourceLimits: MEMORY, env: {} });
    thread.unref();
    thread.on('message', ({ request, isRight }: FromBcrypt) => this.#tell(request, isRight));
    // A thread that has ended has found nothing right; the next password starts another.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      this.#thread = undefined;
      for (const request of this.#waiting.keys()) this.#tell(request, false);
    });
    return thread;
  }

  #tell(request: number, isRight: boolean): void {
    this.#waiting.get(request)?.(isRight);
    this.#waiting.delete(request);
  }
}

/** Of the same cost as that of a user, so that the time it takes tells nothing of who there is. */
function costliest(users: ReadonlyMap<string, string>): string {
  const cost = Math.max(...[...users.values()].map((hash) => Number(hash.split('$')[2])), 4);
  return NOBODY.replace('$10$', `$${String(cost).padStart(2, '0')}$`);
}
