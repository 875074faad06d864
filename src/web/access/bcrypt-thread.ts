import { compareSync } from 'bcryptjs';
import { parentPort } from 'node:worker_threads';

/** What the thread is asked: whether a password has a hash. */
export interface ToBcrypt {
  readonly request: number;
  readonly password: string;
  readonly hash: string;
}

/** What it answers. */
export interface FromBcrypt {
  readonly request: number;
  readonly isRight: boolean;
}

parentPort?.on('message', ({ request, password, hash }: ToBcrypt) => {
  const answer: FromBcrypt = { request, isRight: compareSync(password, hash) };
  parentPort?.postMessage(answer, []);
});
