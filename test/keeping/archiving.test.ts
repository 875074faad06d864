import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ArchiveReader } from '../../src/keeping/archive-reader.ts';
import { Archiving } from '../../src/keeping/archiving.ts';
import { Archive } from '../../src/evidence/archive.ts';
import { CHAIN_FILE, type Link, linkAfter, linkLine, readChain } from '../../src/evidence/chain.ts';
import { compressLines, decompressLines } from '../../src/evidence/compressed.ts';
import { sha256 } from '../../src/evidence/digest.ts';
import { keyName } from '../../src/evidence/signature.ts';
import { verifyArchive } from '../../src/evidence/verify-archive.ts';
import { judgeDays } from '../../src/keeping/observed-timelines.ts';
import { ClosingDesk } from '../../src/keeping/closing-desk.ts';
import { rejudge } from '../../src/keeping/rejudging.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FILES, type staged, stagedMarch } from '../closing/staged-month.ts';
import { memoryFiles, type MemoryFiles } from '../evidence/memory-files.ts';

const KEY = generateKeyPairSync('ed25519').privateKey;
const breathe = () => Promise.resolve();
type Stage = Awaited<ReturnType<typeof staged>>;

function archivingOf({ options, desk, ledger, store, clock }: Stage, files: MemoryFiles) {
  return new Archiving({
    ...{ clock, files, key: KEY, store, ledger, breathe, version: '0.1.0' },
    log: { info: () => undefined },
    book: () => desk.book,
    config: options.config,
    coversRegion: options.coversRegion,
    graceMs: () => 7_200_000,
    slotsKeptMs: 35 * 86_400_000,
  });
}

/** March, closed and archived; on 2 April, so that all days that the closing looks at are there. */
async function archivedMarch(files = FILES) {
  const stage = await stagedMarch(2_700, files);
  await stage.declare('ddos', { kind: 'attack', from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:10:00Z' });
  await stage.look();
  const archive = memoryFiles();
  const archiving = archivingOf(stage, archive);
  await stage.look(30 * 3_600_000);
  await archiving.run();
  return { ...stage, archive, archiving };
}

async function checked(archive: MemoryFiles) {
  const reader = await ArchiveReader.open(archive);
  const report = await verifyArchive(archive, new Set([keyName(KEY)]));
  return { report, days: await judgeDays(reader, breathe), closings: await rejudge(reader, breathe) };
}

/** Replaces a file and makes the chain anew, as a forger with the key could. */
function forge(archive: MemoryFiles, file: string, content: Uint8Array): void {
  archive.contents.set(file, content);
  const { links } = readChain(new TextDecoder().decode(archive.contents.get(CHAIN_FILE)));
  const forged = links.reduce<readonly Link[]>((done, link) => {
    const bytes = archive.contents.get(link.file) ?? new Uint8Array();
    return [...done, linkAfter(done, { ...link, sha256: sha256(bytes), bytes: bytes.length })];
  }, []);
  archive.contents.set(
    CHAIN_FILE,
    new TextEncoder().encode(forged.map((link) => `${linkLine(link)}\n`).join('')),
  );
  for (const name of archive.contents.keys())
    if (name.startsWith('signatures/')) archive.contents.delete(name);
}

async function forgeLines(archive: MemoryFiles, file: string, edit: (line: string) => string): Promise<void> {
  const lines = (await decompressLines(archive.contents.get(file) ?? new Uint8Array())) ?? [];
  forge(archive, file, await compressLines(lines.map(edit)));
}

const text = (content: Uint8Array | undefined) => new TextDecoder().decode(content);
const bytes = (content: string) => new TextEncoder().encode(content);

describe('Archiving', () => {
  it('archives every day from the first observation on, what was said, and the closing, and signs: all of it holds', async () => {
    const { archive, loop } = await archivedMarch();
    const names = [...archive.contents.keys()];
    expect(names.filter((name) => name.startsWith('days/'))).toHaveLength(33);
    expect(names).toContain('closings/2026-03.json');
    expect(names).toContain('ledgers/exclusions/00000001.jsonl.zst');
    const { report, days, closings } = await checked(archive);
    expect(report).toMatchObject({ faults: [], unsigned: 0, signatures: [{ period: '2026-03' }] });
    expect({ days, closings }).toEqual({
      days: [],
      closings: { faults: [], notes: [], proven: ['closings/2026-03.json'] },
    });
    await loop.stop();
  });

  it('adds nothing when nothing is new, late data as an amendment of its day and of the closing', async () => {
    const { archive, archiving, look, see, loop } = await archivedMarch();
    const before = new Map(archive.contents);
    await archiving.run();
    expect(archive.contents).toEqual(before);
    see('web', '2026-03-05T00:00:00Z', '2026-03-05T00:01:00Z', 'bad');
    await look(3_600_000);
    await archiving.run();
    const added = [...archive.contents.keys()].filter((name) => !before.has(name));
    expect(added).toMatchObject([
      'days/2026-03/2026-03-05.1.jsonl.zst',
      'closings/2026-03.1.json',
      expect.any(String),
    ]);
    before.delete(CHAIN_FILE);
    for (const [name, content] of before) expect(archive.contents.get(name)).toBe(content);
    const { report, days, closings } = await checked(archive);
    expect(report).toMatchObject({ faults: [], unsigned: 0 });
    expect(days).toEqual([]);
    expect(closings).toMatchObject({
      faults: [],
      proven: ['closings/2026-03.json', 'closings/2026-03.1.json'],
    });
    await loop.stop();
  });

  it('late data that came between closing and archiving: the original is told of, the amendment is proven', async () => {
    const stage = await stagedMarch();
    await stage.look();
    stage.see('web', '2026-03-20T00:00:00Z', '2026-03-20T00:01:00Z', 'bad');
    await stage.look(30 * 3_600_000);
    const archive = memoryFiles();
    await archivingOf(stage, archive).run();
    expect((await checked(archive)).closings).toMatchObject({
      faults: [],
      notes: [{ where: 'closings/2026-03.json' }],
      proven: ['closings/2026-03.1.json'],
    });
    await stage.loop.stop();
  });

  it('a period older than what is kept: amended from the archive where that has all of it, refused by name where not', async () => {
    const stage = await archivedMarch();
    const { archive, closed, clock, declare, options, ledger } = stage;
    clock.stepWall(500 * 86_400_000);
    const warned: object[] = [];
    const log = { info: () => undefined, warn: (about: object) => void warned.push(about) };
    const old = { ...options, store: memoryStore(), log };
    let opened = 0;
    const open = () => {
      opened++;
      return ArchiveReader.open(archive);
    };
    const desk = new ClosingDesk({ ...old, archive: open });
    const lookAgain = async (at = desk) => {
      clock.stepWall(3_600_000);
      await at.look();
      return warned.splice(0);
    };
    expect([await lookAgain(), opened]).toEqual([[], 0]);

    const force = { kind: 'force-majeure', from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:45:00Z' };
    await declare('flood', force);
    archive.read = () => Promise.reject(new Error('no route'));
    expect(await lookAgain()).toEqual([{ err: expect.any(Error), period: '2026-03' }]);
    archive.read = (name) => Promise.resolve(archive.contents.get(name));

    const outageDay = 'days/2026-03/2026-03-10.jsonl.zst';
    const content = archive.contents.get(outageDay) ?? new Uint8Array();
    archive.contents.delete(outageDay);
    const refused = {
      ...{ period: '2026-03', changed: ['exclusions'], needed: '2026-02-21T00:00:00.000Z' },
      keptFrom: expect.stringMatching(/^2026-06-1/),
    };
    const missing = 'the archive holds 2026-02-28 to 2026-04-01, and not what web was judged from';
    expect(await lookAgain()).toEqual([{ ...refused, missing }]);
    archive.contents.set(outageDay, content);
    expect([await lookAgain(), opened]).toEqual([[], 2]);
    const without = new ClosingDesk(old);
    expect(await lookAgain(without)).toEqual([
      { ...refused, missing: 'there is no archive of the evidence' },
    ]);
    expect(closed).toHaveLength(1);

    const restarted = new ClosingDesk({ ...old, archive: open });
    expect(await lookAgain(restarted)).toMatchObject([{ period: '2026-03', number: 1 }]);
    expect([await lookAgain(restarted), closed.length, opened]).toEqual([[], 2, 3]);
    const [, amended] = closed;
    expect(amended?.closing).toMatchObject({
      at: '2026-04-01T00:00:00.000Z',
      amends: { changes: [{ what: 'exclusion', id: 'flood', event: 'declared' }] },
    });
    // 45 min were bad, of which 10 min were an attack.
    expect(amended?.closing.amends?.figures).toMatchObject([
      { was: { downtimeMs: { estimate: 2_100_000 } }, is: { state: 'met', downtimeMs: { estimate: 0 } } },
      {},
    ]);

    const adding = await Archive.open(archive);
    for (const name of ['exclusions', 'audit'] as const) {
      const lines = (await ledger.entries(name, adding.ledgerSequence(name))).map(({ atMs, ...entry }) =>
        JSON.stringify({ ...entry, at: new Date(atMs).toISOString() }),
      );
      await adding.addLedger(name, lines, 2);
    }
    await adding.addClosing('2026-03', 1, amended?.text ?? '');
    expect(await rejudge(await ArchiveReader.open(archive), breathe)).toMatchObject({
      faults: [],
      proven: ['closings/2026-03.json', 'closings/2026-03.1.json'],
    });
    await stage.loop.stop();
  });

  it('goes on where configuration and vantages have changed in between', async () => {
    const stage = await archivedMarch();
    const { archive, archiving, reconfigure, look, see, loop } = stage;
    reconfigure({ ...FILES, 'vigie.yaml': FILES['vigie.yaml'].replaceAll('[a, b, c]', '[a, b]') });
    see('web', '2026-04-02T06:00:00Z', '2026-04-03T09:00:00Z', 'good');
    await look(30 * 3_600_000);
    await archiving.run();
    const { report, days } = await checked(archive);
    expect({ faults: report.faults, days }).toEqual({ faults: [], days: [] });
    await loop.stop();
  });

  it.each<[string, (archive: MemoryFiles) => Promise<void> | void, object]>([
    [
      'a verdict of the closing',
      (archive) => {
        const file = 'closings/2026-03.json';
        const edited = text(archive.contents.get(file)).replace('"state":"met"', '"state":"breached"');
        forge(archive, file, bytes(edited));
      },
      {
        closings: [
          { code: 'figures-differ', detail: expect.stringMatching(/^web of region, read as by/) as string },
        ],
      },
    ],
    [
      'an observation',
      (archive) =>
        forgeLines(archive, 'days/2026-03/2026-03-10.jsonl.zst', (line) =>
          line.replace('"b","timeout"]', '"x","throttled"]'),
        ),
      {
        days: [
          { code: 'judged-otherwise', detail: expect.stringContaining('web at 2026-03-10T12:00') as string },
        ],
      },
    ],
    [
      'the judged states and what was seen',
      (archive) =>
        forgeLines(archive, 'days/2026-03/2026-03-10.jsonl.zst', (line) =>
          line
            .replace('"b","timeout"]', '"x","throttled"]')
            .replace('"D",["timeout"]]', '"X",["throttled"]]'),
        ),
      { closings: [{ code: 'inputs-differ', detail: expect.stringContaining('web') as string }] },
    ],
    [
      'the reach of an exclusion on record',
      (archive) =>
        forgeLines(archive, 'ledgers/exclusions/00000001.jsonl.zst', (line) =>
          line.replace('12:10', '12:40'),
        ),
      { closings: [{ code: 'exclusions-differ' }] },
    ],
    [
      'the rules',
      (archive) => {
        const file = [...archive.contents.keys()].find((name) => /^rules.*json$/.test(name)) ?? '';
        archive.contents.delete(file);
      },
      { closings: [{ code: 'rules-missing' }] },
    ],
  ])('finds %s forged, even by whom the chain does not hold up', async (_, forgery, expected) => {
    const { archive, loop } = await archivedMarch();
    await forgery(archive);
    const { days, closings } = await checked(archive);
    expect({ days, closings: closings.faults }).toMatchObject({ days: [], closings: [], ...expected });
    await loop.stop();
  });
});
