import { once } from 'node:events';
import type { Ledger } from '../../src/window/ledger.ts';

/**
 * A process of the ledger contract: opens the books by `openLedger(target)` of a module, says `ready`, waits for a line,
 * then makes so many calls of three entries each, of which one is also made by others, and prints each call's number.
 */
const [module = '', target = '', prefix = '', calls = '0'] = process.argv.slice(2);
const opener = (await import(module)) as {
  openLedger(where: string): Promise<Ledger & { close(): Promise<void> }>;
};
const ledger = await opener.openLedger(target);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
for (let call = 1; call <= Number(calls); call++) {
  const entry = (key: string) => ({ key, atMs: call, json: `{"call":${call}}` });
  const written = await ledger.append('tickets', [
    entry(`${prefix}-${call}-first`),
    entry(`${prefix}-${call}-second`),
    entry(`shared-${call}`),
  ]);
  if (!written[0] || !written[1]) throw new Error(`call ${call} was not written: ${String(written)}`);
  process.stdout.write(`${call}\n`);
}
await ledger.close();
