import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
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
/** Answers every path on a line of its own by what vigie serves there, as JSON on a line. */
const FETCH = `
  const lines = require("node:readline").createInterface({ input: process.stdin });
  lines.on("line", (path) => fetch("http://127.0.0.1:9464" + path)
    .then((answer) => answer.text()).then((text) => console.log(JSON.stringify(text))));
  console.log("up");
`;
const MAIN = join(import.meta.dirname, '../src/main.ts');
/** For what takes some slots of a second and a judgement, on a machine that does much else. */
const WITHIN_MS = 40_000;

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
  let fetcher: NamespaceProcess;
  let answers: Interface;
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
    fetcher = here.spawn(process.execPath, '-e', FETCH);
    await started(fetcher, /up/);
    answers = createInterface({ input: fetcher.stdout });
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
    for (const end = performance.now() + WITHIN_MS; performance.now() < end; await wait(100))
      if (await isSo()) return;
    throw new Error('it did not come to be so');
  }

  async function get(path: string): Promise<string> {
    const answered = once(answers, 'line');
    fetcher.stdin.write(`${path}\n`);
    const [line] = (await answered) as [string];
    return JSON.parse(line) as string;
  }

  async function metric(pattern: string): Promise<number> {
    const found = new RegExp(`^${pattern} (\\S+)$`, 'm').exec(await get('/metrics'));
    return Number(found?.[1] ?? 0);
  }

  async function downtimeMs(row: string): Promise<number> {
    const { verdicts } = JSON.parse(await get('/api/verdicts')) as { verdicts: readonly Verdict[] };
    return (
      verdicts.find((verdict) => verdict.row === row && verdict.reading === 'client')?.downtimeMs.raw ?? NaN
    );
  }

  const holes = (): Promise<number> =>
    metric('vigie_schedule_holes_total\\{check="one",vantage="local",reason="local-network"\\}');

  it('books an outage of the provider while a reference beyond it answers', { timeout: 60_000 }, async () => {
    provider.ip('link', 'set', 'cable', 'down');
    await until(async () => (await downtimeMs('sla4.api')) >= 2_000);
    expect(await holes()).toBe(0);
  });

  it('leaves holes, and no downtime, while the reference is gone as well', { timeout: 60_000 }, async () => {
    // The reference first: what fails while it still answers is the provider's.
    beyond.ip('link', 'set', 'cable', 'down');
    provider.ip('link', 'set', 'cable', 'down');
    await until(async () => (await holes()) >= 3);
    expect(await downtimeMs('sla4.api')).toBe(0);
    expect(await downtimeMs('sla5.lb')).toBe(0);
  });

  it('leaves holes when our own interface goes down', { timeout: 60_000 }, async () => {
    here.ip('link', 'set', 'toprovider', 'down');
    await until(async () => (await holes()) >= 2);
    expect(await downtimeMs('sla4.api')).toBe(0);
  });
});
