import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findProgram } from '../servers/packages.ts';

/** What promtool has against rules (`{ groups }`); nothing when they are good. */
export function promtoolFindings(rules: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-rules-'));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, stringify(rules));
  const { status, stdout, stderr } = spawnSync(
    findProgram('promtool') ?? 'promtool',
    ['check', 'rules', file],
    {
      encoding: 'utf8',
    },
  );
  rmSync(folder, { recursive: true });
  return status === 0 ? '' : `${stdout}${stderr}` || 'promtool failed';
}
