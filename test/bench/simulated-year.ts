import { readFileSync } from 'node:fs';
import { shippedContract } from '../../src/config/local-files.ts';
import { CAUSES, type Cause } from '../../src/core/cause.ts';

/** How large a simulated year is. */
export interface YearSize {
  readonly checks: number;
  readonly tickets: number;
}

/** The instant up to which the year is told: an hour before it ends, so that year and month are going on. */
export const YEAR_AT = '2026-12-31T22:00:00.000Z';

const VANTAGES = ['az-a', 'az-b', 'az-c'];
const ZONES = ['cloudgouv-eu-west-1a', 'cloudgouv-eu-west-1b', 'cloudgouv-eu-west-1c'];
const SLOT_MS = 10_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.parse('2026-01-01T00:00:00+01:00');
const END_MS = Date.parse('2027-01-01T00:00:00+01:00');

/** Every row of the shipped contract that a check can measure; those promised individually have many members. */
const ROWS: readonly { readonly row: string; readonly scopes?: number }[] = [
  { row: 'sla1.region' },
  { row: 'sla1.az', scopes: ZONES.length },
  { row: 'sla2.network' },
  { row: 'sla2.latency' },
  { row: 'sla3.dns' },
  { row: 'sla3.ntp' },
  { row: 'sla3.dhcp' },
  { row: 'sla3.metadata' },
  { row: 'sla4.internet' },
  { row: 'sla4.firewall' },
  { row: 'sla4.api' },
  { row: 'sla5.lb' },
  { row: 'sla5.api' },
  { row: 'sla6.publish' },
  { row: 'sla6.access' },
  { row: 'sla6.durability' },
  { row: 'sla7.volume', scopes: 40 },
  { row: 'sla7.snapshot' },
  { row: 'sla7.snapshot-durability' },
  { row: 'sla7.iops' },
  { row: 'sla9.hardware', scopes: 20 },
  { row: 'sla9.vm', scopes: 40 },
  { row: 'sla9.api' },
];

const checkId = (i: number): string => `c${String(i).padStart(4, '0')}`;

function scopeOf(row: (typeof ROWS)[number], round: number): string {
  const { scopes } = row;
  if (scopes === undefined) return 'region';
  if (scopes === ZONES.length) return ZONES[round % scopes] ?? 'region';
  return `${row.row}-${round % scopes}`;
}

/** The shipped contract with French holidays and penalties of somebody's own. */
export function yearContract(): string {
  return `${readFileSync(shippedContract('outscale-secnumcloud') ?? '', 'utf8').replace('holidays: none', 'holidays: fr')}
penalties:
  - { rows: [sla4.api, sla9.vm], tiers: [{ below: '99.9', credit: '10' }, { below: '99', credit: '25' }], cap: '30' }
  - { rows: [sla4.internet], formula: promised-minus-observed, cap: '30', claimWithin: 30d }
`;
}

/** The configuration: checks over all rows, three vantages, maintenance that comes back. JSON, which is YAML. */
export function yearConfiguration({ checks }: YearSize): string {
  const maintenance = {
    id: 'patch-days',
    kind: 'maintenance',
    recurs: {
      every: 'month',
      on: ['2tue'],
      at: '22:00',
      for: '2h',
      zone: 'Europe/Paris',
      from: '2026-01-01',
      until: '2026-12-31',
    },
    reason: 'patch day',
    author: 'ops',
  };
  return JSON.stringify({
    contract: 'contract.yaml',
    region: 'cloudgouv-eu-west-1',
    deployment: { subregions: ZONES },
    vantages: VANTAGES,
    checks: Array.from({ length: checks }, (_, i) => {
      const row = ROWS[i % ROWS.length] ?? { row: '' };
      return {
        id: checkId(i),
        probe: 'tcp',
        row: row.row,
        scope: scopeOf(row, Math.floor(i / ROWS.length)),
        interval: '10s',
        timeout: '3s',
        with: { host: '127.0.0.1', port: 1_000 + i },
      };
    }),
    exclusions: [maintenance],
  });
}

/** Exclusions that people entered, and one that was withdrawn, in JSON Lines. */
export function* yearExclusions(): Generator<string> {
  for (let month = 1; month <= 12; month++) {
    const day = `2026-${String(month).padStart(2, '0')}-20`;
    const exclusion = {
      id: `flood-${month}`,
      kind: 'attack',
      from: `${day}T10:00:00Z`,
      to: `${day}T11:30:00Z`,
      rows: ['sla4.internet', 'sla4.api'],
      reason: 'flood',
      author: 'ann',
    };
    const at = `${day}T12:00:00Z`;
    yield JSON.stringify({ event: 'declared', exclusion, source: 'person', at });
    if (month % 4 === 0)
      yield JSON.stringify({ event: 'withdrawn', id: exclusion.id, author: 'bob', reason: 'was none', at });
  }
}

/** Support tickets over the year in JSON Lines, not in order. */
export function* yearTickets({ tickets }: YearSize): Generator<string> {
  const random = randomFrom(7);
  for (let i = 0; i < tickets; i++) {
    const ticket = `INC-${i}`;
    const openedMs = START_MS + random(360) * DAY_MS + random(24 * 60) * MINUTE_MS;
    const told = (event: string, afterMinutes: number, more: object = {}): string =>
      JSON.stringify({ ticket, event, at: instant(openedMs + afterMinutes * MINUTE_MS), ...more });
    yield told('resolved', 200 + random(2_000));
    yield told('opened', 0, { severity: 1 + (i % 3), complete: true });
    yield told('responded', 5 + random(50));
    yield told('waiting', 60);
    yield told('resumed', 120 + random(60));
  }
}

/**
 * What three vantages saw of every check in the year, in JSON Lines: outages, blips of one vantage, blind spells of one
 * and of all, refusals, maintenance, flapping. The same for every run.
 */
export function* yearObservations({ checks }: YearSize): Generator<string> {
  for (let i = 0; i < checks; i++) {
    const row = ROWS[i % ROWS.length]?.row ?? '';
    yield* observationsOf(checkId(i), row, randomFrom(i + 1));
  }
}

type Random = (below: number) => number;

function* observationsOf(check: string, row: string, random: Random): Generator<string> {
  const anywhere = (): number => START_MS + random((END_MS - START_MS) / SLOT_MS) * SLOT_MS;
  const blindForAll = anywhere();
  for (const vantage of VANTAGES) {
    const blind = [blindForAll, anywhere(), anywhere()].sort((a, b) => a - b);
    const edges = blind.flatMap((from) => [from, from + 20 * MINUTE_MS]);
    for (const [j, from] of [START_MS, ...edges].entries()) {
      const to = [...edges, END_MS][j] ?? END_MS;
      if (j % 2 === 0 && from < to)
        yield line({ check, vantage, from: instant(from), to: instant(to), outcome: 'good' });
    }
    for (let j = 0; j < 100; j++)
      yield line({ check, vantage, slot: instant(anywhere()), outcome: 'bad', cause: causeOf(row, random) });
    for (let j = 0; j < 10; j++)
      yield line({ check, vantage, slot: instant(anywhere()), outcome: 'excluded', cause: 'throttled' });
  }
  for (let j = 0; j < 12; j++)
    yield* outage(check, anywhere(), (6 + random(234)) * SLOT_MS, causeOf(row, random), 2 + (j % 2));
  for (let j = 0; j < 3; j++) yield* flapping(check, anywhere(), causeOf(row, random));
  for (const month of [2, 5, 8])
    yield* outage(check, Date.UTC(2026, month, 10, 21), HOUR_MS, causeOf(row, random), 3);
}

function* flapping(check: string, fromMs: number, cause: Cause): Generator<string> {
  for (let flap = 0; flap < 10; flap++) yield* outage(check, fromMs + flap * MINUTE_MS, 30_000, cause, 3);
}

function* outage(
  check: string,
  fromMs: number,
  lengthMs: number,
  cause: Cause,
  seenBy: number,
): Generator<string> {
  const [from, to] = [instant(fromMs), instant(fromMs + lengthMs)];
  for (const vantage of VANTAGES.slice(0, seenBy))
    yield line({ check, vantage, from, to, outcome: 'bad', cause });
}

/** Objects are seldom lost, so that durability is judged on what was seen and on what was not. */
function causeOf(row: string, random: Random): Cause {
  if (row === 'sla6.durability') return 'timeout';
  if (row === 'sla2.latency' || row === 'sla7.iops') return 'slow';
  const plain = CAUSES.filter((cause) => ['timeout', 'refused', 'connect'].includes(cause));
  return plain[random(plain.length)] ?? 'timeout';
}

function line(fields: object): string {
  return JSON.stringify(fields);
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Whole numbers below a bound that follow from a seed. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * below);
  };
}
