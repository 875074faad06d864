import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, expect, test } from 'vitest';
import { probeKinds } from '../probes/index.ts';
import { App } from '../src/app.ts';
import { systemClock, systemRandom } from '../src/clock.ts';
import type { Config } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load.ts';
import { readTextFile, shippedContract } from '../src/config/local-files.ts';
import { createLog } from '../src/export/log.ts';
import { answer, startHttpServer } from './servers/http.ts';

const ATOM = '<feed><title>Status</title><entry><id>e1</id><title>Volumes</title></entry></feed>';
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const kinds = probeKinds();

async function loaded(folder: string, more: object): Promise<Config> {
  const path = join(folder, 'vigie.yaml');
  const file = { contract: 'outscale-secnumcloud', region: 'r1', listen: { port: 0 }, ...more };
  await writeFile(path, JSON.stringify(file));
  const { config, problems } = loadConfig(path, { kinds, readFile: readTextFile, env: {}, shippedContract });
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}

test('the app reads the configured status feed and shows it; a reload without it ends that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-feed-'));
  const server = await startHttpServer(answer(200, ATOM));
  const told: unknown[] = [];
  const app = new App({
    config: await loaded(folder, { statusFeed: { url: `${server.origin}/history.atom` } }),
    ...{ kinds, vantages: ['local'], clock: systemClock, random: systemRandom, version: 'test' },
    log: createLog({ clock: systemClock, level: 'silent', format: 'json' }),
    onStatusEntries: (entries) => told.push(entries.map(({ id }) => id)),
  });
  cleanups.push(
    () => rm(folder, { recursive: true, force: true }),
    () => server.close(),
    () => app.stop(),
  );
  const url = await app.start();
  const shown = async (): Promise<unknown> => (await request(`${url}/api/status-feed`)).body.json();
  await expect.poll(() => told, { interval: 10 }).toEqual([['e1']]);
  expect(await shown()).toMatchObject({
    statusFeed: { title: 'Status', trouble: null, entries: [{ id: 'e1' }] },
  });
  app.reload(await loaded(folder, {}));
  expect(await shown()).toEqual({ statusFeed: null });
});
