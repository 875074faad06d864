import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../servers/until.ts';
import { type Running, startVigie } from './spawn-vigie.ts';

interface VerdictJson {
  readonly row: string;
  readonly reading: string;
  readonly state: string;
  readonly downtimeMs: {
    readonly best: number;
    readonly estimate: number;
    readonly worst: number;
    readonly raw: number;
  };
  readonly unknownMs: number;
  readonly incidents: readonly { readonly from: string; readonly to: string; readonly badMs: number }[];
  readonly openIncident: { readonly from: string; readonly causes: readonly string[] } | null;
}

/** Longer than a slot of what is watched here. */
const AWAY_MS = 1_500;

const urlOf = async (vigie: Running): Promise<string> =>
  (await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/))[0];

async function verdictOn(url: string, row: string): Promise<VerdictJson | undefined> {
  const { verdicts } = (await (await fetch(`${url}/api/verdicts`)).json()) as {
    verdicts: readonly VerdictJson[];
  };
  return verdicts.find((verdict) => verdict.row === row && verdict.reading === 'client');
}

async function metric(url: string, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

describe('vigie run', () => {
  let folder = '';
  let target: Server;
  let status = 200;
  let vigie: Running | undefined;
  const start = (...args: readonly string[]): Running =>
    (vigie = startVigie(['run', ...args], { cwd: folder }));

  beforeAll(async () => {
    target = createServer((_, response) => response.writeHead(status).end('here'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    target.closeAllConnections();
    target.close();
  });
  beforeEach(() => {
    status = 200;
    folder = mkdtempSync(join(tmpdir(), 'vigie-run-'));
  });
  afterEach(async () => {
    vigie?.kill('SIGTERM');
    await vigie?.finished;
    rmSync(folder, { recursive: true, force: true });
  });

  const configure = (more = ''): void => {
    const { port } = target.address() as AddressInfo;
    writeFileSync(
      join(folder, 'vigie.yaml'),
      `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
listen: { port: 0 }
checks:
  - { id: api, probe: http, row: sla4.api, interval: 1s, timeout: 400ms, confirm: 1, with: { url: "http://127.0.0.1:${port}/" } }
${more}`,
    );
  };

  it('without any configuration watches a region in a box, shows a fault as an incident, and its end', async () => {
    const running = start('--fault', 'dns', '--port-offset', '200');
    const url = await urlOf(running);
    const open = await until(async () => (await verdictOn(url, 'sla3.dns'))?.openIncident ?? undefined);
    expect(open.causes).toEqual(['refused']);
    expect((await verdictOn(url, 'sla3.ntp'))?.openIncident).toBeNull();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await until(async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : undefined));
    const mended = await fetch(`${url}/api/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault: 'dns=none' }),
    });
    expect(mended.status).toBe(200);
    await until(async () => ((await verdictOn(url, 'sla3.dns'))?.openIncident === null ? true : undefined));
    expect((await verdictOn(url, 'sla3.dns'))?.incidents).toHaveLength(1);
  });

  it('ends at SIGTERM with 0 and within five seconds', async () => {
    configure();
    const running = start();
    await urlOf(running);
    const begun = performance.now();
    running.kill('SIGTERM');
    expect((await running.finished).code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('refuses a bad configuration with 78 and its places', async () => {
    configure('surprise: true\n');
    const { code, stderr } = await start().finished;
    expect(code).toBe(78);
    expect(stderr).toMatch(/vigie\.yaml:\d+:1: error: .*surprise/);
  });

  it('says which vantages there are when it is not told which it is', async () => {
    configure('vantages: [az-a, az-b]\n');
    const { code, stderr } = await start().finished;
    expect(code).toBe(2);
    expect(stderr).toContain('--vantage');
    expect(stderr).toContain('az-a, az-b');
  });

  it('reloads a changed file; a bad one leaves the last good one running and raises a metric', async () => {
    configure();
    const running = start();
    const url = await urlOf(running);
    await until(async () => (await metric(url, 'vigie_probe_observations_total')) || undefined);
    configure('surprise: true\n');
    running.kill('SIGHUP');
    await until(async () =>
      (await metric(url, 'vigie_config_last_reload_successful')) === 0 ? true : undefined,
    );
    const before = await metric(url, 'vigie_probe_observations_total');
    await until(
      async () => ((await metric(url, 'vigie_probe_observations_total')) ?? 0) > (before ?? 0) || undefined,
    );
    const { port } = target.address() as AddressInfo;
    configure(
      `  - { id: lb, probe: http, row: sla5.lb, interval: 1s, timeout: 400ms, with: { url: "http://127.0.0.1:${port}/lb" } }\n`,
    );
    // Without a signal: the change of the file is noticed.
    await until(async () =>
      (await metric(url, 'vigie_config_last_reload_successful')) === 1 ? true : undefined,
    );
    await until(async () => {
      const { unknownMs, downtimeMs } = (await verdictOn(url, 'sla5.lb')) ?? {};
      const text = await (await fetch(`${url}/metrics`)).text();
      return /vigie_probe_observations_total\{check="lb",[^}]*outcome="good"\} [1-9]/.test(text) && unknownMs
        ? downtimeMs
        : undefined;
    });
  });

  it(
    'killed again and again loses no figure: only the slots that nobody saw are unknown',
    { timeout: 90_000 },
    async () => {
      configure();
      let running = start();
      let url = await urlOf(running);
      await until(
        async () => (await verdictOn(url, 'sla4.api'))?.downtimeMs && (await verdictOn(url, 'sla4.api')),
      );
      status = 500;
      await until(
        async () => ((await verdictOn(url, 'sla4.api'))?.downtimeMs.raw ?? 0) >= 3_000 || undefined,
      );
      status = 200;
      const closed = await until(async () => {
        const verdict = await verdictOn(url, 'sla4.api');
        return verdict?.openIncident === null && verdict.incidents.length > 0 ? verdict : undefined;
      });
      // What is more than a second old is durable.
      await wait(1_500);
      for (let round = 0; round < 5; round++) {
        await wait(round * 370);
        const before = await until(() => verdictOn(url, 'sla4.api'));
        const killedAt = performance.now();
        running.kill('SIGKILL');
        await running.finished;
        // It may be back within the slot in which it was killed: a whole one is to go by.
        await wait(AWAY_MS);
        running = start();
        url = await urlOf(running);
        const after = await until(async () => {
          const verdict = await verdictOn(url, 'sla4.api');
          return verdict && verdict.unknownMs > before.unknownMs ? verdict : undefined;
        });
        const awayMs = performance.now() - killedAt;
        expect(after.downtimeMs).toMatchObject({
          best: closed.downtimeMs.best,
          estimate: closed.downtimeMs.estimate,
        });
        expect(after.incidents).toEqual(closed.incidents);
        // The last second before the kill may be lost, and the slots at both edges were not seen whole.
        expect(after.unknownMs - before.unknownMs).toBeLessThanOrEqual(awayMs + 4_000);
      }
    },
  );
});
