import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Explanation } from '../../src/core/explanation.ts';
import { createServer } from '../../src/web/server.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FakeClock, settle } from '../fake-clock.ts';
import { loneJudge, putSeen } from '../live/lone-judge.ts';
import { configOf } from '../replay/config-from.ts';
import { runVigie } from './spawn-vigie.ts';

const CONTRACT = `
id: hosting
version: "1"
timezone: UTC
period: {}
readings: { client: { maintenance: counts }, provider: { maintenance: excluded } }
rows:
  - { id: web, clause: "4.1", title: Web site, type: availability, target: "99.9", period: month, incident: { deduct: 2m, mergeGap: 90s, minimum: 30s }, rules: [The first two minutes do not count.] }
  - { id: disk, clause: "4.2", title: Disk, type: sampled-share, target: "90", period: month }
  - { id: keep, clause: "4.3", title: Objects, type: durability, target: "99.9999", period: year }
`;
const CONFIG = `
contract: contract.yaml
region: r
vantages: [a, b, c]
checks:
  - { id: front, probe: tcp, row: web, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: test, probe: tcp, row: disk, interval: 10m, timeout: 3s, vantages: [a], with: { host: 127.0.0.1, port: 2 } }
  - { id: sentinels, probe: tcp, row: keep, interval: 10m, timeout: 3s, vantages: [a], with: { host: 127.0.0.1, port: 3 } }
exclusions:
  - { id: mw-1, kind: maintenance, from: "2026-03-10T12:01:00Z", to: "2026-03-10T12:06:00Z", rows: [web], reason: upgrade, author: ops@example.org, enteredAt: "2026-03-01T00:00:00Z" }
`;
const AT = '2026-03-15T00:00:00.000Z';

const line = (check: string, vantage: string, fields: object): string =>
  JSON.stringify({ check, vantage, ...fields });
const good = { from: '2026-03-01T00:00:00Z', to: AT, outcome: 'good' };
const OBSERVATIONS = [
  ...['a', 'b'].map((vantage) => line('front', vantage, good)),
  line('front', 'c', { ...good, to: '2026-03-12T00:00:00Z' }),
  ...['a', 'c'].map((vantage) =>
    line('front', vantage, {
      from: '2026-03-10T12:00:00Z',
      to: '2026-03-10T12:10:00Z',
      outcome: 'bad',
      cause: 'timeout',
    }),
  ),
  // Too short to be an incident.
  ...['a', 'c'].map((vantage) =>
    line('front', vantage, {
      from: '2026-03-11T12:00:00Z',
      to: '2026-03-11T12:00:20Z',
      outcome: 'bad',
      cause: 'refused',
    }),
  ),
  line('test', 'a', good),
  line('sentinels', 'a', good),
  line('sentinels', 'a', { slot: '2026-03-10T12:00:00Z', outcome: 'bad', cause: 'lost' }),
];

interface Answer {
  readonly explanations: readonly Explanation[];
}

describe('vigie explain', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-explain-'));
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
    writeFileSync(join(folder, 'contract.yaml'), CONTRACT);
    writeFileSync(join(folder, 'seen.jsonl'), OBSERVATIONS.join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const explain = (...args: readonly string[]) => runVigie(['explain', ...args], { cwd: folder });
  const ofRecord = ['--observations', 'seen.jsonl', '--at', AT];
  const asked = async (...args: readonly string[]): Promise<readonly Explanation[]> =>
    (JSON.parse((await explain(...args, ...ofRecord, '--output', 'json')).stdout) as Answer).explanations;

  it('shows each step from bad time to counted downtime, and sums that add up', async () => {
    const [client, provider] = await asked('web');
    expect(client?.arithmetic).toEqual({
      lengthMs: 2_678_400_000,
      removedMs: 0,
      elapsedMs: 1_209_600_000,
      borne: { numerator: '1', denominator: '1000' },
      mergeGapMs: 90_000,
      minimumMs: 30_000,
      deductMs: 120_000,
      bounds: {
        best: steps(600_000, 10_000, 120_000, 470_000),
        estimate: steps(620_000, 20_000, 120_000, 480_000),
        // The slot before each run may have been bad as well; then the short one is long enough to be an incident.
        worst: { ...steps(640_000, 0, 150_000, 490_000) },
      },
      shareTest: null,
    });
    expect(provider?.arithmetic.bounds.estimate).toMatchObject({ badMs: 320_000, countedMs: 120_000 });
  });

  it('names the checks, their vantages and causes, and the incidents with what was deducted', async () => {
    const [client] = await asked('web', '--reading', 'client');
    expect(client?.checks).toEqual([
      {
        check: 'front',
        probe: 'tcp',
        intervalMs: 10_000,
        vantages: ['a', 'b', 'c'],
        quorum: 2,
        confirm: null,
        downMs: 620_000,
        excludedMs: 0,
        unknownMs: 0,
        contestedMs: 620_000,
        causes: [
          { cause: 'timeout', state: 'down', ms: 600_000 },
          { cause: 'refused', state: 'down', ms: 20_000 },
        ],
      },
    ]);
    expect(client?.incidents).toMatchObject([
      {
        from: '2026-03-10T12:00:00.000Z',
        to: '2026-03-10T12:10:00.000Z',
        badMs: 600_000,
        tooShort: false,
        deductedMs: 120_000,
        outsideMs: 0,
        countedMs: 480_000,
        causes: ['timeout'],
        checks: ['front'],
      },
      { badMs: 20_000, tooShort: true, deductedMs: 0, countedMs: 0, causes: ['refused'] },
    ]);
    expect(client?.samples[0]).toEqual({
      check: 'front',
      vantage: 'a',
      at: '2026-03-10T12:00:00.000Z',
      outcome: 'bad',
      cause: 'timeout',
      evidence: null,
    });
  });

  it('says what was excluded by whom and why, and every figure with and without it', async () => {
    const [client, provider] = await asked('web');
    const exclusion = {
      id: 'mw-1',
      kind: 'maintenance',
      author: 'ops@example.org',
      reason: 'upgrade',
      enteredAt: '2026-03-01T00:00:00.000Z',
      coversMs: 300_000,
    };
    expect(client?.exclusions).toMatchObject([{ ...exclusion, honoured: false }]);
    expect(provider?.exclusions).toMatchObject([{ ...exclusion, honoured: true }]);
    // Without: one minute before, within the two that do not count, and four after it, of which two count.
    const kinds = (honoured: boolean) => [
      {
        kind: 'maintenance',
        honoured,
        excluded: { downtimeMs: { estimate: 120_000 } },
        counted: { downtimeMs: { estimate: 480_000 } },
      },
    ];
    expect([client?.kinds, provider?.kinds]).toMatchObject([kinds(false), kinds(true)]);
  });

  it('shows the tests of a sampled share in whole numbers, and the loss of an object', async () => {
    const [share] = await asked('disk', '--reading', 'client');
    expect(share?.verdict.sample).toMatchObject({ tests: 2_016, met: 2_016 });
    // Above by 2016·10 − 9·2016, or a multiple of it as the target is written: 625·2016² against 2401·9·1·2016.
    expect(share?.arithmetic.borne).toBeNull();
    const { distance, left, right } = share?.arithmetic.shareTest ?? {};
    expect(BigInt(left ?? 0) * 2_401n * 9n * 2_016n).toBe(BigInt(right ?? 0) * 625n * 2_016n ** 2n);
    expect(BigInt(distance ?? 0) > 0n).toBe(true);
    const { code, stdout } = await explain('keep', ...ofRecord, '--reading', 'client');
    expect(code).toBe(1);
    expect(stdout).toContain('keep (4.3: Objects), region, read as by "client": breached');
    expect(stdout).toContain('2026-03-10T12:00:00.000Z sentinels from a: lost');
    expect(stdout).toContain('the promise is broken');
  });

  it('tells it in plain words', async () => {
    const { code, stdout, stderr } = await explain('web', '--reading', 'client', ...ofRecord);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'estimate: 620000 ms (10m20s) bad − 20000 ms (20s) too short − 120000 ms (2m) deducted − 0 ms outside the period = D 480000 ms (8m)\n' +
        '    D · denominator 480000000 ≤ L · numerator 2678400000: within\n',
    );
    expect(stdout).toContain('2 of 3 vantages (a, b, c) must agree');
    expect(stdout).toContain(
      'mw-1 (maintenance) 2026-03-10T12:01:00.000Z … 2026-03-10T12:06:00.000Z by ops@example.org',
    );
  });

  it.each([
    [['wep'], 'wep is no row of the contract; did you mean "web"?'],
    [['web', '--scope', 'az-a'], 'there is no verdict on web, az-a'],
    [['web', '--period', '2026'], 'there is no verdict on web, in 2026'],
    [['web', '--period', 'march'], '--period is march, expected a month like 2026-03'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await explain(...args, ...ofRecord);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('asks a vigie that is running, which says the same as the record', async () => {
    const config = configOf({ 'vigie.yaml': CONFIG, 'contract.yaml': CONTRACT });
    const clock = new FakeClock(Date.parse(AT));
    const store = memoryStore();
    const check = 'front';
    const month = { from: '2026-03-01T00:00:00Z', to: AT };
    const outage = { from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:10:00Z' };
    putSeen(store, { check, vantages: ['a', 'b', 'c'], ...month, outcome: 'good' });
    putSeen(store, { check, vantages: ['a', 'c'], ...outage, outcome: 'bad' });
    const loop = loneJudge(config, { clock, store });
    await loop.start();
    await clock.advance(0);
    await settle();
    const web = createServer({
      clock: systemClock,
      listen: { host: '127.0.0.1', port: 0 },
      metrics: { render: () => Promise.resolve({ trouble: 'none' }) },
      notReady: () => [],
      verdicts: () => ({ at: AT, readings: [], verdicts: [] }),
      checks: () => [],
      explain: async ({ period, ...question }) => {
        const explanations = await loop.explain(question, period);
        return explanations ? { ok: true, explanations } : { ok: false, detail: 'no such period' };
      },
      onError: (error) => {
        throw error;
      },
    });
    const { url } = await web.start();
    try {
      const { code, stdout } = await explain('web', '--reading', 'client', '--url', url, '--output', 'json');
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as Answer).explanations).toMatchObject([
        { verdict: { downtimeMs: { estimate: 480_000 } }, incidents: [{ deductedMs: 120_000 }] },
      ]);
      writeFileSync(join(folder, 'running.yaml'), `${CONFIG}\nlisten: { port: ${new URL(url).port} }\n`);
      const named = await explain('web', '--reading', 'client', '--config', 'running.yaml');
      expect(named).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('"client"') });
      const refused = await explain('web', '--period', 'march', '--url', url);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('no such period') });
    } finally {
      await web.stop();
      await loop.stop();
    }
  });
});

function steps(badMs: number, tooShortMs: number, deductedMs: number, countedMs: number) {
  const comparison = { used: String(countedMs * 1_000), allowed: '2678400000', over: false };
  return { badMs, tooShortMs, deductedMs, outsideMs: 0, countedMs, comparison };
}
