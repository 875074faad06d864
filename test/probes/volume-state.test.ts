import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openOutscaleAccess } from '../../probes/lib/outscale-access.ts';
import { volumeProbe } from '../../probes/volume.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { parse, SECRET_MARKER } from '../contracts/probing.ts';
import { silence, startHttpServer } from '../servers/http.ts';
import { startOutscaleApi } from '../servers/outscale-api.ts';
import { addVolume } from '../servers/outscale/state.ts';
import { temporaryFolder } from './disk-probing.ts';

const VOLUME = 'vol-0b0c5e01';
const ACCESS_KEY = '11112211111110000000';
const API = {
  region: 'cloudgouv-eu-west-1',
  volumeId: VOLUME,
  credentials: { accessKey: ACCESS_KEY, secretKey: { env: 'ANY' } },
};

const cleanups: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function newFolder(): string {
  const { folder, remove } = temporaryFolder();
  cleanups.push(remove);
  return folder;
}

async function runWith(api: object, file: string): Promise<Reading> {
  const kind = volumeProbe(openOutscaleAccess(() => '{}'));
  cleanups.push(() => kind.close());
  const probe = kind.configure(parse(kind, { file, size: 1_048_576, api: { ...API, ...api } }));
  return probe.run({ signal: new AbortController().signal, clock: systemClock, random: systemRandom });
}

describe('volume beside its state by the API (sla7.volume)', () => {
  test.each(['in-use', 'error'] as const)('%s: kept as evidence, and the disk decides', async (State) => {
    const api = await startOutscaleApi({ keys: { [ACCESS_KEY]: SECRET_MARKER } });
    cleanups.push(() => api.close());
    addVolume(api.region, VOLUME, { State });
    const reading = await runWith({ endpoint: api.origin }, join(newFolder(), 'vigie-a.probe'));
    expect(reading).toMatchObject({
      kind: 'answer',
      values: { bytesMatch: true },
      evidence: { volumeState: State },
    });
    expect(JSON.stringify(reading)).not.toContain(SECRET_MARKER);
  });

  test('not mounted: blind, and what the API says is said', async () => {
    const api = await startOutscaleApi({ keys: { [ACCESS_KEY]: SECRET_MARKER } });
    cleanups.push(() => api.close());
    const reading = await runWith({ endpoint: api.origin }, join(newFolder(), 'gone/vigie-a.probe'));
    expect(reading).toMatchObject({ kind: 'blind', blind: 'local-resource' });
    expect(reading.detail).toMatch(/ENOENT.*\(the API says unknown\)$/);
  });

  test('an API that says nothing is no trouble of the volume', async () => {
    const server = await startHttpServer(silence);
    cleanups.push(() => server.close());
    const reading = await runWith(
      { endpoint: `http://127.0.0.1:${server.port}` },
      join(newFolder(), 'vigie-a.probe'),
    );
    expect(reading).toMatchObject({ kind: 'answer', values: { bytesMatch: true } });
    expect(reading).not.toHaveProperty('evidence.volumeState');
  });

  test('without credentials: refused by the settings; the timeout must leave room for the call', () => {
    const kind = volumeProbe(openOutscaleAccess(() => '{}'));
    const { credentials: _, ...unsigned } = API;
    const settings = { file: '/v/vigie-a.probe', api: unsigned };
    expect(kind.settings.safeParse(settings).success).toBe(false);
    const least = (api?: object): number =>
      kind.leastMs?.(kind.settings.parse({ file: '/v/vigie-a.probe', api })) ?? 0;
    expect(least(API)).toBeGreaterThan(least());
  });
});
