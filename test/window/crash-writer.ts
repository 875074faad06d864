import type { Clock } from '../../src/core/clock.ts';
import { sleep } from '../../src/core/clock.ts';
import { systemClock } from '../../src/clock.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { commitAt, commitNumber, observationAt, ROUND_LENGTH } from './crash-sequence.ts';

/** A clock whose minutes pass in a fraction of a second, so that a short life sees many folds. */
const hastyClock: Clock = {
  ...systemClock,
  after: (delayMs, fire) => systemClock.after(delayMs >= 10_000 ? delayMs / 200 : delayMs, fire),
};

/** Puts the sequence of a round until it is killed, and prints `put n` once the first n are acknowledged. */
async function write(path: string, round: number): Promise<void> {
  const store = await openSqliteStore({ path, clock: hastyClock });
  const [judged] = await store.judged(['judged']);
  let commits = judged ? commitNumber(judged.cursorMs) : 0;
  let n = round * ROUND_LENGTH;
  for (let turn = 0; ; turn++) {
    for (const end = n + 40; n < end; n++) await store.put([observationAt(n)]);
    process.stdout.write(`put ${n}\n`);
    await store.commit([commitAt(++commits)]);
    if (turn % 10 === 0) {
      await store.setFact('put', String(n));
      process.stdout.write(`fact ${n}\n`);
    }
    await sleep(systemClock, 15);
  }
}

const [path = '', round = '0'] = process.argv.slice(2);
await write(path, Number(round));
