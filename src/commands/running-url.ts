import { existsSync } from 'node:fs';
import { probeKinds } from '../../probes/index.ts';
import { addressOf } from './closing-lookup.ts';
import { drillInstead } from './drill-folder.ts';
import type { Io } from './io.ts';
import { DEFAULT_CONFIG } from './config-files.ts';
import { loadFrom, loadOrTell } from './load.ts';

/** Where a vigie listens when no configuration says otherwise. */
const USUAL_URL = 'http://127.0.0.1:9464';

/** How a command names the vigie that it asks. */
export interface RunningNamed {
  readonly url?: string;
  readonly config?: string;
}

/**
 * Where the vigie listens that a command asks: at `--url`; else where the configuration says that was named, or that lies
 * here by its usual name and can be read; else where the drill does that runs, or one would. Undefined when the named one is
 * bad, which is then told on standard error.
 */
export function runningUrl({ url, config }: RunningNamed, io: Io): string | undefined {
  if (url !== undefined) return url;
  if (config !== undefined && config !== DEFAULT_CONFIG) {
    const named = loadOrTell(config, probeKinds(), io);
    return named && addressOf(named);
  }
  const path = existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : drillInstead(DEFAULT_CONFIG);
  const here = path === undefined ? undefined : loadFrom(path, probeKinds(), io).config;
  return here ? addressOf(here) : USUAL_URL;
}
