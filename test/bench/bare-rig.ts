import { DatabaseSync } from 'node:sqlite';
import { Agent, request } from 'undici';
import { answer } from './helper-process.ts';

/** What is asked of a process that does the bare work of http checks and nothing of vigie's. */
export type BareRigTalk = {
  /** Asks the targets in turns from then on, so many times a second. */
  readonly watch: {
    readonly ask: { readonly origin: string; readonly checks: number; readonly perSecond: number };
    readonly answer: null;
  };
  /** Exchanges that ended so far; throws what the first that failed did. */
  readonly ended: { readonly ask: null; readonly answer: number };
};

const TICK_MS = 10;
const TIMEOUT_MS = 500;

const agent = new Agent({ pipelining: 0 });
const store = new DatabaseSync(':memory:');
store.exec('CREATE TABLE slots (url TEXT PRIMARY KEY, status INTEGER, latency REAL) WITHOUT ROWID');
const keep = store.prepare('INSERT OR REPLACE INTO slots VALUES (?, ?, ?)');

let ended = 0;
let failure: Error | undefined;

async function exchange(url: string): Promise<void> {
  const startedMs = performance.now();
  const { statusCode, body } = await request(url, {
    dispatcher: agent,
    reset: true,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await body.text();
  keep.run(url, statusCode, performance.now() - startedMs);
  ended++;
}

answer<BareRigTalk>({
  watch({ origin, checks, perSecond }) {
    const urls = Array.from({ length: checks }, (_, i) => `${origin}/c${i}`);
    const startedMs = performance.now();
    let sent = 0;
    setInterval(() => {
      const due = ((performance.now() - startedMs) * perSecond) / 1000;
      for (; sent < due; sent++) {
        exchange(urls[sent % urls.length] ?? origin).catch((cause: unknown) => {
          failure ??= new Error('an exchange failed', { cause });
        });
      }
    }, TICK_MS);
    return null;
  },
  ended() {
    if (failure) throw failure;
    return ended;
  },
});
