import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVigie } from './spawn-vigie.ts';

const CONFIG = `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [outside]
checks:
  - { id: api, probe: tcp, row: sla4.api, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
`;

const line = (fields: object): string => JSON.stringify({ check: 'api', vantage: 'outside', ...fields });
const GOOD = line({ from: '2026-02-28T23:00:00Z', to: '2026-03-15T00:00:00Z', outcome: 'good' });
const OUTAGE = line({
  from: '2026-03-10T12:00:00Z',
  to: '2026-03-10T13:00:00Z',
  outcome: 'bad',
  cause: 'timeout',
});
const AT = '2026-03-15T00:00:00.000Z';

describe('vigie replay', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-replay-'));
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const replay = (lines: readonly string[], ...more: readonly string[]) => {
    writeFileSync(join(folder, 'seen.jsonl'), lines.join('\n'));
    return runVigie(['replay', '--observations', 'seen.jsonl', '--at', AT, '--output', 'json', ...more], {
      cwd: folder,
    });
  };

  it('prints the verdicts in the shape and order that others rely on, and nothing else', async () => {
    const { code, stdout, stderr } = await replay([GOOD, '']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { at, verdicts } = JSON.parse(stdout);
    expect(at).toBe(AT);
    expect(verdicts.find((v: { row: string }) => v.row === 'sla4.api')).toMatchObject({
      row: 'sla4.api',
      scope: 'region',
      reading: 'client',
      state: 'on-track',
      target: '99.9',
      period: { name: '2026-03', from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' },
      budgetMs: 2_674_800,
      downtimeMs: { best: 0, estimate: 0, worst: 0, raw: 0 },
      excludedMs: 0,
      unknownMs: 0,
      contestedMs: 0,
      remainingMs: 2_674_800,
      timeToBreachMs: 2_674_800,
      availability: { toDate: '1', bestAchievable: '1', final: null },
      incidents: [],
    });
    const keys = verdicts.map((v: { row: string; scope: string; reading: string }) =>
      [v.row, v.scope, v.reading].join(' '),
    );
    expect(keys).toEqual(keys.toSorted((a: string, b: string) => (a < b ? -1 : 1)));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('exits with 1 when a row is breached, and shows the incident whole', async () => {
    const { code, stdout } = await replay([OUTAGE, GOOD]);
    expect(code).toBe(1);
    const api = JSON.parse(stdout).verdicts.find((v: { row: string }) => v.row === 'sla4.api');
    expect(api).toMatchObject({
      state: 'breached',
      incidents: [
        {
          from: '2026-03-10T12:00:00.000Z',
          to: '2026-03-10T13:00:00.000Z',
          badMs: 3_600_000,
          countedMs: 3_600_000,
          causes: ['timeout'],
        },
      ],
    });
  });

  it('gives the same bytes whatever the order and however often a line is said', async () => {
    const once = await replay([GOOD, OUTAGE]);
    const shuffled = await replay([OUTAGE, GOOD, OUTAGE, GOOD]);
    expect(shuffled.stdout).toBe(once.stdout);
  });

  it('uses nothing at or after --at', async () => {
    const later = line({ from: AT, to: '2026-03-20T00:00:00Z', outcome: 'bad', cause: 'timeout' });
    expect((await replay([GOOD, later])).stdout).toBe((await replay([GOOD])).stdout);
  });

  it('judges the period that is named', async () => {
    const { stdout } = await replay([GOOD, OUTAGE], '--period', '2026-02');
    const { verdicts } = JSON.parse(stdout);
    expect(verdicts.find((v: { row: string }) => v.row === 'sla4.api').period.name).toBe('2026-02');
    expect(verdicts.find((v: { row: string }) => v.row === 'sla4.internet').period.name).toBe('2026');
  });

  it('refuses a file with a torn last line by its number, and prints no verdict', async () => {
    const { code, stdout, stderr } = await replay([GOOD, OUTAGE.slice(0, 40)]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('seen.jsonl:2: not a complete JSON object\n');
  });

  it.each([
    [['--at', 'yesterday'], '--at is yesterday, expected an instant'],
    [['--period', 'march'], '--period is march, expected a month like 2026-03'],
    [['--observations', 'nowhere.jsonl'], 'nowhere.jsonl cannot be read: ENOENT'],
    [['--out', 'json'], "unknown option '--out'"],
  ])('%j is wrong usage and says what was expected', async (args, message) => {
    const { code, stderr } = await replay([GOOD], ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('exits with 78 on a bad configuration and names the place', async () => {
    writeFileSync(join(folder, 'bad.yaml'), CONFIG.replace('sla4.api', 'sla4.apy'));
    const { code, stderr } = await replay([GOOD], '--config', 'bad.yaml');
    expect(code).toBe(78);
    expect(stderr).toMatch(/bad\.yaml:7:\d+: error: .*sla4\.apy/);
  });
});
