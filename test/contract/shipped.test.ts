import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadContract } from '../../src/config/former-contracts.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { ContractRow } from '../../src/contract/schema.ts';

function shipped(id: string) {
  const path = shippedContract(id) ?? join('no such contract', id);
  const { contract, problems } = loadContract(path, { readFile: readTextFile });
  if (!contract) throw new Error(JSON.stringify(problems));
  return contract;
}

/** Columns of the agreement's table: id, clause, type, figure, period, the star. */
const AGREEMENT = [
  ['sla1.region', 'SLA1', 'availability', '99.9', 'year', ''],
  ['sla1.az', 'SLA1', 'availability', '99.7', 'year', ''],
  ['sla2.network', 'SLA2', 'availability', '99.99', 'year', ''],
  ['sla2.latency', 'SLA2', 'latency-bound', '10', 'month', ''],
  ['sla3.dns', 'SLA3', 'availability', '99.8', 'month', ''],
  ['sla3.ntp', 'SLA3', 'availability', '99.8', 'month', ''],
  ['sla3.dhcp', 'SLA3', 'availability', '99.8', 'month', ''],
  ['sla3.metadata', 'SLA3', 'availability', '99.8', 'month', ''],
  ['sla4.internet', 'SLA4', 'availability', '99.999', 'year', '*'],
  ['sla4.firewall', 'SLA4', 'availability', '99.8', 'month', '*'],
  ['sla4.api', 'SLA4', 'availability', '99.9', 'month', ''],
  ['sla5.lb', 'SLA5', 'availability', '99.78', 'month', ''],
  ['sla5.api', 'SLA5', 'availability', '99.9', 'month', ''],
  ['sla6.publish', 'SLA6', 'availability', '99.97', 'year', ''],
  ['sla6.access', 'SLA6', 'availability', '99.97', 'year', ''],
  ['sla6.durability', 'SLA6', 'durability', '99.9999999999', 'year', ''],
  ['sla7.volume', 'SLA7', 'availability', '99.7', 'month', ''],
  ['sla7.snapshot', 'SLA7', 'availability', '99.7', 'month', ''],
  ['sla7.snapshot-durability', 'SLA7', 'durability', '99.9999999999', '', ''],
  ['sla7.iops', 'SLA7', 'sampled-share', '90', 'month', ''],
  ['sla8.ephemeral', 'SLA8', 'none', '', 'month', ''],
  ['sla9.hardware', 'SLA9', 'availability', '99.7', 'month', ''],
  ['sla9.vm', 'SLA9', 'availability', '99.7', 'month', ''],
  ['sla9.api', 'SLA9', 'availability', '99.9', 'month', ''],
  ['sla10.gti1', 'SLA10', 'support', '15m', '', ''],
  ['sla10.gtr1', 'SLA10', 'support', '120m', '', ''],
  ['sla10.gti2', 'SLA10', 'support', '30m', '', ''],
  ['sla10.gtr2', 'SLA10', 'support', '240m', '', ''],
  ['sla10.gti3', 'SLA10', 'support', '60m', '', ''],
  ['sla10.gtr3', 'SLA10', 'support', '2880m working', '', ''],
];

function figureOf(row: ContractRow): string {
  switch (row.type) {
    case 'none':
      return '';
    case 'latency-bound':
      return String(row.bound);
    case 'support':
      return `${row.limit / 60_000}m${row.workingTime ? ' working' : ''}`;
    case 'availability':
    case 'sampled-share':
    case 'durability':
      return row.target;
  }
}

describe('config/contracts/outscale-secnumcloud.yaml', () => {
  const contract = shipped('outscale-secnumcloud');
  const rowOf = (id: string) => contract.rows.find((row) => row.id === id);

  it('holds every row of the agreement, SLA1 to SLA10, with its figure, its period and the star', () => {
    const rows = contract.rows.map((row) => [
      row.id,
      row.clause,
      row.type,
      figureOf(row),
      ('period' in row && row.period) || '',
      row.requires ? '*' : '',
    ]);
    expect(rows).toEqual(AGREEMENT);
  });

  it('deducts two minutes of each incident of Internet access, and of nothing else', () => {
    const deducting = contract.rows.filter((row) => 'incident' in row && row.incident.deduct > 0);
    expect(deducting.map(({ id }) => id)).toEqual(['sla4.internet']);
    expect(rowOf('sla4.internet')).toMatchObject({
      incident: { deduct: 120_000, mergeGap: 90_000, minimum: 0 },
    });
  });

  it('reads what the text leaves open as the client first, then as the provider (sla-math §7)', () => {
    expect(Object.entries(contract.readings)).toMatchObject([
      ['client', { maintenance: 'counts' }],
      [
        'provider',
        {
          maintenance: 'excluded',
          rows: { 'sla4.internet': { mergeGap: 0 }, 'sla2.latency': { allowedShare: '1' } },
        },
      ],
    ]);
    expect(rowOf('sla2.latency')).toMatchObject({ allowedShare: '0' });
  });

  it('acquires the durability of a snapshot after 24 h', () => {
    expect(rowOf('sla7.snapshot-durability')).toMatchObject({ acquiredAfter: 86_400_000 });
  });

  it('knows the subregions of the region, the zone and the working hours', () => {
    expect(contract.regions?.['cloudgouv-eu-west-1']?.subregions).toHaveLength(3);
    expect(contract.timezone).toBe('Europe/Paris');
    expect(contract.support?.calendar).toEqual({
      zone: 'Europe/Paris',
      days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      from: '08:00',
      to: '20:00',
      holidays: 'none',
    });
  });

  it('has no penalties, since the agreement’s table is not at hand', () => {
    expect(contract.penalties).toBeUndefined();
  });
});

describe('config/contracts/example-hosting.yaml', () => {
  it('differs in everything that a contract may differ in', () => {
    const contract = shipped('example-hosting');
    expect(contract.timezone).toBe('Etc/UTC');
    expect(Object.keys(contract.readings)).toEqual(['contract']);
    expect(contract.exclusions.effect).toBe('removed');
    expect(contract.rows[0]).toMatchObject({ period: 'month', incident: { minimum: 60_000 } });
    expect(contract.penalties?.[0]?.tiers?.map(({ credit }) => credit)).toEqual(['10', '25', '30', '100']);
  });
});

describe('contract: what a user may write', () => {
  const text = (more: string) => `
id: own
version: '1'
timezone: Europe/Paris
period: { month: calendar, year: { anniversary: "2024-09-15" } }
readings: { client: { maintenance: counts } }
rows:
  - id: sla4.internet
    clause: SLA4
    title: Availability of Internet access
    type: availability
    target: "99.999"
    period: year
    requires: all-subregions
    incident: { deduct: 2m, mergeGap: 90s, minimum: 0s }
${more}`;

  it.each([
    ['no penalties', '', undefined],
    ['penalties that are said to be none', 'penalties: null', undefined],
    ['penalties with nothing after the colon', 'penalties:', undefined],
    ['a formula', 'penalties: { formula: promised-minus-observed, cap: "30", claimWithin: 30d }', 1],
    ['a table', 'penalties: { rows: [sla4.internet], tiers: [{ below: "99.9", credit: "10" }] }', 1],
    [
      'a list of both',
      'penalties: [{ formula: promised-minus-observed }, { tiers: [{ below: "99", credit: "100" }] }]',
      2,
    ],
  ])('penalties: %s', (_, more, count) => {
    const { contract, problems } = loadContract('own.yaml', { readFile: () => text(more) });
    expect(problems).toEqual([]);
    expect(contract?.penalties?.length).toBe(count);
  });
});
