import { existsSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import type { Config, LoadResult } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { readTextFile, shippedContract } from '../config/local-files.ts';
import { formatProblem } from '../config/problem.ts';
import type { ProbeKind } from '../core/probe.ts';
import { DEFAULT_CONFIG } from './config-files.ts';
import type { Io } from './io.ts';

/** Loads a configuration from the file system and the environment; with a web configuration of its own, if one is named. */
export function loadFrom(
  path: string,
  kinds: ReadonlyMap<string, ProbeKind>,
  io: Io,
  webConfigFile?: string,
): LoadResult {
  const nowMs = systemClock.wallMs();
  return loadConfig(path, {
    kinds,
    readFile: readTextFile,
    env: io.env,
    shippedContract,
    nowMs,
    ...(webConfigFile !== undefined && { webConfigFile }),
  });
}

/** Loads a configuration that must be good; tells all problems on standard error. Undefined when it is not. */
export function loadOrTell(path: string, kinds: ReadonlyMap<string, ProbeKind>, io: Io): Config | undefined {
  const { config, problems } = loadFrom(path, kinds, io);
  const told = config ? problems.filter((problem) => problem.severity === 'error') : problems;
  for (const problem of told) io.err(`${formatProblem(problem)}\n`);
  if (path === DEFAULT_CONFIG && !existsSync(path))
    io.err(
      `vigie: name a configuration with --config FILE, or begin with a drill, which needs none: ${io.called} run\n`,
    );
  return config;
}
