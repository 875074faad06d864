import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { iopsProbe } from '../../probes/iops.ts';
import { canMakeDisks, createDisk } from '../servers/loop-disk.ts';
import { diskProcesses, folderForTest, kindFor, latenessUntil, runOnce, verdictOn } from './disk-probing.ts';

const MIB = 1_048_576;

const newFile = (): string => join(folderForTest(), 'vigie-iops.probe');

describe.skipIf(!canMakeDisks())('iops on a disk that does not keep up (needs loop devices)', () => {
  const BURST = { size: MIB, subscribedIops: 200, seconds: 0.8, readShare: 0 };

  async function startedBurst(): Promise<void> {
    await expect.poll(() => diskProcesses().length).toBeGreaterThan(0);
    await pause(300);
  }

  test('held up for half of the burst: not met, slow, with the rate that it delivered', async () => {
    const kind = kindFor(iopsProbe);
    const disk = createDisk(32 * MIB);
    onTestFinished(() => disk.remove());
    const settings = { file: join(disk.format(), 'vigie-iops.probe'), ...BURST };
    expect(verdictOn(kind, settings, await runOnce(kind, settings))).toBe('good');
    const running = runOnce(kind, settings);
    await pause(400);
    disk.freeze();
    await pause(800);
    disk.thaw();
    const reading = await running;
    expect(verdictOn(kind, settings, reading)).toBe('slow');
    expect(reading).toMatchObject({ values: { met: false, demand: true } });
    const { metRatio } = reading.kind === 'answer' ? (reading.values ?? {}) : {};
    expect(metRatio).toBeLessThan(0.6);
  });

  test('hangs for good: timeout in the burst; thawed, the next burst is met', async () => {
    const kind = kindFor(iopsProbe);
    const disk = createDisk(32 * MIB);
    onTestFinished(() => disk.remove());
    const settings = { file: join(disk.format(), 'vigie-iops.probe'), ...BURST };
    await runOnce(kind, settings);
    const running = runOnce(kind, settings, 1_000);
    await pause(300);
    disk.freeze();
    const lateMs = await latenessUntil(running);
    const reading = await running;
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
    expect(reading.detail).toContain('timeout in burst');
    expect(lateMs).toBeLessThan(200);
    expect((await runOnce(kind, settings, 500)).detail).toMatch(/the burst begun \S+ ago still hangs/);
    disk.thaw();
    await expect.poll(diskProcesses).toEqual([]);
    expect(verdictOn(kind, settings, await runOnce(kind, settings))).toBe('good');
  });

  test('a process stopped within a burst: timeout at the deadline, and killed', async () => {
    const kind = kindFor(iopsProbe);
    const settings = { file: newFile(), ...BURST };
    const running = runOnce(kind, settings, 1_000);
    await startedBurst();
    for (const pid of diskProcesses()) process.kill(pid, 'SIGSTOP');
    expect(await running).toMatchObject({ kind: 'fault', fault: 'timeout' });
    await expect.poll(diskProcesses).toEqual([]);
  });
});
