import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withPortOffset, withVolume } from '../../src/box/port-offset.ts';
import type { Config, Problem } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ProbeKind } from '../../src/core/probe.ts';

/** Where the default configuration lies. */
export const DEFAULT_CONFIG = fileURLToPath(new URL('../../config/vigie.yaml', import.meta.url));

/** Where a box is: what is added to its ports, and the folder of its volume. */
export interface BoxPlace {
  readonly portOffset: number;
  readonly folder: string;
}

/** What is wrong or doubtful in the default configuration for a box there. */
export function defaultConfigProblems(
  kinds: ReadonlyMap<string, ProbeKind>,
  place: BoxPlace,
): readonly Problem[] {
  return load(kinds, place).problems;
}

/** The default configuration for a box there. */
export function defaultConfig(kinds: ReadonlyMap<string, ProbeKind>, place: BoxPlace): Config {
  const { config, problems } = load(kinds, place);
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}

function load(kinds: ReadonlyMap<string, ProbeKind>, { portOffset, folder }: BoxPlace) {
  return loadConfig(DEFAULT_CONFIG, {
    kinds,
    readFile: (path) => {
      const text = readFileSync(path, 'utf8');
      return path === DEFAULT_CONFIG ? withVolume(withPortOffset(text, portOffset), folder) : text;
    },
    env: {},
    shippedContract: () => undefined,
  });
}
