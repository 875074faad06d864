import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withPortOffset } from '../../src/box/port-offset.ts';
import type { Config, Problem } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ProbeKind } from '../../src/core/probe.ts';

/** Where the default configuration lies. */
export const DEFAULT_CONFIG = fileURLToPath(new URL('../../config/vigie.yaml', import.meta.url));

/** What is wrong or doubtful in the default configuration with its ports shifted. */
export function defaultConfigProblems(
  kinds: ReadonlyMap<string, ProbeKind>,
  portOffset: number,
): readonly Problem[] {
  return load(kinds, portOffset).problems;
}

/** The default configuration with its ports shifted. */
export function defaultConfig(kinds: ReadonlyMap<string, ProbeKind>, portOffset: number): Config {
  const { config, problems } = load(kinds, portOffset);
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}

function load(kinds: ReadonlyMap<string, ProbeKind>, portOffset: number) {
  return loadConfig(DEFAULT_CONFIG, {
    kinds,
    readFile: (path) => {
      const text = readFileSync(path, 'utf8');
      return path === DEFAULT_CONFIG ? withPortOffset(text, portOffset) : text;
    },
    env: {},
    shippedContract: () => undefined,
  });
}
