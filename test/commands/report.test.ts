import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClosing } from '../../src/closing/closing-book.ts';
import { findProgram } from '../servers/packages.ts';
import { type ClosedFolder, closedFolder } from './closed-folder.ts';
import { runVigie } from './spawn-vigie.ts';

let folder: ClosedFolder;
beforeAll(async () => {
  folder = await closedFolder();
});
afterAll(() => folder.remove());

const run = (...args: readonly string[]) => runVigie(args, { cwd: folder.path });
const kept = (name: string) => readFileSync(join(folder.path, name), 'utf8');

describe('a vigie that watched March', () => {
  it('has closed, reported and archived by itself', () => {
    expect(readdirSync(join(folder.path, 'data/reports')).sort()).toEqual([
      ...['2026-03.csv', '2026-03.en.html', '2026-03.fr.html', '2026-03.json'],
    ]);
    expect(folder.archivedMs).toEqual([Date.parse('2026-04-02T00:00:00Z')]);
    expect(readdirSync(join(folder.path, 'evidence')).sort()).toEqual([
      ...['chain.jsonl', 'closings', 'days', 'rules', 'signatures'],
    ]);
  });
});

describe('vigie report', () => {
  it.each([
    ['json', 'json', 'en'],
    ['csv', 'csv', 'en'],
    ['html', 'en.html', 'en'],
    ['html', 'fr.html', 'fr'],
  ])('of a closed period as %s is what was written at its close (%s)', async (format, extension, lang) => {
    const { code, stdout, stderr } = await run('report', '2026-03', '--format', format, '--lang', lang);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(kept(`data/reports/2026-03.${extension}`));
  });

  it('of a period that is not closed is provisional, and says so', async () => {
    const { code, stdout, stderr } = await run('report', '2026', '--format', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2026 is not closed: this is provisional\n' });
    expect(parseClosing(stdout)).toMatchObject({ number: null, period: { name: '2026' } });
  });

  it.each([
    [['report', '2026-3'], '2026-3 is no period, expected a month like 2026-03 or a year like 2026'],
    [['report', '2026-03', '--number', '7'], 'there is no closing 2026-03#7; there are: #0'],
    [
      ['report', '2026', '--claim', 'web'],
      'there is no claim on web in 2026: expected a row of the contract and its period',
    ],
    [['report', '2026-03', '--out', 'no/such/folder'], 'no/such/folder cannot be written: ENOENT'],
  ])('%j: says what was expected', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: `vigie: ${message}\n` });
  });

  it('--format pdf without Chromium: says what to do', async () => {
    const args = ['report', '2026-03', '--format', 'pdf'];
    const { code, stderr } = await runVigie(args, { cwd: folder.path, env: { PATH: '' } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'vigie: PDF is printed by Chromium, and there is none on the PATH: install chromium, or use --format html and print that\n',
    });
  });

  it.skipIf(!findProgram('chromium'))(
    '--format pdf prints one (needs chromium)',
    async () => {
      const { code, stdout } = await run('report', '2026-03', '--format', 'pdf');
      expect({ code, stdout }).toEqual({ code: 0, stdout: '2026-03.pdf\n' });
      const pdf = readFileSync(join(folder.path, '2026-03.pdf'));
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.length).toBeGreaterThan(10_000);
      const checked = await run('verify', 'evidence', '--report', '2026-03.pdf');
      expect(checked).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('report-not-comparable') as string,
      });
    },
    90_000,
  );

  it('--claim: one zip that verifies with the public key, and not with another', async () => {
    const { code, stdout } = await run('report', '2026-03', '--claim', 'web');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'claim-web-2026-03.zip\n' });
    const verified = await run('verify', 'claim-web-2026-03.zip', '--key', 'key.pub.pem');
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toContain('nothing was added, dropped or altered since');
    const other = await run('verify', 'claim-web-2026-03.zip', '--key', 'other.pub.pem');
    expect(other).toMatchObject({ code: 1 });
    expect(other.stdout).toContain('signature-by-another-key');
    const mail = await run('report', '2026-03', '--claim', 'mail');
    expect(mail).toMatchObject({ code: 0, stderr: '2026 is not closed: this claim is provisional\n' });
    expect(await run('verify', 'claim-mail-2026-03.zip')).toMatchObject({ code: 0 });
  });
});

describe('vigie verify', () => {
  it('the archive that the configuration names: all of it holds, the closing follows from it, and its reports too', async () => {
    const { code, stdout } = await run(
      'verify',
      '--key',
      'key.pub.pem',
      '--report',
      'data/reports/2026-03.fr.html',
    );
    expect(stdout).toBe(
      'archive: 12 files, 8 days, 2026-03-25 to 2026-04-01; 1 signatures\n' +
        'closings that follow from it, to the byte: 1\n' +
        'nothing was added, dropped or altered since\n',
    );
    expect(code).toBe(0);
  });

  it.each([
    [
      'csv',
      (text: string) => text.replace(',300,', ',30,'),
      /report-differs edited\.csv: .* differs in line 2/,
    ],
    [
      'json',
      (text: string) => text.replace('"raw":300000', '"raw":30000'),
      /report-differs edited\.json: verdicts\[0\]\.downtimeMs\.raw is 30000, and 300000 in closings\/2026-03\.json/,
    ],
    [
      'en.html',
      (text: string) => text.replace('5 min', '6 min'),
      /report-differs edited\.en\.html: .* differs in line \d+/,
    ],
  ])('names an edited report (%s)', async (extension, edit, message) => {
    writeFileSync(join(folder.path, `edited.${extension}`), edit(kept(`data/reports/2026-03.${extension}`)));
    const { code, stdout } = await run('verify', 'evidence', '--report', `edited.${extension}`);
    expect(stdout).toMatch(message);
    expect(code).toBe(1);
  });

  it('names what was tampered with, and says it as JSON', async () => {
    const file = join(folder.path, 'evidence/closings/2026-03.json');
    const content = readFileSync(file);
    writeFileSync(file, content.toString().replace('"raw":300000', '"raw":30000'));
    const { code, stdout } = await run('verify', 'evidence', '--output', 'json');
    writeFileSync(file, content);
    expect(code).toBe(1);
    const { faults } = JSON.parse(stdout) as { readonly faults: readonly object[] };
    expect(faults).toMatchObject([
      { code: 'file-altered', where: 'closings/2026-03.json' },
      { code: 'figures-differ', where: 'closings/2026-03.json' },
    ]);
  });

  it.each([
    [['verify', 'nowhere'], 'there is no nowhere; expected the folder of an archive or a claim pack'],
    [['verify', 'vigie.yaml'], 'vigie.yaml is no zip, or larger than a claim pack can be'],
    [
      ['verify', 'evidence', '--key', 'vigie.yaml'],
      '--key vigie.yaml: expected an Ed25519 public key in PEM',
    ],
  ])('%j: says what was expected', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: `vigie: ${message}\n` });
  });
});

describe('vigie export observations', () => {
  it('what is exported replays to the verdicts of the closing', async () => {
    const exported = await run('export', 'observations');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(join(folder.path, 'seen.jsonl'), exported.stdout);
    const at = '2026-04-01T00:00:00Z';
    const args = [
      'replay',
      '--observations',
      'seen.jsonl',
      '--at',
      at,
      '--period',
      '2026-03',
      '--output',
      'json',
    ];
    const { stdout } = await run(...args);
    type Replayed = { readonly row: string; readonly penalties?: readonly object[] };
    const { verdicts } = JSON.parse(stdout) as { readonly verdicts: readonly Replayed[] };
    // The closing has them by themselves.
    const own = verdicts
      .filter(({ row }) => row === 'web')
      .map((verdict) => ({ ...verdict, penalties: undefined }));
    const closing = parseClosing(kept('data/reports/2026-03.json'));
    expect(own).toEqual(closing?.verdicts);
  });

  it('only of a check and a span', async () => {
    const span = ['--from', '2026-03-28T11:59:50Z', '--to', '2026-03-28T12:00:10Z'];
    const { stdout } = await run('export', 'observations', '--check', 'web', ...span);
    expect(stdout.trimEnd().split('\n').slice(0, 2)).toEqual([
      '{"check":"web","vantage":"a","slot":"2026-03-28T11:59:50.000Z","outcome":"good"}',
      expect.stringContaining('"evidence":{"requestId":"r-') as string,
    ]);
    expect(await run('export', 'observations', '--check', 'wbe')).toMatchObject({
      code: 2,
      stderr: 'vigie: --check is wbe, which is no check of the configuration; did you mean "web"?\n',
    });
  });
});
