import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { IdenticalCalls } from './identical-calls.ts';
import { SigningGates } from './outscale-gate.ts';
import type { ProfileFile } from './outscale-profile.ts';
import type { OutscaleResult } from './outscale-result.ts';

/** What all probes of one process share that call the provider's API: one key is one key, whoever signs with it. */
export interface OutscaleAccess {
  readonly gates: SigningGates;
  readonly calls: IdenticalCalls<OutscaleResult>;
  readonly profiles: ProfileFile;
}

/** Access without history. `profiles` is `~/.osc/config.json` unless said otherwise. */
export function openOutscaleAccess(profiles: ProfileFile = readOwnProfiles): OutscaleAccess {
  return { gates: new SigningGates(), calls: new IdenticalCalls(), profiles };
}

const LARGEST_PROFILES_BYTES = 1_048_576;

function readOwnProfiles(): string {
  const path = join(homedir(), '.osc', 'config.json');
  if (statSync(path).size > LARGEST_PROFILES_BYTES) throw new Error('file too large');
  return readFileSync(path, 'utf8');
}
