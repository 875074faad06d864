import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startVigie } from '../commands/spawn-vigie.ts';

interface VerdictJson {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly unknownMs: number;
  readonly period: { readonly from: string };
  readonly openIncident: { readonly causes: readonly string[] } | null;
  readonly at: string;
}

const HARDWARE = ['sla9.hardware server-1', 'sla9.vm i-0b0c5e01', 'sla9.vm i-0b0c5e02'];
const WITHIN = { timeout: 40_000, interval: 500 };
const TICKS_PER_SECOND = 100;
const drillFolders = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('vigie-drill-'));

describe('vigie run, on a region in a box', { timeout: 90_000 }, () => {
  const before = drillFolders();
  let vigie: Running;
  let url = '';

  beforeAll(async () => {
    vigie = startVigie([
      'run',
      '--no-table',
      '--port-offset',
      '2600',
      '--fault',
      'hardware',
      '--fault',
      'zone-b',
    ]);
    [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
  });

  afterAll(async () => {
    vigie.kill('SIGTERM');
    await vigie.finished;
  });

  async function verdicts(): Promise<readonly VerdictJson[]> {
    const answer = await fetch(`${url}/api/verdicts`);
    const all = (await answer.json()) as { readonly verdicts: readonly VerdictJson[] };
    return all.verdicts.filter(({ reading }) => reading === 'client');
  }

  async function open(): Promise<readonly string[]> {
    const bad = (await verdicts()).filter(({ openIncident }) => openIncident !== null);
    return bad.map(({ row, scope }) => `${row} ${scope}`).sort();
  }

  async function setFault(fault: string): Promise<void> {
    const answer = await fetch(`${url}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault }),
    });
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
  }

  test('sla9.hardware and sla1.az: what is broken is an incident of every row that is made of it, and of no other', async () => {
    await expect.poll(open, WITHIN).toEqual(['sla1.az cloudgouv-eu-west-1b', ...HARDWARE]);
  });

  test('every row of the contract but support and sla8 is seen', async () => {
    const unseen = async (): Promise<readonly string[]> =>
      (await verdicts())
        .filter(({ unknownMs, at, period }) => unknownMs >= Date.parse(at) - Date.parse(period.from))
        .map(({ row }) => row);
    await expect.poll(unseen, WITHIN).toEqual(['sla8.ephemeral']);
  });

  test('mended: the incidents end', async () => {
    await setFault('hardware=none');
    await setFault('zone-b=none');
    await expect.poll(open, WITHIN).toEqual([]);
  });

  test('it takes less than 0.3 of a core', async () => {
    const ticks = async (): Promise<number> => {
      const fields = (await readFile(`/proc/${vigie.pid}/stat`, 'latin1')).split(' ');
      return Number(fields[13]) + Number(fields[14]);
    };
    const [from, fromMs] = [await ticks(), performance.now()];
    await pause(8_000);
    const seconds = (performance.now() - fromMs) / 1_000;
    expect(((await ticks()) - from) / TICKS_PER_SECOND / seconds).toBeLessThan(0.3);
  });

  test('SIGTERM: nothing of it is left', async () => {
    vigie.kill('SIGTERM');
    expect((await vigie.finished).code).toBe(0);
    expect(drillFolders().filter((name) => !before.includes(name))).toEqual([]);
  });
});
