import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** An account that owns nothing here. */
const OTHER = 54_321;
const isRoot = process.getuid?.() === 0;

/** Opens books, windows and a spill in a folder, as their message when they cannot be. */
const OPEN = `(async () => {
  const { openSqliteLedger } = await import('${ROOT}/src/window/ledger-sqlite.ts');
  const { openSqliteStore } = await import('${ROOT}/src/window/sqlite.ts');
  const { Spill } = await import('${ROOT}/src/window/spill.ts');
  const { systemClock } = await import('${ROOT}/src/clock.ts');
  const [folder] = process.argv.slice(1);
  const told = async (open) => {
    try { await (await open())?.close(); return 'opened'; } catch (error) { return error.message; }
  };
  console.log(JSON.stringify([
    await told(async () => {
      const ledger = await openSqliteLedger({ path: folder + '/ledger.db', clock: systemClock });
      const written = ledger.append('audit', [{ key: 'a', atMs: 0, json: '{}' }]);
      await written.finally(() => ledger.close());
    }),
    await told(() => openSqliteStore({ path: folder + '/windows.sqlite', clock: systemClock })),
    await told(() => new Spill(folder + '/spill.sqlite')),
  ]));
})()`;

describe.skipIf(!isRoot)('accessTrouble: what belongs to another account (needs root to have two)', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-access-'));
    chmodSync(folder, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (uid: number): readonly string[] => {
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', OPEN, folder], {
      uid,
      gid: uid,
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    if (stdout === '') throw new Error(stderr);
    const told: readonly string[] = JSON.parse(stdout);
    return told;
  };

  test('files of another: each is named, with whose it is, who we are, and what to do', () => {
    expect(open(0)).toEqual(['opened', 'opened', 'opened']);
    chownSync(folder, OTHER, OTHER);
    const texts = open(OTHER);
    for (const [index, name] of ['ledger.db', 'windows.sqlite', 'spill.sqlite'].entries()) {
      const path = join(folder, name);
      expect(texts[index]).toContain(
        `${path} may not be read and written (it belongs to uid 0, and this runs as uid ${OTHER}): ` +
          `run vigie as uid 0, or chown -R ${OTHER} ${folder}`,
      );
    }
    expect(texts.map((text) => /^(ledger|window store|spill) /.exec(text)?.[1])).toEqual([
      'ledger',
      'window store',
      'spill',
    ]);
  });

  test('a vigie that may not write its books does not start, and says so in one line', () => {
    const config = join(folder, 'vigie.yaml');
    writeFileSync(config, 'contract: outscale-secnumcloud\nregion: r\ndataDir: .\nlisten: { port: 0 }\n');
    expect(open(0)[0]).toBe('opened');
    rmSync(join(folder, 'windows.sqlite'));
    chownSync(folder, OTHER, OTHER);
    const args = [join(ROOT, 'src/main.ts'), 'run', '--no-table', '--config', config];
    const { status, stderr } = spawnSync(process.execPath, args, { uid: OTHER, encoding: 'utf8', env: {} });
    expect(stderr).toMatch(/^vigie: ledger .*\/ledger\.db is read-only: .*it belongs to uid 0/m);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
  });

  test.each([
    [
      'a folder of another',
      () => undefined,
      /vigie-access-\w+ may not be read and written \(it belongs to uid 0/,
    ],
    [
      'a folder that is not there, in one of another: nobody is told to take what is above it',
      () => {
        folder = join(folder, 'data');
      },
      /vigie-access-\w+ may not be read and written \(it .*, or make the folder for it: install -d -o 54321 \S+\/data$/,
    ],
    [
      'own files without rights',
      () => {
        chownSync(folder, OTHER, OTHER);
        for (const name of ['ledger.db', 'windows.sqlite', 'spill.sqlite']) {
          writeFileSync(join(folder, name), '', { mode: 0o400 });
          chownSync(join(folder, name), OTHER, OTHER);
        }
      },
      /may not be read and written, by its permissions: chmod -R u\+rwX .*vigie-access-\w+$/,
    ],
    [
      'a folder that is hidden',
      () => {
        mkdirSync(join(folder, 'inner'));
        chmodSync(folder, 0o700);
        folder = join(folder, 'inner');
      },
      /inner is out of reach of uid 54321: a folder above it is closed$/,
    ],
  ])('%s', (_what, arrange, expected) => {
    const outer = folder;
    arrange();
    const texts = open(OTHER);
    folder = outer;
    for (const text of texts) expect(text).toMatch(expected);
  });
});
