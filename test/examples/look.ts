import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Io } from '../../src/commands/io.ts';
import { probe } from '../../src/commands/probe.ts';
import { sleep } from '../../src/core/clock.ts';
import { probeKinds } from '../../probes/index.ts';

/**
 * Runs every check of a configuration by `vigie probe`, in this process: a program for where the network is that the
 * configuration speaks of. Arguments: the configuration, and how often a check may be looked at until it is good.
 * Prints a line of JSON for each.
 */
const [path = '', most = '1'] = process.argv.slice(2);
const AT_ONCE = 3;
/** No call is made twice in a second. */
const PAUSE_MS = 1_100;

const environment = { kinds: probeKinds(), readFile: readTextFile, env: process.env, shippedContract };
const waiting = (loadConfig(path, environment).config?.checks ?? []).map(({ id }) => id);
await Promise.all(Array.from({ length: AT_ONCE }, worker));
process.exit();

async function worker(): Promise<void> {
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await look(id);
}

async function look(id: string): Promise<void> {
  let told = '';
  for (let looks = 0; looks < Number(most); looks++) {
    if (looks > 0) await sleep(systemClock, PAUSE_MS);
    told = '';
    const code = await probe(
      id,
      { config: path, output: 'json' },
      io((text) => (told += text)),
    );
    if (code === 0) break;
  }
  const { classification }: { readonly classification: unknown } = JSON.parse(told);
  process.stdout.write(`${JSON.stringify({ check: id, classification })}\n`);
}

function io(out: Io['out']): Io {
  return {
    out,
    err: (text) => process.stderr.write(text),
    env: process.env,
    isTerminal: false,
    size: () => ({ columns: 80, rows: 24 }),
    onKey: () => () => undefined,
    hasKeys: false,
    onHangup: () => () => undefined,
    onExit: () => () => undefined,
    called: 'vigie',
    stopped: new AbortController().signal,
  };
}
