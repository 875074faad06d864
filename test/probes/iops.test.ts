import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countReading, iopsProbe } from '../../probes/iops.ts';
import { DayAllowance } from '../../probes/lib/day-allowance.ts';
import type { BurstCount } from '../../probes/lib/disk-messages.ts';
import type { Reading, Value } from '../../src/core/reading.ts';
import { findProgram } from '../servers/packages.ts';
import { diskProcesses, folderForTest, kindFor, runOnce, verdictOn } from './disk-probing.ts';

const MIB = 1_048_576;

const newFile = (): string => join(folderForTest(), 'vigie-iops.probe');

function valueOf(reading: Reading, name: string): Value | undefined {
  return reading.kind === 'answer' ? reading.values?.[name] : undefined;
}

describe('iops on a disk that keeps up (sla7.iops)', () => {
  test('asks for 5 % more than was subscribed and no more; met', async () => {
    const kind = kindFor(iopsProbe);
    const settings = { file: newFile(), size: 4 * MIB, subscribedIops: 200, seconds: 2, readShare: 0.75 };
    const reading = await runOnce(kind, settings);
    expect(verdictOn(kind, settings, reading)).toBe('good');
    expect(reading).toMatchObject({ values: { met: true, subscribedIops: 200, demand: true } });
    expect(valueOf(reading, 'achievedIops')).toBeGreaterThan(200 * 0.99);
    expect(valueOf(reading, 'achievedIops')).toBeLessThan(200 * 1.055);
    const { reads = 0, writes = 0 } = reading.kind === 'answer' ? (reading.evidence ?? {}) : {};
    expect(Number(reads) + Number(writes)).toBeLessThanOrEqual(1 + 2 * 200 * 1.05);
    expect(Number(reads) / (Number(reads) + Number(writes))).toBeCloseTo(0.75, 1);
  });

  test('the bytes of a day are used up: skipped, and nothing is touched', async () => {
    const settings = { file: newFile(), subscribedIops: 1_000, seconds: 2, maxBytesPerDay: 8 * MIB };
    const reading = await runOnce(kindFor(iopsProbe), settings);
    expect(reading).toMatchObject({ kind: 'blind', blind: 'skipped' });
    expect(existsSync(settings.file)).toBe(false);
    expect(diskProcesses()).toEqual([]);
  });
});

describe.skipIf(!findProgram('fio'))('iops beside fio, on the same file at the same rate (needs fio)', () => {
  interface FioRead {
    readonly jobs: readonly { readonly read: { readonly iops: number; readonly total_ios: number } }[];
  }

  function fioReads(
    file: string,
    rate: number,
    seconds: number,
  ): FioRead['jobs'][number]['read'] | undefined {
    const options = `--name=j --filename=${file} --readonly --size=8m --rw=randread --bs=4k --direct=1 --ioengine=libaio
      --iodepth=16 --runtime=${seconds} --time_based --output-format=json --rate_iops=${rate}`;
    const said = execFileSync(findProgram('fio') ?? 'fio', options.split(/\s+/), { encoding: 'utf8' });
    return (JSON.parse(said) as FioRead).jobs[0]?.read;
  }

  /** How far our rate is from that of fio, as a share of it. */
  async function difference(file: string): Promise<number> {
    const settings = { file, size: 8 * MIB, subscribedIops: 500, seconds: 1, readShare: 1 };
    const reading = await runOnce(kindFor(iopsProbe), settings);
    const fio = fioReads(file, 525, 1);
    expect(fio?.total_ios).toBeGreaterThan(400);
    return Math.abs(Number(valueOf(reading, 'achievedIops')) / (fio?.iops ?? 0) - 1);
  }

  test('500 IOPS: both find the rate, within 3 % of each other on one of three occasions', async () => {
    const file = newFile();
    // Whatever else this machine does may hold up either of the two; it does not make them agree.
    const differences: number[] = [];
    while (differences.length < 3 && !(Math.min(...differences) < 0.03))
      differences.push(await difference(file));
    expect(Math.min(...differences)).toBeLessThan(0.03);
  });
});

describe('countReading: met is the subscribed rate within 1 %, and we are not the disk', () => {
  const FAIR: BurstCount = {
    perSecond: 1_000,
    reads: 1_000,
    writes: 1_000,
    elapsedMs: 2_000,
    busyShare: 0.2,
    queuedShare: 0.01,
    meanMs: 1,
  };
  const CASES: readonly (readonly [string, Partial<BurstCount>, unknown])[] = [
    ['delivered', {}, true],
    ['99 % delivered', { perSecond: 990 }, true],
    ['less delivered', { perSecond: 989.9 }, false],
    ['less delivered, our loop at work all the time', { perSecond: 900, busyShare: 0.91 }, 'local-resource'],
    [
      'less delivered, our threads without a processor',
      { perSecond: 900, queuedShare: 0.11 },
      'local-resource',
    ],
    ['delivered all the same', { busyShare: 0.99, queuedShare: 0.5 }, true],
  ];

  test.each(CASES)('%s', (_name, change, expected) => {
    const reading = countReading({ ...FAIR, ...change }, 1_000, '/v');
    expect(reading.kind === 'blind' ? reading.blind : valueOf(reading, 'met')).toBe(expected);
  });
});

describe('DayAllowance', () => {
  test('gives so much a day, anew at midnight UTC, and not again when the clock steps back', () => {
    const allowance = new DayAllowance(10);
    const midnight = Date.UTC(2026, 2, 1);
    expect(allowance.take(6, midnight - 2)).toBe(true);
    expect(allowance.take(5, midnight - 1)).toBe(false);
    expect(allowance.take(4, midnight - 1)).toBe(true);
    expect(allowance.take(10, midnight)).toBe(true);
    expect(allowance.take(1, midnight - 1)).toBe(false);
    expect(allowance.take(1, midnight + 1)).toBe(false);
  });
});

describe('iops settings', () => {
  const base = { file: '/v/vigie-a.probe' };

  test.each([
    base,
    { ...base, subscribedIops: 13_000, depth: 12 },
    { ...base, subscribedIops: 100, readShare: 1.1 },
    { ...base, subscribedIops: 100, seconds: 0 },
    { ...base, subscribedIops: 100, depth: 0 },
    { file: '/etc/passwd', subscribedIops: 100 },
  ])('refused: %j', (settings) => {
    expect(iopsProbe().settings.safeParse(settings).success).toBe(false);
  });

  test('the timeout must leave room for the burst', () => {
    const kind = iopsProbe();
    const least = (seconds: number): number =>
      kind.leastMs?.(kind.settings.parse({ ...base, subscribedIops: 100, seconds })) ?? 0;
    expect(least(5) - least(2)).toBe(3_000);
  });
});
