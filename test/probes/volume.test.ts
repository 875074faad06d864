import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { iopsProbe } from '../../probes/iops.ts';
import { troubleReading } from '../../probes/lib/disk-trouble.ts';
import { volumeProbe } from '../../probes/volume.ts';
import type { Reading } from '../../src/core/reading.ts';
import { localProbeContract } from '../contracts/probe.ts';
import {
  digest,
  diskProcesses,
  folderForTest,
  kindFor,
  runOnce,
  temporaryFolder,
  verdictOn,
} from './disk-probing.ts';

const MIB = 1_048_576;
const BLOCK = 4_096;

localProbeContract('volume', {
  make: volumeProbe,
  target: async () => {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'vigie-contract.probe');
    return {
      settings: { file, size: MIB },
      received: () => (existsSync(file) ? 1 : 0),
      close: async () => remove(),
    };
  },
  garbage: 'protocol',
  secrets: false,
});

describe('volume on a file (sla7.volume)', () => {
  test('makes it in its size, then writes other blocks turn by turn in one process', async () => {
    const kind = kindFor(volumeProbe);
    const settings = { file: join(folderForTest(), 'vigie-a.probe'), size: MIB };
    const probe = kind.configure(kind.settings.parse(settings));
    const offsets: unknown[] = [];
    const processes = new Set<number>();
    for (let turn = 0; turn < 5; turn++) {
      const reading = await runOnce({ ...kind, configure: () => probe }, settings);
      expect(reading).toMatchObject({ kind: 'answer', values: { bytesMatch: true } });
      if (reading.kind === 'answer') offsets.push(reading.evidence?.['offsetBytes']);
      for (const pid of diskProcesses()) processes.add(pid);
    }
    expect(statSync(settings.file).size).toBe(MIB);
    expect(new Set(offsets).size).toBe(5);
    expect(offsets.every((offset) => Number(offset) >= BLOCK && Number(offset) < MIB)).toBe(true);
    expect(processes.size).toBe(1);
  });

  test('what is read is not what was written: altered', () => {
    const kind = kindFor(volumeProbe);
    const values = { bytesMatch: false, writeMs: 1, syncMs: 1, readMs: 1 };
    const reading: Reading = { kind: 'answer', latencyMs: 3, values };
    expect(verdictOn(kind, { file: '/v/vigie-a.probe' }, reading)).toBe('altered');
  });

  const FOREIGN: readonly (readonly [string, (file: string) => void, string])[] = [
    ['data of somebody else', (file) => writeFileSync(file, Buffer.alloc(MIB, 'x')), 'not a file of ours'],
    ['zeros', (file) => writeFileSync(file, Buffer.alloc(MIB)), 'not a file of ours'],
    ['nothing', (file) => writeFileSync(file, ''), 'not a file of ours'],
    ['a folder', (file) => mkdirSync(file), 'EISDIR'],
    ['a pipe', (file) => execFileSync('mkfifo', [file]), 'not a regular file'],
    ['a link', (file) => symlinkSync('/etc/hostname', file), 'ELOOP'],
  ];

  test.each(FOREIGN)('%s by that name: blind, and left as it is', async (name, make, words) => {
    const kind = kindFor(volumeProbe);
    const file = join(folderForTest(), 'vigie-a.probe');
    make(file);
    const shown = (): string => (statSync(file).isFile() ? digest(readFileSync(file)) : 'no file');
    const before = shown();
    // On a pipe O_DIRECT means something else, and is refused before we can look at it.
    const reading = await runOnce(kind, { file, size: MIB, direct: name !== 'a pipe' });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain(words);
    expect(shown()).toBe(before);
  });

  test('a file made for another size, or for another kind, is left alone', async () => {
    const kind = kindFor(volumeProbe);
    const iops = iopsProbe();
    onTestFinished(() => iops.close());
    const file = join(folderForTest(), 'vigie-a.probe');
    expect(await runOnce(kind, { file, size: MIB })).toMatchObject({ kind: 'answer' });
    const larger = await runOnce(kind, { file, size: 2 * MIB });
    expect(larger.detail).toContain('another offset or size');
    const other = await runOnce(iops, { file, size: MIB, subscribedIops: 100, seconds: 0.5 });
    expect(other.detail).toContain('another kind of probe');
    truncateSync(file, 8 * BLOCK);
    expect((await runOnce(kind, { file, size: MIB })).detail).toContain('another offset or size');
  });

  test('a creation that was cut short is made anew', async () => {
    const kind = kindFor(volumeProbe);
    const file = join(folderForTest(), 'vigie-a.probe');
    writeFileSync(`${file}.new`, 'half');
    expect(await runOnce(kind, { file, size: MIB })).toMatchObject({ kind: 'answer' });
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('no such folder: blind, ours', async () => {
    const file = join(folderForTest(), 'gone/vigie-a.probe');
    const reading = await runOnce(kindFor(volumeProbe), { file });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain('ENOENT');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a folder not ours to write (needs not to be root): blind',
    async () => {
      const folder = folderForTest();
      chmodSync(folder, 0o500);
      expect((await runOnce(kindFor(volumeProbe), { file: join(folder, 'vigie-a.probe') })).detail).toContain(
        'EACCES',
      );
    },
  );

  test('a process that is stopped while it has nothing to do: blind, killed, and another one goes on', async () => {
    const kind = kindFor(volumeProbe);
    const settings = { file: join(folderForTest(), 'vigie-a.probe'), size: MIB };
    await runOnce(kind, settings);
    const [stopped = 0] = diskProcesses();
    process.kill(stopped, 'SIGSTOP');
    const reading = await runOnce(kind, settings);
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    await expect.poll(diskProcesses).toEqual([]);
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer' });
    expect(diskProcesses()).not.toContain(stopped);
  });

  test('a process that was killed: the next run has another', async () => {
    const kind = kindFor(volumeProbe);
    const settings = { file: join(folderForTest(), 'vigie-a.probe'), size: MIB };
    await runOnce(kind, settings);
    for (const pid of diskProcesses()) process.kill(pid, 'SIGKILL');
    await expect.poll(diskProcesses).toEqual([]);
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer' });
  });
});

describe('troubleReading: what the codes of the system mean', () => {
  const place = { path: '/v', device: false, offsetBytes: 0, sizeBytes: MIB, direct: true, owner: 'volume' };
  const MEANINGS = {
    EIO: 'protocol',
    EREMOTEIO: 'protocol',
    ENODEV: 'connect',
    ENXIO: 'connect',
    ETIMEDOUT: 'timeout',
    ENOSPC: 'local-resource',
    EACCES: 'local-resource',
    EROFS: 'local-resource',
    ENOENT: 'local-resource',
    EMFILE: 'local-resource',
    EBUSY: 'local-resource',
  };

  test.each(Object.entries(MEANINGS))('%s: %s', (code, meaning) => {
    const reading = troubleReading(place, { kind: 'failed', code, step: 'write' });
    expect(reading.kind === 'blind' ? reading.blind : reading.kind === 'fault' && reading.fault).toBe(
      meaning,
    );
  });

  test('a code that nobody has thought of is a bug of ours', () => {
    expect(() => troubleReading(place, { kind: 'failed', code: 'EWHAT', step: 'write' })).toThrow('EWHAT');
  });

  test('a long path is cut from its begin', () => {
    const path = `/${'x'.repeat(400)}`;
    const { detail } = troubleReading({ ...place, path }, { kind: 'creating' });
    expect(detail).toHaveLength(300);
    expect(detail).toMatch(/^….*being made/);
  });
});

describe('volume settings: never a file that is not ours by its name, never a span that was not said', () => {
  const REFUSED: readonly object[] = [
    { file: '/etc/passwd' },
    { file: 'vigie-a.probe' },
    { file: '/v/../etc/vigie-a.probe' },
    { file: '/v/vigie-a.probe', offset: 4_096 },
    { file: '/v/vigie-a.probe', size: 100_000 },
    { file: '/v/vigie-a.probe', size: 4_096 },
    { file: '/dev/vdb', device: true },
    { file: '/dev/vdb', device: true, offset: 0 },
    { file: '/dev/vdb', device: true, size: MIB },
    { file: '/dev/vdb', device: true, offset: 512, size: MIB },
  ];

  test.each(REFUSED)('%j', (settings) => {
    expect(volumeProbe().settings.safeParse(settings).success).toBe(false);
  });
});
