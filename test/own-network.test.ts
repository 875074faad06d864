import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  canMakeNamespaces,
  createNamespace,
  layCable,
  type Namespace,
  type NamespaceProcess,
} from './servers/netns.ts';

const CONFIG = `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
listen: { host: 127.0.0.1, port: 9464 }
checks:
  - { id: one, probe: tcp, row: sla4.api, interval: 1s, timeout: 400ms, with: { host: 10.88.1.2, port: 7 } }
  - { id: two, probe: tcp, row: sla5.lb, interval: 1s, timeout: 400ms, with: { host: 10.88.1.2, port: 8 } }
egress: { references: [{ host: 10.88.2.2, port: 7 }] }
`;
const SERVE =
  'for (const port of [7, 8]) require("node:net").createServer((s) => s.destroy()).listen(port, () => console.log("up"))';
const MAIN = join(import.meta.dirname, '../src/main.ts');

interface Verdict {
  readonly row: string;
  readonly reading: string;
  readonly downtimeMs: { readonly raw: number };
  readonly unknownMs: number;
}

describe.skipIf(!canMakeNamespaces())('own network (needs root and network namespaces)', () => {
  let here: Namespace;
  let provider: Namespace;
  let beyond: Namespace;
  let folder = '';
  const running: NamespaceProcess[] = [];

  beforeEach(async () => {
    [here, provider, beyond] = [createNamespace(), createNamespace(), createNamespace()];
    layCable(
      { namespace: here, interface: 'toprovider', address: '10.88.1.1/24' },
      { namespace: provider, interface: 'cable', address: '10.88.1.2/24' },
    );
    layCable(
      { namespace: here, interface: 'tobeyond', address: '10.88.2.1/24' },
      { namespace: beyond, interface: 'cable', address: '10.88.2.2/24' },
    );
    folder = mkdtempSync(join(tmpdir(), 'vigie-own-network-'));
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
    for (const place of [provider, beyond]) await started(place.spawn(process.execPath, '-e', SERVE), /up/);
    const args = ['run', '--no-table', '--config', join(folder, 'vigie.yaml')];
    await started(here.spawn(process.execPath, MAIN, ...args), /is watching/);
    await until(
      async () => (await metric('vigie_probe_observations_total\\{check="two"[^}]*outcome="good"\\}')) >= 2,
    );
  });

  afterEach(async () => {
    for (const process of running.splice(0)) {
      const gone = new Promise((resolve) => process.once('close', resolve));
      process.kill('SIGKILL');
      await gone;
    }
    for (const namespace of [here, provider, beyond]) namespace.remove();
    rmSync(folder, { recursive: true });
  });

  function started(process: NamespaceProcess, ready: RegExp): Promise<void> {
    running.push(process);
    return new Promise((resolve) => {
      for (const stream of [process.stdout, process.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => ready.test(text) && resolve());
      }
    });
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      if (await isSo()) return;
      await wait(250);
    }
    throw new Error('it did not come to be so');
  }

  const get = (path: string): string =>
    here.run(
      process.execPath,
      '-e',
      `fetch("http://127.0.0.1:9464${path}").then((r) => r.text()).then((t) => process.stdout.write(t))`,
    );

  async function metric(pattern: string): Promise<number> {
    const found = new RegExp(`^${pattern} (\\S+)$`, 'm').exec(get('/metrics'));
    return Number(found?.[1] ?? 0);
  }

  function downtimeMs(row: string): number {
    const { verdicts } = JSON.parse(get('/api/verdicts')) as { verdicts: readonly Verdict[] };
    return (
      verdicts.find((verdict) => verdict.row === row && verdict.reading === 'client')?.downtimeMs.raw ?? NaN
    );
  }

  const holes = (): Promise<number> =>
    metric('vigie_schedule_holes_total\\{check="one",vantage="local",reason="local-network"\\}');

  it('books an outage of the provider while a reference beyond it answers', { timeout: 40_000 }, async () => {
    provider.ip('link', 'set', 'cable', 'down');
    await until(() => Promise.resolve(downtimeMs('sla4.api') >= 2_000));
    expect(await holes()).toBe(0);
  });

  it('leaves holes, and no downtime, while the reference is gone as well', { timeout: 40_000 }, async () => {
    // The reference first: what fails while it still answers is the provider's.
    beyond.ip('link', 'set', 'cable', 'down');
    provider.ip('link', 'set', 'cable', 'down');
    await until(async () => (await holes()) >= 3);
    expect(downtimeMs('sla4.api')).toBe(0);
    expect(downtimeMs('sla5.lb')).toBe(0);
  });

  it('leaves holes when our own interface goes down', { timeout: 40_000 }, async () => {
    here.ip('link', 'set', 'toprovider', 'down');
    await until(async () => (await holes()) >= 2);
    expect(downtimeMs('sla4.api')).toBe(0);
  });
});
