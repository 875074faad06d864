import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { replay } from '../../src/replay/replay.ts';
import { configOf } from './config-from.ts';

const AZS = ['cloudgouv-eu-west-1a', 'cloudgouv-eu-west-1b', 'cloudgouv-eu-west-1c'];
const check = (id: string, row: string, scope: string) =>
  `  - { id: ${id}, probe: tcp, row: ${row}, scope: ${scope}, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: ${id.length + id.charCodeAt(id.length - 1)} } }`;

/** Two machines and the network in each zone; the region is bad where two zones' networks are. */
const config = configOf({
  'contract.yaml': readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8'),
  'vigie.yaml': `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [${AZS.join(', ')}] }
vantages: [outside]
checks:
${AZS.flatMap((az, i) => ['vm-1', 'vm-2', 'net'].map((kind) => check(`${kind}-${'abc'[i]}`, 'sla1.az', az))).join('\n')}
${check('host-1', 'sla9.hardware', 'host-1')}
${check('host-2', 'sla9.hardware', 'host-2')}
rows:
  - { row: sla1.region, bad: { quorum: 2, of: [{ all: [vm-1-a, vm-2-a] }, { any: [net-b] }, net-c] } }
${AZS.map((az, i) => `  - { row: sla1.az, scope: ${az}, bad: { any: [net-${'abc'[i]}, { all: [vm-1-${'abc'[i]}, vm-2-${'abc'[i]}] }] } }`).join('\n')}
`,
});

const START = Date.parse('2026-03-10T12:00:00Z');
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

/** Minutes in which each is down, from noon. */
const DOWN: Readonly<Record<string, readonly [number, number]>> = {
  'vm-1-a': [0, 60],
  'vm-2-a': [20, 80],
  'net-b': [30, 90],
  'net-c': [80, 120],
  'host-2': [0, 10],
};

async function* seen(): AsyncGenerator<string> {
  for (const { id } of config.checks) {
    const about = { check: id, vantage: 'outside' };
    yield JSON.stringify({
      ...about,
      from: '2026-01-01T00:00:00+01:00',
      to: '2026-03-11T00:00:00Z',
      outcome: 'good',
    });
    const [from, to] = DOWN[id] ?? [0, 0];
    if (from < to)
      yield JSON.stringify({ ...about, from: at(from), to: at(to), outcome: 'bad', cause: 'timeout' });
  }
}

describe('rows composed of checks, through replay', () => {
  const judged = replay({ config, lines: seen(), atMs: Date.parse('2026-03-11T00:00:00Z'), periods: {} });
  const minutesDown = async (row: string): Promise<Readonly<Record<string, number>>> => {
    const verdicts = (await judged).filter((one: Verdict) => one.row === row && one.reading === 'client');
    return Object.fromEntries(verdicts.map(({ scope, downtimeMs }) => [scope, downtimeMs.estimate / 60_000]));
  };

  it('sla1.region: two of three, one of them a pair of machines that is down together', async () => {
    // The pair from 20 to 60, net-b from 30 to 90, net-c from 80 to 120: two at once from 30 to 60 and from 80 to 90.
    expect(await minutesDown('sla1.region')).toEqual({ region: 40 });
    const region = (await judged).find(({ row }) => row === 'sla1.region');
    expect(region?.incidents.map(({ fromMs, toMs }) => [fromMs - START, toMs - START])).toEqual([
      [30 * 60_000, 60 * 60_000],
      [80 * 60_000, 90 * 60_000],
    ]);
  });

  it('sla1.az: each zone by its own expression', async () => {
    expect(await minutesDown('sla1.az')).toEqual({
      'cloudgouv-eu-west-1a': 40,
      'cloudgouv-eu-west-1b': 60,
      'cloudgouv-eu-west-1c': 40,
    });
  });

  it('sla9.hardware: one verdict for each resource', async () => {
    expect(await minutesDown('sla9.hardware')).toEqual({ 'host-1': 0, 'host-2': 10 });
  });
});
