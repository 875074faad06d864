import { probeKinds } from '../../probes/index.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { suggest } from '../config/nearest.ts';
import type { Check } from '../core/check.ts';
import { INSTANT_EXPECTED, parseInstant } from '../core/instant.ts';
import { WindowStoreError } from '../window/store-error.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';
import { withObservations } from './observation-source.ts';

/** Options of `vigie export observations`. */
export interface ExportOptions {
  readonly config: string;
  readonly from?: string;
  readonly to?: string;
  readonly check: readonly string[];
  readonly url?: string;
}

/** `vigie export observations`: what was seen, as JSON Lines that `vigie replay` reads. */
export async function exportObservations(options: ExportOptions, io: Io): Promise<ExitCode> {
  const { from, to = 'now', check, url } = options;
  const fromMs = from === undefined ? undefined : instantOf('--from', from);
  const toMs = to === 'now' ? systemClock.wallMs() : instantOf('--to', to);
  const config = loadOrTell(options.config, probeKinds(), io);
  if (!config) return EXIT.configuration;
  const token = io.env['VIGIE_TOKEN'];
  const wanted = {
    checks: checksNamed(check, config),
    fromMs,
    toMs,
    ...(url !== undefined && { url }),
    ...(token !== undefined && { token }),
  };
  try {
    await withObservations(wanted, config, async (lines) => {
      for await (const line of lines) io.out(`${line}\n`);
    });
  } catch (error) {
    if (error instanceof WindowStoreError) throw new UsageError(error.message);
    throw error;
  }
  return EXIT.fine;
}

function instantOf(option: string, text: string): number {
  const ms = parseInstant(text);
  if (ms === undefined) throw new UsageError(`${option} is ${text}, expected ${INSTANT_EXPECTED}`);
  return ms;
}

/** The checks of these ids; all when none is named. Throws a UsageError. */
function checksNamed(ids: readonly string[], { checks }: Config): readonly Check[] {
  const known = checks.map(({ id }) => id);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new UsageError(
      `--check is ${unknown}, which is no check of the configuration${suggest(unknown, known)}`,
    );
  return ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
}
