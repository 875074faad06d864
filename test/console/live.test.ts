import { describe, expect, test } from 'vitest';
import { LiveScreen } from '../../src/console/live-screen.ts';
import type { LiveState } from '../../src/console/live-state.ts';
import { liveGist, liveView } from '../../src/console/live-view.ts';
import { widthOf } from '../../src/console/style.ts';
import { MARCH_SO_FAR_MS, SAMPLE_AT_MS, sampleIncident, sampleVerdict } from './sample-verdicts.ts';

const YEAR = {
  name: '2026',
  fromMs: Date.parse('2025-12-31T23:00:00.000Z'),
  toMs: Date.parse('2026-12-31T23:00:00.000Z'),
};

const DNS_INCIDENT = sampleIncident(72_000, { causes: ['refused', 'timeout'] });

/** A drill in its second minute: DNS is down, the Internet was for longer than the provider reads it. */
const DRILL: LiveState = {
  address: 'http://127.0.0.1:9464/',
  title: 'region in a box · contract outscale-secnumcloud · cloudgouv-eu-west-1',
  atMs: SAMPLE_AT_MS,
  verdicts: [
    sampleVerdict({
      row: 'sla3.dns',
      target: '99.8',
      budgetMs: 5_349_600,
      downtimeMs: { best: 68_000, estimate: 70_000, worst: 72_000, raw: 70_000 },
      remainingMs: 5_279_600,
      timeToBreachMs: 5_279_600,
      availability: { toDate: '0.999944277983814', bestAchievable: '0.99', final: null, worst: '0.9' },
      incidents: [DNS_INCIDENT],
      openIncident: DNS_INCIDENT,
    }),
    sampleVerdict({
      row: 'sla3.ntp',
      target: '99.8',
      budgetMs: 5_349_600,
      remainingMs: 5_349_600,
      timeToBreachMs: 5_349_600,
    }),
    sampleVerdict({
      row: 'sla4.internet',
      state: 'breached',
      target: '99.999',
      period: YEAR,
      budgetMs: 315_360,
      downtimeMs: { best: 316_000, estimate: 318_000, worst: 320_000, raw: 438_000 },
      remainingMs: -2_640,
      timeToBreachMs: 0,
      availability: { toDate: '0.999949861853292', bestAchievable: '0.9', final: null, worst: '0.9' },
    }),
    sampleVerdict({
      row: 'sla4.internet',
      reading: 'provider',
      target: '99.999',
      period: YEAR,
      budgetMs: 315_360,
      remainingMs: 15_360,
    }),
    sampleVerdict(),
    sampleVerdict({
      row: 'sla6.access',
      state: 'undecided',
      target: '99.97',
      period: YEAR,
      budgetMs: 9_460_800,
      downtimeMs: { best: 0, estimate: 0, worst: 6_310_800_000, raw: 0 },
      unknownMs: 6_310_800_000,
      remainingMs: 9_460_800,
      timeToBreachMs: 9_460_800,
    }),
    sampleVerdict({ row: 'sla7.volume', state: 'undecided', unknownMs: MARCH_SO_FAR_MS }),
    sampleVerdict({ row: 'sla7.volume', reading: 'provider', unknownMs: MARCH_SO_FAR_MS }),
    sampleVerdict({ row: 'sla8.ephemeral', state: 'no-commitment', unknownMs: MARCH_SO_FAR_MS }),
  ],
  checks: [
    { check: 'dns-udp', vantage: 'local', outcome: 'bad', cause: 'refused', latencyMs: 0.21 },
    { check: 'dns-tcp', vantage: 'local', outcome: 'bad', cause: 'refused', latencyMs: 0.34 },
    { check: 'ntp', vantage: 'local', outcome: 'good', latencyMs: 0.31 },
    { check: 'internet', vantage: 'local', outcome: 'good', latencyMs: 0.52 },
    { check: 'api-network', vantage: 'local', outcome: 'good', latencyMs: 1.84 },
    { check: 'object-get', vantage: 'local', outcome: 'waiting' },
  ],
  events: [
    { kind: 'note', atMs: SAMPLE_AT_MS - 600_000, text: 'watching began' },
    {
      kind: 'state-changed',
      atMs: SAMPLE_AT_MS - 300_000,
      member: 'sla4.internet',
      from: 'on-track',
      to: 'breached',
    },
    {
      kind: 'incident-closed',
      atMs: SAMPLE_AT_MS - 290_000,
      member: 'sla4.internet',
      badMs: 438_000,
      countedMs: 318_000,
    },
    { kind: 'fault-set', atMs: SAMPLE_AT_MS - 73_000, service: 'dns', fault: 'down' },
    {
      kind: 'incident-opened',
      atMs: SAMPLE_AT_MS - 68_000,
      member: 'sla3.dns',
      fromMs: DNS_INCIDENT.fromMs,
      causes: ['refused'],
    },
  ],
  services: [
    { key: 'a', name: 'api', summary: "the provider's API", fault: undefined },
    { key: 'b', name: 'dns', summary: 'DNS resolver, over UDP and TCP', fault: 'down' },
  ],
  next: ['Mend DNS and see its incident close.'],
  keys: 'letters: break or mend a service · q: end',
  page: 0,
};

describe('liveView', () => {
  test.each([80, 120])('at %d columns, as on file', async (width) => {
    const lines = liveView(DRILL, { width, colour: false, unicode: true });
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/live-${width}.txt`);
  });

  test('in colour, the same text', () => {
    const plain = liveView(DRILL, { width: 80, colour: false, unicode: true });
    const coloured = liveView(DRILL, { width: 80, colour: true, unicode: true });
    expect(coloured).not.toEqual(plain);
    // oxlint-disable-next-line no-control-regex -- escape sequences are what is taken out
    expect(coloured.map((line) => line.replace(/\u001b\[\d*m/g, ''))).toEqual(plain);
  });

  test('without signs beyond ASCII, ASCII only', () => {
    const text = liveView(DRILL, { width: 80, colour: false, unicode: false }).join('\n');
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  const paged = (height: number, page: number): readonly string[] =>
    liveView({ ...DRILL, page }, { width: 80, height, colour: false, unicode: true });

  test.each([30, 24, 20, 18, 10, 6, 3])(
    'on %d lines no page tells more than fits, and each tells the keys',
    (height) => {
      for (let page = 0; page < 12; page++) {
        const lines = paged(height, page);
        expect(lines.length).toBeLessThanOrEqual(height);
        expect(lines.at(-1)).toMatch(/letters: break or mend a service · q: end$/);
      }
    },
  );

  test.each([26, 24, 18, 10, 6])(
    'on %d lines the pages together tell everything, and begin anew',
    (height) => {
      const count = Number(/page 1\/(\d+)/.exec(paged(height, 0).at(-1) ?? '')?.[1]);
      expect(count).toBeGreaterThan(1);
      const all = Array.from({ length: count }, (_, page) => paged(height, page).join('\n')).join('\n');
      for (const told of [
        'sla3.dns',
        'sla6.access',
        'object-get',
        'since 11:58:48Z',
        "the provider's API",
        'Mend DNS',
      ])
        expect(all).toContain(told);
      expect(paged(height, count)).toEqual(paged(height, 0));
    },
  );

  test('on every page the incidents that are open are named', () => {
    for (let page = 0; page < 4; page++) expect(paged(18, page)[1]).toMatch(/1 incident open: sla3\.dns$/);
  });

  test('at 80 columns what is left of a budget has room beside the longest names', () => {
    const downtimeMs = { best: 6_000, estimate: 7_973, worst: 1_933_200_000, raw: 7_973 };
    const long = [
      sampleVerdict({ row: 'sla1.az', scope: 'cloudgouv-eu-west-1b', downtimeMs, remainingMs: 5_349_600 }),
      sampleVerdict({
        row: 'sla7.snapshot-durability',
        state: 'not-falsified',
        downtimeMs,
        remainingMs: 5_349_600,
      }),
    ];
    const text = liveView({ ...DRILL, verdicts: long }, { width: 80, colour: false, unicode: true }).join(
      '\n',
    );
    expect(text).toMatch(/^ {2}sla1\.az …-eu-west-1b .* 1h29m .*\d%$/m);
    expect(text).toMatch(/^ {2}sla7\.snapshot-durability .* 1h29m .*\d%$/m);
  });

  test('without a keyboard no letter is shown, and no page to be turned', () => {
    for (const height of [Number.POSITIVE_INFINITY, 20]) {
      const text = liveView(
        { ...DRILL, keys: '', services: DRILL.services.map((service) => ({ ...service, key: ' ' })) },
        { width: 80, colour: false, unicode: true, height },
      ).join('\n');
      expect(text).not.toMatch(/letter|space: next|q: end|^\s*a dns|, b /m);
    }
  });

  test('before anything was seen', () => {
    const empty = { ...DRILL, verdicts: [], checks: [], events: [], services: [], next: [], keys: '' };
    expect(liveView(empty, { width: 80, colour: false, unicode: true }).at(2)).toContain('no incident open');
  });
});

describe('liveGist', () => {
  test('does not change with latencies, budgets and time', () => {
    const later = {
      ...DRILL,
      atMs: DRILL.atMs + 1_000,
      verdicts: DRILL.verdicts.map((verdict) => ({ ...verdict, remainingMs: 1 })),
      checks: DRILL.checks.map((check) => ({ ...check, latencyMs: 9 })),
    };
    expect(liveGist(later)).toBe(liveGist(DRILL));
  });

  test.each([
    ['outcomes', { checks: DRILL.checks.slice(1) }],
    ['states', { verdicts: DRILL.verdicts.map((verdict) => ({ ...verdict, state: 'met' as const })) }],
    ['incidents', { verdicts: DRILL.verdicts.map((verdict) => ({ ...verdict, openIncident: null })) }],
    ['events', { events: [] }],
    ['faults', { services: [] }],
  ])('changes with %s', (_what, change) => {
    expect(liveGist({ ...DRILL, ...change })).not.toBe(liveGist(DRILL));
  });
});

describe('LiveScreen', () => {
  function screen(size: { columns: number; rows: number } | undefined) {
    const written: string[] = [];
    const terminal = { size };
    const live = new LiveScreen({
      write: (text) => written.push(text),
      size: () => terminal.size,
      quietMs: 10_000,
    });
    return { live, written, terminal };
  }
  const frame = (gist: string, ...lines: readonly string[]) => ({ lines, gist });

  test('on a terminal each picture replaces the one before', () => {
    const { live, written } = screen({ columns: 80, rows: 24 });
    live.show(frame('a', 'one', 'two'), 0);
    live.show(frame('a', 'three'), 1);
    live.show(frame('a', 'four'), 2);
    expect(written).toEqual([
      '\r\u001b[2Kone\n\u001b[2Ktwo\n\u001b[J',
      '\u001b[2A\r\u001b[2Kthree\n\u001b[J',
      '\u001b[1A\r\u001b[2Kfour\n\u001b[J',
    ]);
  });

  test('on a terminal that became narrower it goes up over the broken lines', () => {
    const { live, written, terminal } = screen({ columns: 80, rows: 24 });
    live.show(frame('a', '\u001b[31m12345678901\u001b[0m', ''), 0);
    terminal.size = { columns: 5, rows: 24 };
    live.show(frame('a', 'x'), 1);
    expect(written[1]?.startsWith('\u001b[4A\r')).toBe(true);
  });

  test('on a terminal that is too low it never writes to the last row', () => {
    const { live, written } = screen({ columns: 80, rows: 3 });
    live.show(frame('a', '1', '2', '3', '4'), 0);
    expect(written).toEqual(['\r\u001b[2K1\n\u001b[2K2\n\u001b[J']);
  });

  test('release: what comes next begins below', () => {
    const { live, written } = screen({ columns: 80, rows: 24 });
    live.show(frame('a', 'one'), 0);
    live.release();
    live.show(frame('a', 'two'), 1);
    expect(written[1]).toBe('\r\u001b[2Ktwo\n\u001b[J');
  });

  test('elsewhere a picture is written when something happened, and not too often', () => {
    const { live, written } = screen(undefined);
    live.show(frame('a', '1'), 0);
    live.show(frame('a', '2'), 50_000);
    live.show(frame('b', '3'), 60_000);
    live.show(frame('c', '4'), 65_000);
    live.show(frame('c', '5'), 69_999);
    live.show(frame('c', '6'), 70_000);
    expect(written).toEqual(['1\n\n', '3\n\n', '6\n\n']);
  });
});
