import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { volumeProbe } from '../../probes/volume.ts';
import type { Reading } from '../../src/core/reading.ts';
import { canMakeDisks, createDisk, mountMemory } from '../servers/loop-disk.ts';
import type { LoopDisk } from '../servers/loop-disk.ts';
import { digest, diskProcesses, kindFor, latenessUntil, runOnce, verdictOn } from './disk-probing.ts';

const MIB = 1_048_576;
const BLOCK = 4_096;

function newDisk(bytes: number): LoopDisk {
  const disk = createDisk(bytes);
  onTestFinished(() => disk.remove());
  return disk;
}

const possible = canMakeDisks();

describe.skipIf(!possible)('volume on a disk that hangs (needs loop devices)', () => {
  test('timeout in the step that hangs, the daemon in time, then said to hang still; thawed: good', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(32 * MIB);
    const settings = { file: join(disk.format(), 'vigie-a.probe'), size: MIB };
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer' });
    const [hung] = diskProcesses();
    disk.freeze();
    const running = runOnce(kind, settings, 400);
    const lateMs = await latenessUntil(running);
    const reading = await running;
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toMatch(/: timeout in (?:write|open)$/);
    expect(lateMs).toBeLessThan(200);

    const next = await runOnce(kind, settings, 400);
    expect(next).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(next.detail).toMatch(/the (?:write|open) begun \S+ ago still hangs/);
    expect(diskProcesses(), 'no second process').toEqual([hung]);

    disk.thaw();
    await expect.poll(diskProcesses).toEqual([]);
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer', values: { bytesMatch: true } });
  });

  test('close does not wait for ever for a process that hangs in the disk', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(32 * MIB);
    const settings = { file: join(disk.format(), 'vigie-a.probe'), size: MIB };
    await runOnce(kind, settings);
    disk.freeze();
    await runOnce(kind, settings, 200);
    const startedMs = performance.now();
    await kind.close();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});

describe.skipIf(!possible)('volume on a file system of trouble (needs mounts)', () => {
  function memory(type: string, options: string): string {
    const { folder, remove } = mountMemory(type, options);
    onTestFinished(remove);
    return folder;
  }

  test('full: blind ENOSPC, and nothing is left behind', async () => {
    const folder = memory('tmpfs', 'size=512k');
    const file = join(folder, 'vigie-a.probe');
    const reading = await runOnce(kindFor(volumeProbe), { file, size: MIB });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain('ENOSPC');
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('read-only: blind EROFS', async () => {
    const reading = await runOnce(kindFor(volumeProbe), {
      file: join(memory('tmpfs', 'ro'), 'vigie-a.probe'),
    });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain('EROFS');
  });

  test('without direct I/O: blind, and says how to do without; `direct: false` answers', async () => {
    const file = join(memory('ramfs', 'mode=700'), 'vigie-a.probe');
    const reading = await runOnce(kindFor(volumeProbe), { file, size: MIB });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain('`direct: false`');
    expect(await runOnce(kindFor(volumeProbe), { file, size: MIB, direct: false })).toMatchObject({
      kind: 'answer',
    });
  });
});

function pokeAt(path: string, position: number, text: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, text, position);
  fsyncSync(fd);
  closeSync(fd);
}

describe.skipIf(!possible)('volume on a span of a device (needs loop devices)', () => {
  const SPAN = { device: true, offset: 4 * MIB, size: MIB };
  const SMALL = { device: true, offset: 4 * MIB, size: 16 * BLOCK };

  test('a blank span is marked and used, and not a byte around it is written', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(8 * MIB);
    pokeAt(disk.backing, 4 * MIB - 1, 'A');
    const end = 4 * MIB + SMALL.size;
    pokeAt(disk.backing, end, 'B');
    const around = (): string => {
      const bytes = readFileSync(disk.backing);
      return digest(Buffer.concat([bytes.subarray(0, 4 * MIB), bytes.subarray(end)]));
    };
    const before = around();
    const settings = { file: disk.device, ...SMALL };
    const probe = kind.configure(kind.settings.parse(settings));
    for (let turn = 0; turn < 40; turn++)
      expect(await runOnce({ ...kind, configure: () => probe }, settings)).toMatchObject({ kind: 'answer' });
    expect(around()).toBe(before);
    expect(
      readFileSync(disk.backing)
        .subarray(4 * MIB, 4 * MIB + 5)
        .toString(),
    ).toBe('vigie');
  });

  const FOREIGN: readonly (readonly [string, (disk: LoopDisk) => void, string])[] = [
    ['mounted', (disk) => void disk.format(), 'EBUSY'],
    ['with a file system', (disk) => (disk.format(), disk.unmount()), 'begins with something'],
    ['with data in the span', (disk) => pokeAt(disk.backing, 5 * MIB - 1, 'x'), 'holds data'],
    ['too short for the span', (disk) => truncateDisk(disk, 4 * MIB + 64 * 1_024), 'holds data'],
  ];

  test.each(FOREIGN)('%s: blind, and left as it is', async (_name, make, words) => {
    const disk = newDisk(8 * MIB);
    make(disk);
    const before = digest(readFileSync(disk.backing));
    const reading = await runOnce(kindFor(volumeProbe), { file: disk.device, ...SPAN });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain(words);
    expect(digest(readFileSync(disk.backing))).toBe(before);
  });

  test('what comes to the begin of the device later ends it: blind, and not a byte is written any more', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(8 * MIB);
    expect(await runOnce(kind, { file: disk.device, ...SPAN })).toMatchObject({ kind: 'answer' });
    pokeAt(disk.device, 510, 'partition table');
    const before = digest(readFileSync(disk.backing));
    const reading = await runOnce(kind, { file: disk.device, ...SPAN });
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toContain('begins with something');
    expect(digest(readFileSync(disk.backing))).toBe(before);
  });

  test('a disk that gives back something else: altered, and where it differs', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(8 * MIB);
    const settings = { file: disk.device, ...SMALL };
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer' });
    const scribbler = scribble(disk.backing, 4 * MIB + BLOCK, SMALL.size - BLOCK);
    onTestFinished(() => void scribbler.kill('SIGKILL'));
    const probe = kind.configure(kind.settings.parse(settings));
    const seen = async (): Promise<Reading> => runOnce({ ...kind, configure: () => probe }, settings);
    let reading = await seen();
    const isAltered = async (): Promise<string> => {
      reading = await seen();
      return verdictOn(kind, settings, reading);
    };
    await expect.poll(isAltered, { timeout: 10_000 }).toBe('altered');
    expect(reading).toMatchObject({ kind: 'answer', evidence: { differsAt: expect.any(Number) } });
  });

  test('a disk that errs: fault protocol EIO', async () => {
    const kind = kindFor(volumeProbe);
    const disk = newDisk(8 * MIB);
    const settings = { file: disk.device, ...SPAN };
    expect(await runOnce(kind, settings)).toMatchObject({ kind: 'answer' });
    truncateSync(disk.backing, 0);
    const reading = await runOnce(kind, settings);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'protocol', evidence: { code: 'EIO' } });
  });

  test('a file, a folder and a terminal are no block devices', async () => {
    for (const file of [join(import.meta.dirname, 'volume.test.ts'), import.meta.dirname, '/dev/null'])
      expect((await runOnce(kindFor(volumeProbe), { file, ...SPAN })).detail).toContain('not a block device');
  });
});

/** Fills a part of a file with zeros, again and again, until it is killed. */
function scribble(path: string, position: number, bytes: number): ChildProcess {
  const script = `const fs = require('node:fs'); const fd = fs.openSync(process.argv[1], 'r+');
    for (;;) fs.writeSync(fd, Buffer.alloc(${bytes}), 0, ${bytes}, ${position});`;
  return spawn(process.execPath, ['-e', script, path], { stdio: 'ignore' });
}

function truncateDisk(disk: LoopDisk, bytes: number): void {
  truncateSync(disk.backing, bytes);
  execFileSync('losetup', ['--set-capacity', disk.device]);
}
