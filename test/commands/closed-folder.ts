import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/export/log.ts';
import { RecordKeeping } from '../../src/live/record-keeping.ts';
import { loadConfig } from '../../src/config/load.ts';
import { probeKinds } from '../../probes/index.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { openSqliteLedger } from '../../src/window/ledger-sqlite.ts';
import { openSqliteStore } from '../../src/window/sqlite.ts';
import { FakeClock } from '../fake-clock.ts';
import { FILES, T, VANTAGES } from '../closing/staged-month.ts';
import { loneJudge } from '../live/lone-judge.ts';

/** A folder with a configuration whose vigie watched March, closed it, archived it, and was stopped on 2 April. */
export interface ClosedFolder {
  readonly path: string;
  /** Up to when evidence was told to be archived. */
  readonly archivedMs: readonly number[];
  remove(): void;
}

const DAY_MS = 86_400_000;

/** What may be otherwise. */
export interface ClosedFolderOptions {
  /** Further lines of the configuration. */
  readonly more?: string;
  /** Where Chromium is looked for; nowhere when absent. */
  readonly programPath?: string;
  /** Told of every warning; an error is thrown. */
  readonly warned?: (line: string) => void;
}

/** Makes the folder by the parts that a running vigie is made of, on a clock driven by hand. */
export async function closedFolder(options: ClosedFolderOptions = {}): Promise<ClosedFolder> {
  const path = mkdtempSync(join(tmpdir(), 'vigie-closed-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const files = {
    'contract.yaml': FILES['contract.yaml'],
    'key.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'key.pub.pem': publicKey.export({ type: 'spki', format: 'pem' }),
    'other.pub.pem': generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
    'vigie.yaml': `${FILES['vigie.yaml']}
listen: { port: 0 }
evidence: { directory: evidence, key: { file: key.pem } }
${options.more ?? ''}
`,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  const archivedMs = await watchedMarch(join(path, 'vigie.yaml'), options);
  return { path, archivedMs, remove: () => rmSync(path, { recursive: true, force: true }) };
}

async function watchedMarch(
  file: string,
  { programPath, warned }: ClosedFolderOptions,
): Promise<readonly number[]> {
  const environment = { kinds: probeKinds(), readFile: readTextFile, env: {}, shippedContract };
  const { config, problems } = loadConfig(file, environment);
  if (!config) throw new Error(JSON.stringify(problems));
  const clock = new FakeClock('2026-04-02T03:00:00Z');
  const store = await openSqliteStore({
    path: join(config.dataDir, 'windows.sqlite'),
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const ledger = await openSqliteLedger({ path: join(config.dataDir, 'ledger.db'), clock });
  const first = Date.parse('2026-03-25T00:00:00Z') / T;
  const end = Date.parse('2026-04-02T03:00:00Z') / T;
  const outage = Date.parse('2026-03-28T12:00:00Z') / T;
  for (const check of ['web', 'mail'])
    for (const vantage of VANTAGES)
      await store.put(
        Array.from({ length: end - first }, (_, i) => first + i).map((slot) => {
          const isBad = check === 'web' && slot >= outage && slot < outage + 30;
          const seen = { check, intervalMs: T, vantage, slot } as const;
          if (!isBad) return { ...seen, outcome: 'good' as const };
          const evidence = { status: 503, requestId: `r-${slot}` };
          return { ...seen, outcome: 'bad' as const, cause: 'status' as const, evidence };
        }),
      );
  const loop = loneJudge(config, { clock, store });
  await loop.start();
  await clock.advance(2_000);
  const archivedMs: number[] = [];
  const keeping = new RecordKeeping({
    ...{ clock, store, ledger, version: '0.1.0', config: () => config, coversRegion: () => true },
    log: createLog({
      ...{ clock, level: warned ? 'warn' : 'error', format: 'json' },
      destination: {
        write: (line) => (line.includes('"level":"error"') ? throwing : (warned ?? throwing))(line),
      },
    }),
    programPath,
    retention: { slotsMs: 35 * DAY_MS, transitionsMs: 425 * DAY_MS },
    breathe: () => Promise.resolve(),
    signal: new AbortController().signal,
    onArchived: (atMs) => archivedMs.push(atMs),
  });
  await keeping.look();
  await keeping.look();
  await keeping.close();
  await loop.stop();
  await ledger.close();
  await store.close();
  return archivedMs;
}

function throwing(line: string): void {
  throw new Error(line);
}
