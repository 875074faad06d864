import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Archive, ArchiveError } from '../../src/evidence/archive.ts';
import { folderFiles } from '../../src/evidence/archive-files.ts';
import { CHAIN_FILE, linkAfter, linkLine, readChain } from '../../src/evidence/chain.ts';
import { compressLines, decompressLines } from '../../src/evidence/compressed.ts';
import { sha256 } from '../../src/evidence/digest.ts';
import { keyName } from '../../src/evidence/signature.ts';
import { verifyArchive } from '../../src/evidence/verify-archive.ts';
import { memoryFiles, type MemoryFiles } from './memory-files.ts';

const KEY = generateKeyPairSync('ed25519').privateKey;
const OTHER_KEY = generateKeyPairSync('ed25519').privateKey;
const SIGNED_AT = Date.UTC(2026, 2, 4);
const DAYS = ['2026-03-01', '2026-03-02', '2026-03-03'];

function dayOf(day: string, extra: readonly string[] = []) {
  const line = (vantage: string, hour: number) => JSON.stringify({ check: 'dns', vantage, day, hour });
  return {
    header: { day, vigie: '0.1.0', rules: {} },
    seen: ['a', 'b'].map((vantage) => ({
      name: `dns@${vantage}`,
      lines: [...Array.from({ length: 24 }, (_, hour) => line(vantage, hour)), ...extra],
    })),
    said: [{ name: 'verdicts', lines: [JSON.stringify({ record: 'verdict', day })] }],
  };
}

/** Three days, the rules, a closing, and a signature over all. */
async function archived(): Promise<MemoryFiles> {
  const files = memoryFiles();
  const archive = await Archive.open(files);
  await archive.addRules(new TextEncoder().encode('id: example\n'));
  for (const day of DAYS) await archive.addDay(dayOf(day));
  await archive.addClosing('2026-02', 0, '{"verdicts":[]}');
  await archive.sign('2026-02', SIGNED_AT, KEY);
  return files;
}

async function faultsOf(files: MemoryFiles, trusted = [keyName(KEY)]) {
  return (await verifyArchive(files, new Set(trusted))).faults;
}

const dayFile = (day: string) => `days/2026-03/${day}.jsonl.zst`;
const text = (content: Uint8Array | undefined) => new TextDecoder().decode(content);

async function editLines(
  files: MemoryFiles,
  day: string,
  edit: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  const lines = await decompressLines(files.contents.get(dayFile(day)) ?? new Uint8Array());
  files.contents.set(dayFile(day), await compressLines(edit(lines ?? [])));
}

describe('verifyArchive', () => {
  it('finds nothing in an archive as it was written', async () => {
    expect(await verifyArchive(await archived(), new Set([keyName(KEY)]))).toMatchObject({
      faults: [],
      files: 5,
      days: { first: '2026-03-01', last: '2026-03-03', count: 3 },
      signatures: [{ period: '2026-02', sequence: 5 }],
      unsigned: 0,
    });
  });

  it.each<[string, (lines: readonly string[]) => readonly string[], string]>([
    ['an altered line', (l) => l.toSpliced(3, 1, (l[3] ?? '').replace('"hour":2', '"hour":9')), 'dns@a'],
    ['a dropped line', (l) => l.toSpliced(30, 1), 'dns@b'],
    ['an added line', (l) => l.toSpliced(30, 0, l[30] ?? ''), 'dns@b'],
    ['two lines in another order', (l) => l.toSpliced(4, 2, l[5] ?? '', l[4] ?? ''), 'dns@a'],
    ['an altered verdict', (l) => l.map((one) => one.replace('"verdict"', '"verdikt"')), 'verdicts'],
    ['a missing end', (l) => l.slice(0, 20), 'ends without its seal'],
    ['lines after the end', (l) => [...l, '{}'], 'come after the seal'],
  ])('finds %s and names its place', async (_, edit, place) => {
    const files = await archived();
    await editLines(files, '2026-03-02', edit);
    const faults = await faultsOf(files);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ code: 'file-altered', where: dayFile('2026-03-02') });
    expect(faults[0]?.detail).toContain(place);
  });

  it('finds every flipped bit of a day and of a closing', async () => {
    for (const name of [dayFile('2026-03-01'), 'closings/2026-02.json']) {
      const files = await archived();
      const content = files.contents.get(name) ?? new Uint8Array();
      for (let i = 0; i < content.length; i += 7) {
        const flipped = Uint8Array.from(content);
        flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8));
        files.contents.set(name, flipped);
        expect(await faultsOf(files), `byte ${i} of ${name}`).toMatchObject([
          { code: 'file-altered', where: name },
        ]);
      }
    }
  });

  it('finds two days swapped', async () => {
    const files = await archived();
    const [first, second] = [
      files.contents.get(dayFile(DAYS[0] ?? '')),
      files.contents.get(dayFile(DAYS[1] ?? '')),
    ];
    if (first && second)
      files.contents.set(dayFile(DAYS[0] ?? ''), second).set(dayFile(DAYS[1] ?? ''), first);
    expect(await faultsOf(files)).toMatchObject([
      {
        code: 'file-altered',
        where: dayFile('2026-03-01'),
        detail: expect.stringContaining('another') as string,
      },
      { code: 'file-altered', where: dayFile('2026-03-02') },
    ]);
  });

  it('finds a file that is gone, and one that was added', async () => {
    const files = await archived();
    files.contents.delete(dayFile('2026-03-02'));
    files.contents.set('closings/2026-01.json', new Uint8Array());
    expect(await faultsOf(files)).toMatchObject([
      { code: 'file-missing', where: dayFile('2026-03-02') },
      { code: 'file-unlisted', where: 'closings/2026-01.json' },
    ]);
  });

  it.each<[string, (lines: readonly string[]) => readonly string[], object]>([
    ['altered', (l) => l.map((one) => one.replace('"bytes":12', '"bytes":13')), { code: 'chain-altered' }],
    ['short of a line', (l) => l.toSpliced(2, 1), { code: 'chain-out-of-order', where: `${CHAIN_FILE}:3` }],
    ['in another order', (l) => l.toSpliced(1, 2, l[2] ?? '', l[1] ?? ''), { code: 'chain-out-of-order' }],
    ['garbled', (l) => l.toSpliced(1, 1, '{'), { code: 'chain-unreadable', where: `${CHAIN_FILE}:2` }],
    ['with blanks added', (l) => l.toSpliced(1, 1, ` ${l[1]}`), { code: 'chain-altered' }],
  ])('finds a chain %s', async (_, edit, expected) => {
    const files = await archived();
    const lines = text(files.contents.get(CHAIN_FILE)).trimEnd().split('\n');
    files.contents.set(CHAIN_FILE, new TextEncoder().encode(`${edit(lines).join('\n')}\n`));
    expect((await faultsOf(files))[0]).toMatchObject(expected);
  });

  it('finds an archive made anew, chain and all, by its signature', async () => {
    const files = await archived();
    await editLines(files, '2026-03-02', (lines) => lines.toSpliced(5, 1));
    const { links } = readChain(text(files.contents.get(CHAIN_FILE)));
    const forged = links.reduce<typeof links>((done, link) => {
      const content = files.contents.get(link.file) ?? new Uint8Array();
      return [...done, linkAfter(done, { ...link, sha256: sha256(content), bytes: content.length })];
    }, []);
    const chain = forged.map((link) => `${linkLine(link)}\n`).join('');
    files.contents.set(CHAIN_FILE, new TextEncoder().encode(chain));
    expect(await faultsOf(files)).toMatchObject([{ code: 'signature-of-another-chain' }]);
  });

  it('finds the last days cut off with their links, while a signature covers them', async () => {
    const files = await archived();
    const lines = text(files.contents.get(CHAIN_FILE)).trimEnd().split('\n').slice(0, 3);
    files.contents.set(CHAIN_FILE, new TextEncoder().encode(`${lines.join('\n')}\n`));
    files.contents.delete(dayFile('2026-03-03'));
    files.contents.delete('closings/2026-02.json');
    expect(await faultsOf(files)).toMatchObject([{ code: 'signature-of-another-chain' }]);
  });

  it('trusts no other key than it is told, nor two keys when it is told none', async () => {
    const files = await archived();
    expect(await faultsOf(files, [keyName(OTHER_KEY)])).toMatchObject([{ code: 'signature-by-another-key' }]);
    await (await Archive.open(files)).sign('2026-03', SIGNED_AT, OTHER_KEY);
    expect(await faultsOf(files, [])).toMatchObject([{ code: 'signature-by-another-key' }]);
    expect(await faultsOf(files, [keyName(KEY), keyName(OTHER_KEY)])).toEqual([]);
  });

  it('finds an edited signature', async () => {
    const files = await archived();
    const name = [...files.contents.keys()].find((one) => one.startsWith('signatures/')) ?? '';
    const signed = text(files.contents.get(name));
    files.contents.set(name, new TextEncoder().encode(signed.replace('"2026-02"', '"2026-03"')));
    expect(await faultsOf(files)).toMatchObject([{ code: 'signature-false', where: name }]);
    files.contents.set(name, new TextEncoder().encode('{}'));
    expect(await faultsOf(files)).toMatchObject([{ code: 'signature-unreadable', where: name }]);
  });

  it('says what no signature covers, and what day nobody archived', async () => {
    const files = await archived();
    await (await Archive.open(files)).addDay(dayOf('2026-03-06'));
    const report = await verifyArchive(files, new Set());
    expect(report.unsigned).toBe(1);
    expect(report.faults).toMatchObject([{ code: 'day-missing', where: '2026-03-04' }]);
  });

  it('says when there is no archive', async () => {
    expect(await faultsOf(memoryFiles())).toMatchObject([{ code: 'no-archive' }]);
  });
});

describe('Archive', () => {
  it('adds a day once, and late data as an amendment beside it', async () => {
    const files = await archived();
    const before = files.contents.get(dayFile('2026-03-02'));
    const archive = await Archive.open(files);
    expect(await archive.addDay(dayOf('2026-03-02'))).toBe('unchanged');
    expect(await archive.addDay(dayOf('2026-03-02', ['{"late":1}']))).toBe('amendment');
    expect(await archive.addDay(dayOf('2026-03-02', ['{"late":1}']))).toBe('unchanged');
    expect(files.contents.get(dayFile('2026-03-02'))).toBe(before);
    expect([...files.contents.keys()]).toContain('days/2026-03/2026-03-02.1.jsonl.zst');
    expect(await faultsOf(files)).toEqual([]);
  });

  it('keeps rules and closings once', async () => {
    const files = await archived();
    const archive = await Archive.open(files);
    await archive.addRules(new TextEncoder().encode('id: example\n'));
    await archive.addClosing('2026-02', 0, 'another');
    expect(archive.links).toHaveLength(5);
    expect(text(files.contents.get('closings/2026-02.json'))).toBe('{"verdicts":[]}');
  });

  it('adds nothing to a chain that is broken', async () => {
    const files = await archived();
    files.contents.set(CHAIN_FILE, new TextEncoder().encode('{}\n'));
    await expect(Archive.open(files)).rejects.toThrow(ArchiveError);
  });

  it('in a folder leaves whole files only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-archive-'));
    try {
      const files = folderFiles(join(folder, 'archive'));
      expect(await files.list()).toEqual([]);
      expect(await files.read('nothing')).toBeUndefined();
      const archive = await Archive.open(files);
      for (const day of DAYS) await archive.addDay(dayOf(day));
      expect(await files.list()).toEqual([CHAIN_FILE, ...DAYS.map(dayFile)]);
      expect((await verifyArchive(files, new Set())).faults).toEqual([]);
      expect(await readdir(join(folder, 'archive/days/2026-03'))).toHaveLength(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
