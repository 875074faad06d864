import { describe, expect, test } from 'vitest';
import { lineOf, type Seeing, simulate, simulated, slotMs } from './alert-simulation.ts';

const DAY_SLOTS = 8640;
const ROWS = ['sla4.internet', 'sla4.api', 'sla3.dns'];

/** The alerts that begin, each at its slot; those that tickets are made of left out if so wanted. */
async function begun(vantages: readonly string[], slots: number, isBad: (slot: number) => boolean) {
  const see: Seeing = (slot) => (isBad(slot) ? 'bad' : 'good');
  const told = await simulate(simulated(ROWS, vantages), slots, see);
  return told.filter(({ what }) => what === 'fires').map(lineOf);
}

const pages = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes(' page '));

/** A small generator of pseudo-random numbers in [0, 1), the same on every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('alerts over simulated time', () => {
  test('24 hours of 0.1 % random failures of single vantages: no page', { timeout: 240_000 }, async () => {
    const random = seeded(7);
    let failures = 0;
    const told = await simulate(simulated(ROWS, ['a', 'b', 'c']), DAY_SLOTS, () => {
      const fails = random() < 0.001;
      failures += Number(fails);
      return fails ? 'bad' : 'good';
    });
    expect(failures).toBeGreaterThan(50);
    expect(pages(told.map(lineOf))).toEqual([]);
  });

  test('an outage of 30 s pages for the 99.999 % row at its first slot, and for no other', async () => {
    const lines = await begun(['a', 'b', 'c'], 60, (slot) => slot >= 30 && slot < 33);
    expect(lines).toEqual(['30 page VigieIncident sla4.internet']);
  });

  test('one vantage alone pages for it when the outage is confirmed', async () => {
    const lines = await begun(['a'], 60, (slot) => slot >= 30 && slot < 33);
    expect(lines).toEqual(['31 page VigieIncident sla4.internet']);
  });

  test('an outage of five minutes: each row once at its threshold, the escalation at half of what there was', async () => {
    const lines = await begun(['a', 'b', 'c'], 90, (slot) => slot >= 30 && slot < 60);
    expect(pages(lines)).toEqual([
      '30 page VigieIncident sla4.internet',
      '35 page VigieIncident sla4.api',
      '40 page VigieIncident sla3.dns',
      '51 page VigieTimeToBreach sla4.internet',
    ]);
  });

  test('half a minute down in every five: no incident pages for 99.9 %, the burn rate does', async () => {
    const lines = await begun(['a', 'b', 'c'], 400, (slot) => slot >= 210 && slot % 30 < 3);
    expect(pages(lines).filter((line) => line.endsWith('sla4.api'))).toEqual([
      '243 page VigieBudgetBurn sla4.api',
    ]);
  });
});

describe('hysteresis by slots', () => {
  const INTERNET = ['sla4.api'];
  const three = ['a', 'b', 'c'];
  const down =
    (...spans: readonly (readonly [number, number])[]): Seeing =>
    (slot) =>
      spans.some(([from, to]) => slot >= from && slot < to) ? 'bad' : 'good';

  test('an alert begins when its incident did, and ends when no slot was bad for five', async () => {
    const told = await simulate(simulated(INTERNET, three), 80, down([30, 40]));
    expect(told.map(lineOf)).toEqual([
      '35 page VigieIncident sla4.api',
      '45 ends page VigieIncident sla4.api',
    ]);
    expect(told[0]?.alert.state.startsMs).toBe(slotMs(30));
  });

  test('flapping is one alert: good for three slots at a time', async () => {
    const spans = [30, 46, 52, 58, 64].map((from) => [from, from === 30 ? 43 : from + 3] as const);
    const told = await simulate(simulated(INTERNET, three), 100, down(...spans));
    expect(told.filter(({ name }) => name === 'VigieIncident').map(({ what }) => what)).toEqual([
      'fires',
      'ends',
    ]);
  });

  test('what was not seen freezes the alert, for an hour at most', async () => {
    const blind: Seeing = (slot) => (slot < 30 ? 'good' : slot < 40 ? 'bad' : undefined);
    const told = await simulate(simulated(INTERNET, three), 460, blind);
    const incident = told.filter(({ name }) => name === 'VigieIncident');
    expect(incident.map(({ what, slot }) => [what, slot])).toEqual([
      ['fires', 35],
      // Slots 40 to 399 are the hour; an alert is kept for five more.
      ['ends', expect.toSatisfy((slot: number) => slot >= 400 && slot <= 408)],
    ]);
    expect(told.map(lineOf)).toContainEqual(expect.stringMatching(/^\d\d page VigieBlind sla4\.api$/));
  });

  test('a new process goes on with the alert, begun when it began', async () => {
    const told = await simulate(simulated(INTERNET, three), 80, down([30, 50]), 42);
    expect(told.map(lineOf)).toEqual([
      '35 page VigieIncident sla4.api',
      '55 ends page VigieIncident sla4.api',
    ]);
    expect(told[1]?.alert.state.startsMs).toBe(slotMs(30));
  });
});

describe('an outage of a row of each type', () => {
  test.each([
    ['sla4.internet', 'availability of five nines', 'bad', '30 page VigieIncident sla4.internet'],
    ['sla4.api', 'availability', 'bad', '35 page VigieIncident sla4.api'],
    ['sla2.latency', 'latency bound', 'bad', '59 page VigieLatency sla2.latency'],
    ['sla7.iops', 'sampled share', 'bad', '33 ticket VigieShareLow sla7.iops'],
    ['sla6.durability', 'durability', 'lost', '30 page VigieObjectLost sla6.durability'],
  ] as const)('%s (%s) %s: %s', async (row, _type, what, line) => {
    const see: Seeing = (slot) => (slot >= 30 && slot < 90 ? what : 'good');
    const told = await simulate(simulated([row], ['a', 'b', 'c']), 100, see);
    const ofName = told.filter(({ what: done, name }) => done === 'fires' && line.includes(name));
    expect(ofName.map(lineOf)).toEqual([line]);
  });
});

describe('who is told', () => {
  const see: Seeing = (slot) => (slot >= 30 && slot < 75 ? 'bad' : 'good');

  test('a starred row of a deployment that leaves out a subregion only makes tickets', async () => {
    const deployment = { subregions: ['cloudgouv-eu-west-1a'] };
    const told = await simulate(simulated(['sla4.internet'], ['a'], { deployment }), 80, see);
    expect(told.length).toBeGreaterThan(2);
    expect(new Set(told.map(({ severity }) => severity))).toEqual(new Set(['ticket']));
  });

  test('declared maintenance mutes pages and no tickets', async () => {
    const exclusions = [
      {
        id: 'mw',
        kind: 'maintenance',
        from: new Date(slotMs(0)).toISOString(),
        to: new Date(slotMs(70)).toISOString(),
        reason: 'upgrade',
        author: 'ops',
      },
    ];
    const told = await simulate(simulated(['sla4.internet'], ['a'], { exclusions }), 80, see);
    const first = told.find(({ severity }) => severity === 'page');
    expect(first && lineOf(first)).toBe('69 page VigieIncident sla4.internet');
    expect(told.filter(({ slot, severity }) => slot < 69 && severity === 'ticket').length).toBeGreaterThan(0);
  });
});
