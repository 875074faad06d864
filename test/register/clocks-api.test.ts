import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import { App } from '../../src/app.ts';
import { systemRandom } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import { createLog } from '../../src/export/log.ts';
import { FakeClock } from '../fake-clock.ts';
import { DEADLINES, WAIT } from './clock-examples.ts';

const SHIPPED = readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8');
const TOKEN = 'correct-horse';

describe('worked examples of support clocks, by POST /api/tickets to a running app', () => {
  const kinds = probeKinds();
  let folder = '';
  let clock = new FakeClock();
  let app: App | undefined;
  let url = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-clocks-'));
  });
  afterEach(async () => {
    await app?.stop();
    app = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** An app for which it is this instant, and stays so. */
  async function appAt(at: string, holidays: 'none' | 'fr' = 'none'): Promise<void> {
    writeFileSync(join(folder, 'contract.yaml'), SHIPPED.replace('holidays: none', `holidays: ${holidays}`));
    const file = {
      contract: 'contract.yaml',
      region: 'r1',
      listen: { port: 0 },
      access: { token: { env: 'TOKEN' } },
    };
    writeFileSync(join(folder, 'vigie.yaml'), JSON.stringify(file));
    const { config, problems } = loadConfig(join(folder, 'vigie.yaml'), {
      ...{ kinds, readFile: readTextFile, shippedContract },
      env: { TOKEN },
    });
    if (!config) throw new Error(JSON.stringify(problems));
    clock = new FakeClock(at);
    const log = createLog({ clock, level: 'silent', format: 'json' });
    app = new App({ config, kinds, vantages: ['local'], clock, random: systemRandom, log, version: 'test' });
    url = await app.start();
  }

  async function post(event: object): Promise<{ readonly status: number; readonly detail?: string }> {
    const { statusCode, body } = await request(`${url}/api/tickets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ ticket: 'INC-1', ...event }),
    });
    const answer = (await body.json()) as { readonly detail?: string };
    return { status: statusCode, ...(answer.detail !== undefined && { detail: answer.detail }) };
  }

  /** How the clocks stand; the app looks once more, for the time may be another. */
  async function clocks() {
    await clock.advance(1_000);
    clock.stepWall(-1_000);
    const { body } = await request(`${url}/api/tickets`);
    const { tickets } = (await body.json()) as {
      tickets: readonly { readonly gtr: { deadline: string; elapsedMs: number; state: string } }[];
    };
    return tickets.map(({ gtr }) => gtr);
  }

  const opened = (at: string, severity: number): object => ({
    event: 'opened',
    at,
    severity,
    complete: true,
  });

  it.each(DEADLINES)(
    '$name, severity 3: due as the table says, met then',
    async ({ opened: at, holidays, due }) => {
      await appAt(due, holidays);
      expect(await post(opened(at, 3))).toEqual({ status: 201 });
      const deadline = new Date(due).toISOString();
      const used = { deadline, limitMs: 172_800_000, row: 'sla10.gtr3' };
      expect(await clocks()).toMatchObject([used]);
      expect(await post({ event: 'resolved', at: due })).toEqual({ status: 201 });
      clock.stepWall(7 * 86_400_000);
      expect(await clocks()).toMatchObject([{ ...used, elapsedMs: 172_800_000, state: 'met' }]);
    },
  );

  it.each(DEADLINES)('$name, severity 3: a week late is breached', async ({ opened: at, holidays, due }) => {
    await appAt(due, holidays);
    await post(opened(at, 3));
    clock.stepWall(7 * 86_400_000);
    expect(await clocks()).toMatchObject([{ deadline: new Date(due).toISOString(), state: 'breached' }]);
  });

  it.each(WAIT.minutesOut)(
    'O: a wait from Fri 19:30 to Mon 08:10, severity $severity: $minutes min taken out',
    async ({ severity, minutes }) => {
      await appAt(WAIT.at);
      await post(opened(WAIT.opened, severity));
      const [without] = await clocks();
      // In any order: the end of the wait is told first, and refused until its beginning is there.
      expect(await post({ event: 'resumed', at: WAIT.resumed })).toMatchObject({ status: 422 });
      expect(await post({ event: 'waiting', at: WAIT.waiting })).toEqual({ status: 201 });
      expect(await post({ event: 'resumed', at: WAIT.resumed })).toEqual({ status: 201 });
      expect(await post({ event: 'resumed', at: WAIT.resumed })).toEqual({ status: 200 });
      const [withWait] = await clocks();
      expect((without?.elapsedMs ?? 0) - (withWait?.elapsedMs ?? 0)).toBe(minutes * 60_000);
    },
  );

  it.each([
    [{ event: 'resolved', at: '2026-04-30T12:00:00Z' }, 'before the ticket was opened'],
    [{ event: 'severity', severity: 4, at: '2026-04-30T14:00:00Z' }, '"severity" is 4, expected a severity'],
    [{ event: 'closed', at: '2026-04-30T14:00:00Z' }, '"event" is "closed", expected one of opened'],
  ])('%j is refused by name, and changes nothing', async (event, why) => {
    await appAt('2026-05-04T00:00:00Z');
    await post(opened('2026-04-30T15:00:00+02:00', 3));
    const before = await clocks();
    expect(await post(event)).toMatchObject({ status: 422, detail: expect.stringContaining(why) });
    expect(await clocks()).toEqual(before);
  });
});
