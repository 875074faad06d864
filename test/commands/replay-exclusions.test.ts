import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVigie } from './spawn-vigie.ts';

const SHIPPED = readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8');
const PENALTIES = `
penalties:
  - rows: [sla4.api]
    tiers: [{ below: '99.9', credit: '10' }, { below: '99', credit: '25' }]
    bill: '1000'
    claimWithin: 30d
  - { rows: [sla9.api], formula: promised-minus-observed, cap: '30' }
`;
const CONFIG = `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [outside]
checks:
  - { id: api, probe: tcp, row: sla4.api, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: vms, probe: tcp, row: sla9.api, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 2 } }
exclusions:
  - { id: own, kind: attack, from: "2026-03-01T00:00:00Z", to: "2026-03-01T00:10:00Z", reason: r, author: a }
`;
const AT = '2026-04-02T00:00:00.000Z';
const SEEN = ['api', 'vms'].flatMap((check) =>
  [
    { from: '2026-02-28T23:00:00Z', to: AT, outcome: 'good' },
    { from: '2026-03-10T12:00:00Z', to: '2026-03-10T13:00:00Z', outcome: 'bad', cause: 'timeout' },
  ].map((line) => JSON.stringify({ check, vantage: 'outside', ...line })),
);
const HALF_OF_IT = ['--kind', 'attack', '--from', '2026-03-10T12:30:00Z', '--to', '2026-03-10T14:00:00Z'];

describe('vigie replay --exclusions', () => {
  let folder = '';
  const vigie = (...args: readonly string[]) => runVigie(args, { cwd: folder });
  const replay = (...more: readonly string[]) =>
    vigie('replay', '--observations', 'seen.jsonl', '--at', AT, '--period', '2026-03', ...more);
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-exclusions-'));
    write('contract.yaml', SHIPPED + PENALTIES);
    write('vigie.yaml', CONFIG);
    write('seen.jsonl', SEEN.join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  interface Judged {
    readonly row: string;
    readonly reading: string;
    readonly penalties?: readonly unknown[];
  }
  const verdictsIn = (stdout: string): readonly Judged[] =>
    (JSON.parse(stdout) as { verdicts: readonly Judged[] }).verdicts;
  const of = (stdout: string, row: string): Judged | undefined =>
    verdictsIn(stdout).find((one) => one.row === row && one.reading === 'client');

  it('takes what `exclude list --output json` prints, and explain does so as well', async () => {
    await vigie('exclude', 'add', 'flood', ...HALF_OF_IT, '--reason', 'r', '--author', 'ann');
    await vigie('exclude', 'add', 'wrong', ...HALF_OF_IT, '--reason', 'r', '--author', 'ann');
    await vigie('exclude', 'withdraw', 'wrong', '--reason', 'none', '--author', 'ann');
    const listed = await vigie('exclude', 'list', '--output', 'json');
    write('listed.json', listed.stdout);
    const { code, stdout, stderr } = await replay('--exclusions', 'listed.json', '--output', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(of(stdout, 'sla4.api')).toMatchObject({
      excludedMs: 1_800_000,
      downtimeMs: { estimate: 1_800_000 },
    });
    const asked = ['sla4.api', '--reading', 'client', '--period', '2026-03', '--output', 'json'];
    const seen = ['--observations', 'seen.jsonl', '--exclusions', 'listed.json', '--at', AT];
    const explained = JSON.parse((await vigie('explain', ...asked, ...seen)).stdout);
    expect(explained.explanations[0].verdict.excludedMs).toBe(1_800_000);
  });

  it('says what is owed where the contract file has penalties, and nowhere else', async () => {
    const { code, stdout } = await replay('--output', 'json');
    expect(code).toBe(1);
    const api = of(stdout, 'sla4.api');
    expect(api).toMatchObject({ state: 'breached', downtimeMs: { best: 3_590_000, worst: 3_610_000 } });
    const tenth = { credit: '10', amount: '100.00' };
    const claimBy = '2026-04-30T22:00:00.000Z';
    expect(api?.penalties).toEqual([
      { rule: 'tiers', certain: tenth, estimate: tenth, atMost: tenth, claimBy },
    ]);
    // 1 h of 743 h is 0.134589…%, of which 0.1 % are borne.
    expect(of(stdout, 'sla9.api')?.penalties).toMatchObject([
      { rule: 'promised-minus-observed', estimate: { credit: '0.034589', amount: null }, claimBy: null },
    ]);
    const rows = verdictsIn(stdout).flatMap(({ row, penalties }) => (penalties ? [row] : []));
    expect([...new Set(rows)]).toEqual(['sla4.api', 'sla9.api']);
    write('contract.yaml', SHIPPED);
    const without = await replay('--output', 'json');
    write('contract.yaml', SHIPPED + PENALTIES);
    expect(without.stdout).not.toContain('penalties');
  });

  it('prints what is owed as a table for people', async () => {
    const { stdout } = await replay();
    const owed = stdout.split('\n\n').at(-1)?.trimEnd().split('\n') ?? [];
    expect(owed[0]).toMatch(/^OWED FOR +PERIOD +READING +CERTAIN +ESTIMATE +AT MOST +CLAIM BY$/);
    expect(owed[1]).toMatch(
      /^sla4\.api +2026-03 +client +10% = 100\.00 +10% = 100\.00 +10% = 100\.00 +2026-04-30T22/,
    );
    expect(owed).toHaveLength(5);
  });

  it.each([
    ['{"id":"x","kind":"attack"', 'not a complete JSON object'],
    ['{"event":"withdrawn","id":"x","at":"2026-03-01T00:00:00Z"}', '"id" is "x", expected an exclusion'],
    ['{"id":"x","kind":"weather"}', 'kind is "weather", expected one of maintenance'],
  ])('names file and line of %s, and prints nothing else', async (line, message) => {
    write('bad.jsonl', `\n${line}`);
    const { code, stdout, stderr } = await replay('--exclusions', 'bad.jsonl');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`bad.jsonl:2: ${message}`);
  });

  it.each([
    [['--exclusions', 'nowhere.jsonl'], 'nowhere.jsonl cannot be read: ENOENT'],
    [['--exclusions', '-', '--tickets', '-'], '--tickets and --exclusions are both -, expected one of them'],
  ])('%j is wrong usage and says what was expected', async (args, message) => {
    const { code, stdout, stderr } = await replay(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
