import { describe, expect, it } from 'vitest';
import { periodNamed } from '../../src/contract/periods.ts';
import { replayInFull } from '../../src/replay/replay.ts';
import { configOf } from './config-from.ts';

const TIERS = `
penalties:
  - { tiers: [{ below: "99.9", credit: "10" }], bill: "200" }
`;
const head = (more: string) => `
id: hosting
version: "1"
timezone: UTC
period: {}
readings: { only: {} }
${more}
rows:
`;
const ROWS = `
  - { id: web, clause: C, title: T, type: availability, target: "99.9", period: month }
  - { id: star, clause: C, title: T, type: availability, target: "99.9", period: month, requires: all-subregions }
  - { id: disk, clause: C, title: T, type: sampled-share, target: "99.9", period: month }
  - { id: keep, clause: C, title: T, type: durability, target: "99.9", period: month }
`;

function configWith(contract: string, former = contract) {
  const checks = ['web', 'star', 'disk', 'keep'].map(
    (row, i) =>
      `  - { id: ${row}, probe: tcp, row: ${row}, interval: 10s, timeout: 3s, with: { host: h, port: ${i + 1} } }`,
  );
  return configOf({
    'contract.yaml': contract,
    'former.yaml': former,
    'vigie.yaml': `
contract: contract.yaml
region: r
deployment: { subregions: [a], regionSubregions: [a, b] }
vantages: [v]
checks:
${checks.join('\n')}
exclusions:
  - { id: x, kind: attack, from: "2026-03-01T00:00:00Z", to: "2026-03-11T00:00:00Z", reason: r, author: a }
`,
  });
}

/** Of March, in which every check is down for so many slots; what is owed, by row, in the order of the contract. */
async function owedIn(config: ReturnType<typeof configWith>, slotsDown: number, at = '2026-04-02T00:00:00Z') {
  async function* lines(): AsyncGenerator<string> {
    const down = Date.parse('2026-03-12T00:00:00Z');
    for (const check of ['web', 'star', 'disk', 'keep']) {
      const about = { check, vantage: 'v' };
      yield JSON.stringify({ ...about, from: '2026-03-01T00:00:00Z', to: at, outcome: 'good' });
      const to = new Date(down + slotsDown * 10_000).toISOString();
      const from = new Date(down).toISOString();
      const cause = check === 'keep' ? 'lost' : 'timeout';
      if (slotsDown > 0) yield JSON.stringify({ ...about, from, to, outcome: 'bad', cause });
    }
  }
  const named = periodNamed(config.contract, '2026-03');
  const periods = named ? { month: named.period } : {};
  const { owed } = await replayInFull({ config, lines: lines(), atMs: Date.parse(at), periods });
  return [...owed].map(([{ row }, due]) => [row, ...due.map(({ estimate }) => estimate.credit)]);
}

/** 0.1 % of March is 2,678.4 s. */
describe('penalties through replay', () => {
  it('are owed for time below the target, not for tests, durability or a row that may not be claimed', async () => {
    const config = configWith(head('') + ROWS + TIERS);
    expect(await owedIn(config, 267)).toEqual([['web', '0']]);
    expect(await owedIn(config, 268)).toEqual([['web', '10']]);
  });

  it('are not there where the contract file has none, or none for the row', async () => {
    expect(await owedIn(configWith(head('') + ROWS), 300)).toEqual([]);
    const others = TIERS.replace('{ tiers', '{ rows: [disk], tiers');
    expect(await owedIn(configWith(head('') + ROWS + others), 300)).toEqual([]);
  });

  it('are measured against the whole period while it goes on, and against what the contract leaves of it', async () => {
    expect(await owedIn(configWith(head('') + ROWS + TIERS), 267, '2026-03-20T00:00:00Z')).toEqual([
      ['web', '0'],
    ]);
    // Ten of 31 days are removed: 0.1 % of the rest is 1,814.4 s.
    const removing = configWith(head('exclusions: { effect: removed }') + ROWS + TIERS);
    expect(await owedIn(removing, 181)).toEqual([['web', '0']]);
    expect(await owedIn(removing, 182)).toEqual([['web', '10']]);
  });

  it('are owed by the contract that holds at the end of the period', async () => {
    const latest = head('effective: { from: "2026-03-20", replaces: former.yaml }') + ROWS;
    expect(await owedIn(configWith(latest + TIERS, head('') + ROWS), 300)).toEqual([['web', '10']]);
    expect(await owedIn(configWith(latest, head('') + ROWS + TIERS), 300)).toEqual([]);
  });
});
