import { hashSync } from 'bcryptjs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClosedFolder, closedFolder } from '../commands/closed-folder.ts';
import { runVigie } from '../commands/spawn-vigie.ts';
import { findProgram } from '../servers/packages.ts';

const REPORTS = ['2026-03.csv', '2026-03.en.html', '2026-03.fr.html', '2026-03.json'];
const LACK = 'reports.pdf is true, but there is no Chromium on the PATH: reports are not printed as PDF';

let folder: ClosedFolder | undefined;
afterEach(() => folder?.remove());

function reportsOf({ path }: ClosedFolder): readonly string[] {
  return readdirSync(join(path, 'data/reports')).sort();
}

describe('RecordKeeping: reports at the close of a period', () => {
  it.skipIf(!findProgram('chromium'))(
    'with reports.pdf they are printed, too, in every language (needs chromium)',
    { timeout: 120_000 },
    async () => {
      const warned: string[] = [];
      folder = await closedFolder({
        more: 'reports: { pdf: true }',
        programPath: process.env['PATH'] ?? '',
        warned: (line) => warned.push(line),
      });
      expect(warned).toEqual([]);
      expect(reportsOf(folder)).toEqual([...REPORTS, '2026-03.en.pdf', '2026-03.fr.pdf'].sort());
      for (const language of ['en', 'fr']) {
        const name = join(folder.path, `data/reports/2026-03.${language}.pdf`);
        expect(readFileSync(name).subarray(0, 5).toString()).toBe('%PDF-');
        expect(statSync(name).mode & 0o777).toBe(0o640);
      }
    },
  );

  it('with reports.pdf and no Chromium: said once, and the others are written', async () => {
    const warned: string[] = [];
    folder = await closedFolder({
      more: 'reports: { pdf: true }',
      programPath: '/nowhere:/dev/null',
      warned: (line) => warned.push((JSON.parse(line) as { readonly msg: string }).msg),
    });
    expect(warned).toEqual([LACK]);
    expect(reportsOf(folder)).toEqual(REPORTS);
  });

  it('without reports.pdf nothing is printed, and nothing said', async () => {
    const warned: string[] = [];
    const programPath = process.env['PATH'] ?? '';
    folder = await closedFolder({
      more: 'reports: {}',
      programPath,
      warned: (line) => warned.push(line),
    });
    expect(warned).toEqual([]);
    expect(reportsOf(folder)).toEqual(REPORTS);
  });
});

describe('RecordKeeping: what is kept of the configuration', () => {
  it('password hashes are neither in the archive nor in the ledger, and the archive is verified all the same', async () => {
    const hash = hashSync('correct horse', 4);
    const spelled = hash.replace('$2', '\\x242');
    folder = await closedFolder({
      more: `# once: ${hash}\nweb: { basic_auth_users: { ann: '${hash}', bob: "${spelled}" } }`,
    });
    const archive = join(folder.path, 'evidence');
    const texts = readdirSync(archive, { recursive: true, encoding: 'utf8' })
      .map((name) => join(archive, name))
      .filter((name) => statSync(name).isFile())
      .map((name) => (name.endsWith('.gz') ? gunzipSync(readFileSync(name)) : readFileSync(name)).toString());
    const configuration = texts.filter((text) => text.includes('basic_auth_users'));
    expect(configuration).toHaveLength(1);
    expect(configuration[0]).toContain("{ ann: '(secret)', bob: (secret) }");
    expect(configuration[0]).toContain('# once: (secret)');
    const ledger = readFileSync(join(folder.path, 'data/ledger.db'), 'latin1');
    expect(ledger).toContain('basic_auth_users');
    const half = hash.slice(10);
    expect([...texts, ledger].filter((text) => text.includes(half))).toEqual([]);
    const { code, stderr } = await runVigie(['verify', 'evidence', '--key', 'key.pub.pem'], {
      cwd: folder.path,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
