import { readFileSync } from 'node:fs';
import type { Cluster, ClientContext, Redis, Result } from 'ioredis';

/** What a script takes after the number of its keys: keys, then arguments. */
export type ScriptArguments = readonly (string | number)[];

type Script<Reply, Context extends ClientContext> = (
  keys: number,
  ...rest: ScriptArguments
) => Result<Reply, Context>;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    readonly windowObserve: Script<unknown, Context>;
    readonly windowReadBuffer: Script<unknown, Context>;
    readonly windowJudged: Script<unknown, Context>;
    readonly windowCommit: Script<unknown, Context>;
    readonly windowPrune: Script<unknown, Context>;
    readonly ledgerAppend: Script<unknown, Context>;
    readonly lockTake: Script<unknown, Context>;
    readonly lockFree: Script<unknown, Context>;
    readonly factRaise: Script<unknown, Context>;
  }
}

/** The scripts by the names of their commands; keys, arguments and laws are told at the head of each file. */
const FILES = {
  windowObserve: 'observe.lua',
  windowRead: 'read.lua',
  windowJudged: 'judged.lua',
  windowCommit: 'commit.lua',
  windowPrune: 'prune.lua',
  ledgerAppend: 'append.lua',
  lockTake: 'lock.lua',
  lockFree: 'unlock.lua',
  factRaise: 'raise.lua',
} as const;

/** Number of changes of a check that are remembered for the judge; what it misses beyond them is read anew. */
export const CHANGES_KEPT = 32;

/** Makes the scripts commands of a client, which loads them into a server at first use and again when it forgot them. */
export function defineScripts(client: Redis | Cluster): void {
  for (const [name, file] of Object.entries(FILES)) {
    const lua = readFileSync(new URL(`./scripts/${file}`, import.meta.url), 'utf8');
    client.defineCommand(name, { lua });
  }
}
