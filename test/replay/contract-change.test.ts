import { describe, expect, it } from 'vitest';
import { periodNamed } from '../../src/contract/periods.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { replay } from '../../src/replay/replay.ts';
import { configOf } from './config-from.ts';

const head = (more: string) => `
id: hosting
version: "1"
timezone: UTC
period: {}
readings: { only: {} }
${more}
rows:
`;
const row = (id: string, target: string, period: string, incident = '{}') =>
  `  - { id: ${id}, clause: C, title: T, type: availability, target: "${target}", period: ${period}, incident: ${incident} }\n`;

const CHECKS = ['web', 'mail', 'name'].map(
  (id) =>
    `  - { id: ${id}, probe: tcp, row: ${id}, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }`,
);
const config = configOf({
  'former.yaml':
    head('') + row('web', '99.9', 'year') + row('mail', '99.9', 'year') + row('name', '99', 'month'),
  'contract.yaml':
    head('effective: { from: "2026-07-15", replaces: former.yaml }') +
    row('web', '99.5', 'year', '{ deduct: 2m }') +
    row('mail', '99.9', 'year') +
    row('name', '99.5', 'month'),
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [a]
checks:
${CHECKS.join('\n')}
`,
});

const YEAR = { from: '2026-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z', outcome: 'good' };
/** Six minutes, the first of them before the new contract holds. */
const OUTAGE = {
  from: '2026-07-14T23:59:00Z',
  to: '2026-07-15T00:05:00Z',
  outcome: 'bad',
  cause: 'timeout',
};

async function* seen(): AsyncGenerator<string> {
  for (const check of ['web', 'mail', 'name']) {
    yield JSON.stringify({ check, vantage: 'a', ...YEAR });
    yield JSON.stringify({ check, vantage: 'a', ...OUTAGE });
  }
}

function verdictsAt(at: string, period?: string): Promise<readonly Verdict[]> {
  const named = period === undefined ? undefined : periodNamed(config.contract, period);
  const periods = named ? { [named.kind]: named.period } : {};
  return replay({ config, lines: seen(), atMs: Date.parse(at), periods });
}

const figuresOf = (verdicts: readonly Verdict[], of: string) =>
  verdicts
    .filter(({ row: id }) => id === of)
    .map(({ period, target, budgetMs, downtimeMs, remainingMs, state }) => ({
      name: period.name,
      part: period.part,
      target,
      budgetMs,
      estimate: downtimeMs.estimate,
      remainingMs,
      state,
    }));

describe('a contract that replaces another on 15 July 2026', () => {
  it('splits the year of a row whose rules it changes: each part has its own length, budget and rules', async () => {
    // 195 days and 170 days: 0.1 % of the one, 0.5 % of the other. The two minutes begin with the incident.
    expect(figuresOf(await verdictsAt('2027-01-02T00:00:00Z', '2026'), 'web')).toEqual([
      {
        name: '2026@2026-01-01',
        part: { of: '2026', index: 1, count: 2 },
        target: '99.9',
        budgetMs: 16_848_000,
        estimate: 60_000,
        remainingMs: 16_788_000,
        state: 'met',
      },
      {
        name: '2026@2026-07-15',
        part: { of: '2026', index: 2, count: 2 },
        target: '99.5',
        budgetMs: 73_440_000,
        estimate: 240_000,
        remainingMs: 73_200_000,
        state: 'met',
      },
    ]);
  });

  it('leaves the year of a row whole that it does not change', async () => {
    expect(figuresOf(await verdictsAt('2027-01-02T00:00:00Z', '2026'), 'mail')).toMatchObject([
      { name: '2026', part: undefined, budgetMs: 31_536_000, estimate: 360_000 },
    ]);
  });

  it('splits only the month in which it takes effect', async () => {
    // 14 days at 1 % and 17 days at 0.5 %.
    expect(figuresOf(await verdictsAt('2026-08-02T00:00:00Z', '2026-07'), 'name')).toMatchObject([
      { name: '2026-07@2026-07-01', target: '99', budgetMs: 12_096_000, estimate: 60_000 },
      { name: '2026-07@2026-07-15', target: '99.5', budgetMs: 7_344_000, estimate: 300_000 },
    ]);
    const [june, august] = await Promise.all(
      ['2026-06', '2026-08'].map((name) => verdictsAt('2026-09-02T00:00:00Z', name)),
    );
    expect(figuresOf(june ?? [], 'name')).toMatchObject([{ name: '2026-06', target: '99' }]);
    expect(figuresOf(august ?? [], 'name')).toMatchObject([{ name: '2026-08', target: '99.5' }]);
  });

  it('judges the part that is going on where no period is named', async () => {
    const before = await verdictsAt('2026-07-14T00:00:00Z');
    expect(figuresOf(before, 'web')).toMatchObject([
      { name: '2026@2026-01-01', estimate: 0, state: 'on-track' },
    ]);
    const after = await verdictsAt('2026-07-16T00:00:00Z');
    expect(figuresOf(after, 'web')).toMatchObject([{ name: '2026@2026-07-15', estimate: 240_000 }]);
    expect(after.find((one) => one.row === 'web')?.incidents).toMatchObject([
      { fromMs: Date.parse(OUTAGE.from), badMs: 360_000, countedMs: 240_000 },
    ]);
  });
});
