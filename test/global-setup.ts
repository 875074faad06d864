import { COUNTERPARTS, installCounterparts } from './servers/packages.ts';

/** Installs the real servers that the tests run against; in CI a missing one is a failure, not a skip. */
export function setup(): void {
  const missing = installCounterparts();
  if (missing.length === 0) return;
  const list = missing.map((program) => `${program} (${COUNTERPARTS[program]})`).join(', ');
  if (process.env['CI']) throw new Error(`cannot test without ${list}: they could not be installed`);
  process.stderr.write(`not found, so tests that need them are skipped: ${list}\n`);
}
