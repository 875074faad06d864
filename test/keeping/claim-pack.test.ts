import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimPack, claimPeriod } from '../../src/keeping/claim-pack.ts';
import { timelineFromMs } from '../../src/closing/judged-timeline.ts';
import { timelineLines } from '../../src/keeping/closing-material.ts';
import { fromStore } from '../../src/commands/observation-source.ts';
import { checksUnder } from '../../src/core/checks-under.ts';
import { keyName } from '../../src/evidence/signature.ts';
import { frozenRules } from '../../src/casework/frozen-rules.ts';
import { MANIFEST_FILE, manifestText, SIGNATURE_FILE, unzipped } from '../../src/report/pack.ts';
import { verifyPack } from '../../src/keeping/verify-pack.ts';
import { TWO_CONTRACTS } from '../contract/replaced-contracts.ts';
import { FILES, MARCH, stagedMarch, T } from '../closing/staged-month.ts';

const KEY = generateKeyPairSync('ed25519').privateKey;
const OTHER = generateKeyPairSync('ed25519').privateKey;
const breathe = () => Promise.resolve();

/** A claim on March, with request ids in the evidence of one vantage. */
async function packed(key = KEY) {
  const stage = await stagedMarch();
  const slot = Date.parse('2026-03-10T12:00:10Z') / T;
  const evidence = { 'x-request-id': '=r-1,"2"', status: 503 };
  await stage.store.put([
    { check: 'web', intervalMs: T, vantage: 'a', slot, outcome: 'bad', cause: 'status', evidence },
  ]);
  await stage.look();
  await stage.loop.stop();
  const [kept] = stage.closed;
  const { config } = stage.options;
  const asked = claimPeriod(config(), 'web', '2026-03');
  if (!kept || !asked) throw new Error('nothing to claim');
  const { book } = stage.desk;
  const rules = await frozenRules(kept.closing.rules.judged, book);
  if (!rules) throw new Error('no rules');
  const checks = checksUnder(rules.judgedBy, 'web');
  const fromMs = timelineFromMs(MARCH.from);
  const judged = await stage.store.judged(checks.map(({ id }) => id));
  const sources = {
    ...{ kept, subject: asked.subject, key },
    rulesText: (await book.rules(rules.digest)) ?? '',
    contracts: [FILES['contract.yaml']],
    timelines: timelineLines(judged, fromMs, Date.parse(kept.closing.at)),
    observations: await Array.fromAsync(
      fromStore({ checks, fromMs: MARCH.from, toMs: MARCH.to }, stage.store),
    ),
  };
  return { sources, zip: claimPack(sources) ?? new Uint8Array() };
}

const filesOf = (zip: Uint8Array) => new Map(unzipped(zip) ?? []);
const text = (content: Uint8Array | undefined) => new TextDecoder().decode(content);
const checked = (files: ReadonlyMap<string, Uint8Array>, trusted: readonly string[] = [keyName(KEY)]) =>
  verifyPack(files, new Set(trusted), breathe);

/** Edits a file and makes list and signature anew, as one who has another key could. */
function forged(zip: Uint8Array, name: string, edit: (content: string) => string) {
  const files = filesOf(zip);
  files.set(name, Buffer.from(edit(text(files.get(name)))));
  files.delete(SIGNATURE_FILE);
  files.delete(MANIFEST_FILE);
  const texts = new Map([...files].map(([file, content]) => [file, text(content)]));
  files.set(MANIFEST_FILE, Buffer.from(manifestText(texts)));
  return files;
}

describe('claimPack', () => {
  it('holds the notice in both languages, incidents with request ids, raw observations, method and rules; and is proven', async () => {
    const { zip } = await packed();
    const files = filesOf(zip);
    expect([...files.keys()]).toEqual([
      ...[
        'claim.json',
        'closing.json',
        'contract.yaml',
        'incidents.csv',
        'manifest.json',
        'manifest.sig.json',
      ],
      ...['notice.en.txt', 'notice.fr.txt', 'observations.csv', 'observations.jsonl', 'report.en.html'],
      ...['report.fr.html', 'rules.json', 'timelines.jsonl'],
    ]);
    expect(text(files.get('notice.en.txt'))).toContain(
      '- region: 2026-03-10 13:00:00 +01:00 – 2026-03-10 13:45:00 +01:00, 45 min, counted 45 min',
    );
    expect(text(files.get('notice.en.txt'))).toContain('we claim 10 % (100.00) (region, client, 2026-03)');
    expect(text(files.get('notice.fr.txt'))).toContain('Objet : réclamation au titre de 4.1, Web, 2026-03');
    const [heading, client] = text(files.get('incidents.csv')).split('\r\n');
    expect(heading).toContain('start,end');
    expect(client).toContain('2026-03-10T12:00:00.000Z,2026-03-10T12:45:00.000Z,2700');
    expect(client).toContain(`"'=r-1,""2"""`);
    expect(text(files.get('observations.csv'))).toContain('web,a,2026-03-10T12:00:10.000Z,,bad,status,');
    expect(await checked(files)).toMatchObject({ faults: [], notes: [], signedBy: keyName(KEY) });
  });

  it('the same sources give the same bytes', async () => {
    const { sources, zip } = await packed();
    expect(claimPack(sources)).toEqual(zip);
  });

  it.each<[string, (zip: Uint8Array) => ReadonlyMap<string, Uint8Array>, object]>([
    [
      'an edited notice',
      (zip) => filesOf(zip).set('notice.en.txt', Buffer.from('pay')),
      { code: 'file-altered', where: 'notice.en.txt' },
    ],
    [
      'a file that is gone',
      (zip) => {
        const files = filesOf(zip);
        files.delete('incidents.csv');
        return files;
      },
      { code: 'file-missing', where: 'incidents.csv' },
    ],
    [
      'a file that was added',
      (zip) => filesOf(zip).set('more.txt', new Uint8Array()),
      { code: 'file-unlisted', where: 'more.txt' },
    ],
    [
      'incidents that were made up',
      (zip) => forged(zip, 'incidents.csv', (csv) => csv.replace('12:45:00', '13:45:00')),
      { code: 'not-derived', where: 'incidents.csv' },
    ],
    [
      'an observation that was made up',
      (zip) =>
        forged(zip, 'observations.jsonl', (lines) =>
          lines.replace('"to":"2026-03-10T12:00:00.000Z"', '"to":"2026-03-10T12:30:00.000Z"'),
        ),
      { code: 'not-derived', where: 'observations.csv' },
    ],
    [
      'other rules',
      (zip) => forged(zip, 'contract.yaml', (yaml) => yaml.replace('99.9', '99.99')),
      { code: 'rules-differ' },
    ],
    [
      'timelines that were made up',
      (zip) => forged(zip, 'timelines.jsonl', (lines) => lines.replace('12:45:00', '13:45:00')),
      { code: 'inputs-differ' },
    ],
    [
      'a figure of the closing',
      (zip) => forged(zip, 'closing.json', (json) => json.replace('"raw":2700000', '"raw":2800000')),
      {
        code: 'figures-differ',
        detail: expect.stringContaining('web of region, read as by client: downtimeMs.raw') as string,
      },
    ],
  ])('verifyPack finds %s', async (_, tamper, expected) => {
    const { zip } = await packed();
    const { faults } = await checked(tamper(zip), []);
    expect(faults).toContainEqual(expect.objectContaining(expected));
  });

  it('verifyPack tells an edited list, another key, and none', async () => {
    const { zip } = await packed();
    const files = filesOf(zip);
    files.set(MANIFEST_FILE, Buffer.from(`${text(files.get(MANIFEST_FILE))} `));
    expect((await checked(files)).faults).toMatchObject([{ code: 'signature-false' }]);
    expect((await checked(filesOf(zip), [keyName(OTHER)])).faults).toMatchObject([
      { code: 'signature-by-another-key' },
    ]);
    const unsigned = filesOf(zip);
    unsigned.delete(SIGNATURE_FILE);
    expect((await checked(unsigned)).faults).toMatchObject([{ code: 'signature-missing' }]);
  });
});

describe('claimPeriod', () => {
  it('of a row by the year, a month of it; of none where row and period do not fit', async () => {
    const { options, loop } = await stagedMarch();
    await loop.stop();
    const { contract } = options.config();
    expect(claimPeriod({ contract }, 'mail', '2026-03')).toMatchObject({
      period: '2026',
      subject: { row: 'mail', span: { name: '2026-03', from: '2026-02-28T23:00:00.000Z' } },
    });
    expect(claimPeriod({ contract }, 'web', '2026')).toBeUndefined();
    expect(claimPeriod({ contract }, 'gti', '2026-03')).toBeUndefined();
    expect(claimPeriod({ contract }, 'nothing', '2026-03')).toBeUndefined();
  });

  it('of a part of a period: its own span, and none where the contracts make no such part', () => {
    expect(claimPeriod(TWO_CONTRACTS, 'web', '2026@2026-07-01')).toEqual({
      period: '2026@2026-07-01',
      subject: {
        row: 'web',
        span: { name: '2026@2026-07-01', from: '2026-06-30T22:00:00.000Z', to: '2026-12-31T23:00:00.000Z' },
      },
    });
    expect(claimPeriod(TWO_CONTRACTS, 'web', '2026@2026-08-01')).toBeUndefined();
  });

  it('of a year that begins on its anniversary: the one that a month lies in', async () => {
    const { options, loop } = await stagedMarch();
    await loop.stop();
    const { contract } = options.config();
    const since = { ...contract, period: { ...contract.period, year: { anniversary: '2024-09-15' } } };
    const yearOf = (month: string) => claimPeriod({ contract: since }, 'mail', month)?.period;
    expect([yearOf('2026-03'), yearOf('2026-09'), yearOf('2026-10')]).toEqual(['2025', '2025', '2026']);
  });
});

describe('unzipped', () => {
  it('is undefined for what is no zip', () => {
    expect(unzipped(Buffer.from('PK\u0003\u0004 not a zip'))).toBeUndefined();
  });
});
