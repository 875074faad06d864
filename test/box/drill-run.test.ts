import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, runVigie, startVigie } from '../commands/spawn-vigie.ts';

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

describe('vigie run, on a region in a box', { timeout: 90_000 }, () => {
  let temporary = '';
  let vigie: Running;
  let url = '';
  const drill = (...faults: readonly string[]): Running =>
    startVigie(
      ['run', '--no-table', '--port-offset', '2600', ...faults.flatMap((fault) => ['--fault', fault])],
      {
        env: { TMPDIR: temporary },
      },
    );

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'vigie-drills-'));
    vigie = drill('hardware', 'zone-b');
    [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
  });

  afterAll(async () => {
    vigie.kill('SIGTERM');
    await vigie.finished;
    rmSync(temporary, { recursive: true, force: true });
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

  test('exclude and ticket, where no configuration is: the books of the drill that runs, which judges by them', async () => {
    const beside = async (...args: readonly string[]): Promise<void> => {
      const { code, stderr } = await runVigie(args, { cwd: temporary, env: { TMPDIR: temporary } });
      expect([code, stderr]).toEqual([
        0,
        `vigie: no vigie.yaml here: the books are those of the drill at ${url}\n`,
      ]);
    };
    await beside(
      'exclude',
      'add',
      'works',
      ...['--kind', 'maintenance', '--for', '10m'],
      ...['--row', 'sla3.dns'],
      '--reason=test',
    );
    await beside('ticket', 'open', 'INC-1', '--severity', '2', '--complete');
    const shown = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
    await expect.poll(() => shown('/api/exclusions'), WITHIN).toMatch(/"id":"works".*"state":"in-force"/);
    await expect.poll(() => shown('/api/tickets'), WITHIN).toContain('"ticket":"INC-1"');
    const status = await runVigie(['status'], { cwd: temporary, env: { TMPDIR: temporary } });
    expect(status.stdout).toContain('sla3.dns');
  });

  test('SIGTERM: nothing of it is left', async () => {
    vigie.kill('SIGTERM');
    expect((await vigie.finished).code).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('SIGINT twice, within a stop that waits for a request in flight: it ends at once, and nothing of it is left either', async () => {
    vigie = drill();
    const [base] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
    expect(readdirSync(temporary)).toHaveLength(1);
    const client = connect(Number(new URL(base).port), '127.0.0.1');
    client.on('error', () => undefined);
    client.write('POST /api/faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{');
    await expect(fetch(`${base}/healthz`)).resolves.toMatchObject({ status: 200 });
    vigie.kill('SIGINT');
    await expect.poll(() => answers(base), { interval: 10 }).toBe(false);
    vigie.kill('SIGINT');
    expect((await vigie.finished).code).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
    client.destroy();
  });
});

function answers(base: string): Promise<boolean> {
  return fetch(`${base}/healthz`).then(
    () => true,
    () => false,
  );
}
