import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from '../window/redis-subject.ts';
import { type Running, startVigie } from './spawn-vigie.ts';

interface ApiVerdicts {
  readonly at: string;
  readonly verdicts: readonly { readonly row: string; readonly unknownMs: number }[];
}

describe.skipIf(!findProgram('redis-server'))('vigie run with shared windows (needs redis-server)', () => {
  let folder = '';
  let target: Server;
  let redis: RedisServer;
  let vigie: Running | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-run-'));
    redis = await startRedis(['--requirepass', 'hunter2']);
    target = createServer((_, response) => response.end('here'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    vigie?.kill('SIGTERM');
    await vigie?.finished;
    target.closeAllConnections();
    target.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<string> => {
    const { port } = target.address() as AddressInfo;
    writeFileSync(
      join(folder, 'contract.yaml'),
      `id: mine
version: "1"
timezone: UTC
period: { month: calendar, year: calendar }
readings: { client: {} }
rows:
  - { id: web, clause: A, title: Web, type: availability, target: "99.9", period: month }
`,
    );
    writeFileSync(
      join(folder, 'vigie.yaml'),
      `contract: contract.yaml
region: here
vantages: [local]
window: { url: '${redis.url}', prefix: 'run:', password: { env: REDIS_PASSWORD } }
listen: { port: 0 }
checks:
  - id: web
    probe: http
    row: web
    interval: 1s
    timeout: 500ms
    with: { url: 'http://127.0.0.1:${port}/' }
`,
    );
    vigie = startVigie(['run', '--no-table', '--config', 'vigie.yaml'], {
      cwd: folder,
      env: { REDIS_PASSWORD: 'hunter2' },
    });
    return (await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/))[0];
  };
  const verdicts = async (url: string): Promise<ApiVerdicts> =>
    (await (await fetch(`${url}/api/verdicts`)).json()) as ApiVerdicts;
  const metric = async (url: string, name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const isReady = async (url: string): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;

  it('goes on probing while Redis is gone, shows the age of what it last knew, and loses no slot', async () => {
    const url = await start();
    await becomes(() => isReady(url));
    await redis.kill();
    await becomes(async () => !(await isReady(url)));
    await becomes(async () => (await metric(url, 'vigie_spill_slots')) >= 2);
    expect(await metric(url, 'vigie_window_up')).toBe(0);
    const old = await verdicts(url);
    expect((await verdicts(url)).at).toBe(old.at);
    await redis.start();
    await becomes(() => isReady(url));
    expect(await metric(url, 'vigie_window_up')).toBe(1);
    expect(await metric(url, 'vigie_spill_slots')).toBe(0);
    await becomes(async () => (await verdicts(url)).at > old.at);
    vigie?.kill('SIGTERM');
    const { code, stderr } = (await vigie?.finished) ?? { code: null, stderr: '' };
    expect(code).toBe(0);
    expect(stderr).toContain('the shared windows are away');
    expect(stderr).not.toContain('hunter2');
    const store = await openShared(redis.url.replace('//', '//:hunter2@'), { prefix: 'run:' });
    try {
      const key = { check: 'web', intervalMs: 1_000 };
      const seen = await store.seen(key);
      expect(seen).toBeDefined();
      const { firstSlot = 0, lastSlot = 0 } = seen ?? {};
      const [bits] = await store.read([{ ...key, fromSlot: firstSlot, toSlot: lastSlot + 1 }]);
      const set = [...(bits?.vantages[0]?.seen ?? [])].reduce(
        (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
        0,
      );
      // The guard of identical requests may cost a slot now and then; an outage of Redis may not.
      expect(set).toBeGreaterThanOrEqual(lastSlot - firstSlot);
    } finally {
      await store.close();
    }
  });

  it('starts with Redis away: probes at once, judges when it comes', async () => {
    await redis.kill();
    const url = await start();
    await vigie?.printed(/WindowStoreError.*the ledger cannot be read now; it is tried again every second/);
    await becomes(async () => (await metric(url, 'vigie_spill_slots')) >= 1);
    expect(await isReady(url)).toBe(false);
    await redis.start();
    await becomes(() => isReady(url));
    await becomes(async () => (await verdicts(url)).verdicts.length === 1);
    await vigie?.printed(/the ledger can be read again/);
    vigie?.kill('SIGTERM');
    const { stderr } = (await vigie?.finished) ?? { stderr: '' };
    expect(stderr.match(/the ledger cannot be read/g)).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
  });
});
