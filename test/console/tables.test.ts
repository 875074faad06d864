import { describe, expect, test } from 'vitest';
import { checkSummary, checkTable } from '../../src/console/check-table.ts';
import type { LastSeen } from '../../src/console/live-state.ts';
import { renderLine, type ScreenStyle, widthOf, wrap } from '../../src/console/style.ts';
import { isUnseen, verdictTable } from '../../src/console/verdict-table.ts';
import { VERDICT_STATES } from '../../src/core/verdict.ts';
import { MARCH_SO_FAR_MS, sampleIncident, sampleVerdict } from './sample-verdicts.ts';

const PLAIN: ScreenStyle = { width: 120, colour: false, unicode: true };

describe('renderLine', () => {
  test.each([
    ['cuts to the width', [{ text: 'abcdef' }], { ...PLAIN, width: 4 }, 'abc…'],
    ['cuts over pieces', [{ text: 'abc' }, { text: 'def' }], { ...PLAIN, width: 5 }, 'abcd…'],
    ['drops blanks at the end', [{ text: 'a ' }, { text: '  ' }], PLAIN, 'a'],
    [
      'colours by meaning',
      [{ text: 'a', tone: 'bad' as const }],
      { ...PLAIN, colour: true },
      '\u001b[31ma\u001b[0m',
    ],
    ['keeps to ASCII', [{ text: '▼ ≠ … é' }], { ...PLAIN, unicode: false }, '! # ~ é'],
    ['lets no control character through', [{ text: 'a\u001b[2Jb\u009bc\nd' }], PLAIN, 'a [2Jb c d'],
  ])('%s', (_what, pieces, style, line) => {
    expect(renderLine(pieces, style)).toBe(line);
  });
});

test.each([
  ['a b c', 3, ['a b', 'c']],
  ['a b c', 5, ['a b c']],
  ['a longword b', 4, ['a', 'longword', 'b']],
  ['a   b', 9, ['a   b']],
  ['', 3, ['']],
])('wrap: %j at %d columns', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

describe('verdictTable', () => {
  test('a row that is over, to the hundredth of a second', () => {
    const [heading, line] = verdictTable(
      [
        sampleVerdict({
          row: 'sla4.internet',
          state: 'undecided',
          target: '99.999',
          budgetMs: 315_360,
          downtimeMs: { best: 314_000, estimate: 316_000, worst: 318_000, raw: 436_000 },
          remainingMs: -640,
          timeToBreachMs: 0,
          availability: { toDate: '0.999989979705733', bestAchievable: '1', final: null, worst: '0' },
        }),
      ],
      PLAIN,
    );
    expect(`\n${heading}\n${line}\n`).toBe(`
  ROW            STATE         AVAILABLE   TARGET        DOWNTIME   BUDGET    LEFT  BREACH  SEEN
  sla4.internet  ? undecided  99.998997%  99.999%  314s/316s/318s  315.36s  -0.64s      0s  100%
`);
  });

  test('where nothing is promised, dashes', () => {
    const nothing = { target: null, budgetMs: null, remainingMs: null, timeToBreachMs: null };
    const availability = { toDate: null, bestAchievable: null, final: null, worst: null };
    const verdict = sampleVerdict({ row: 'sla8.x', state: 'no-commitment', ...nothing, availability });
    expect(verdictTable([verdict], PLAIN)[1]?.split(/ {2,}/)).toEqual([
      '',
      'sla8.x',
      '· no-commitment',
      '–',
      '–',
      '0s',
      '–',
      '–',
      '–',
      '100%',
    ]);
  });

  test('a scope that is not the region stands beside its row', () => {
    expect(verdictTable([sampleVerdict({ scope: 'vm-1' })], PLAIN)[1]).toContain('  sla4.api vm-1  ');
  });

  test('the final figure of a closed period goes before the one to date', () => {
    const availability = { toDate: '0.5', bestAchievable: '0.5', final: '0.25', worst: '0' };
    expect(verdictTable([sampleVerdict({ availability, state: 'breached' })], PLAIN)[1]).toContain(' 25% ');
  });

  test('seen: of the period so far, not of the whole', () => {
    const line = verdictTable([sampleVerdict({ unknownMs: MARCH_SO_FAR_MS / 4 })], PLAIN)[1];
    expect(line?.endsWith(' 75%')).toBe(true);
  });

  test('isUnseen: nothing was seen in the period so far', () => {
    expect(isUnseen(sampleVerdict({ unknownMs: MARCH_SO_FAR_MS }))).toBe(true);
    expect(isUnseen(sampleVerdict({ unknownMs: MARCH_SO_FAR_MS - 1 }))).toBe(false);
  });

  test('an open incident marks its row and has a line below it', () => {
    const incident = sampleIncident(72_345, {
      badMs: 70_000,
      countedMs: 70_000,
      causes: ['refused', 'timeout'],
    });
    const lines = verdictTable([sampleVerdict({ openIncident: incident })], PLAIN);
    expect(lines[1]?.startsWith('▼ sla4.api  ')).toBe(true);
    expect(lines[2]).toBe('    └ since 11:58:47Z, 72s ago: refused, timeout · 70s bad, 70s counted');
  });

  test('the first reading is shown; others only where they differ in state', () => {
    const lines = verdictTable(
      [
        sampleVerdict({ row: 'a' }),
        sampleVerdict({ row: 'a', reading: 'provider', remainingMs: 1 }),
        sampleVerdict({ row: 'b' }),
        sampleVerdict({ row: 'b', reading: 'provider', state: 'breached', remainingMs: -5_000 }),
      ],
      PLAIN,
    );
    expect(lines).toHaveLength(4);
    expect(lines[1]).not.toContain('≠');
    expect(lines[2]).toContain('✓ on-track ≠');
    expect(lines[3]).toBe('    ≠ provider: breached, -5s left');
  });

  test('of the members of a row the worst is on top, whatever their order', () => {
    const lines = verdictTable(
      [
        sampleVerdict({ row: 'a', scope: 'az-a' }),
        sampleVerdict({ row: 'a', scope: 'az-b', remainingMs: 5_000 }),
        sampleVerdict({ row: 'a', scope: 'az-c', state: 'breached', remainingMs: -1 }),
        sampleVerdict({ row: 'b' }),
      ],
      PLAIN,
    );
    expect(lines.slice(1).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      'a az-c',
      'a az-b',
      'a az-a',
      'b',
    ]);
  });

  test('the same member in two periods is two lines', () => {
    const february = { name: '2026-02', fromMs: 0, toMs: 1 };
    expect(verdictTable([sampleVerdict({ period: february }), sampleVerdict()], PLAIN)).toHaveLength(3);
  });

  test.each([
    [120, ['ROW', 'STATE', 'AVAILABLE', 'TARGET', 'DOWNTIME', 'BUDGET', 'LEFT', 'BREACH', 'SEEN']],
    [80, ['ROW', 'STATE', 'AVAILABLE', 'TARGET', 'DOWNTIME', 'LEFT', 'BREACH', 'SEEN']],
    [70, ['ROW', 'STATE', 'AVAILABLE', 'DOWNTIME', 'LEFT', 'BREACH', 'SEEN']],
    [60, ['ROW', 'STATE', 'AVAILABLE', 'DOWNTIME', 'LEFT', 'SEEN']],
  ])('at %d columns it has what fits', (width, titles) => {
    const [heading] = verdictTable([sampleVerdict()], { ...PLAIN, width });
    expect(heading?.trim().split(/ {2,}/)).toEqual(titles);
  });

  test.each(VERDICT_STATES)(
    '%s: no line is wider than 80 columns, nor of any other width asked for',
    (state) => {
      const verdicts = ['client', 'provider'].map((reading, index) =>
        sampleVerdict({
          row: 'sla7.snapshot-durability',
          reading,
          state: index === 0 ? state : 'met',
          target: '99.9999999999',
          availability: { toDate: '0.999999999999999', bestAchievable: null, final: null, worst: null },
          openIncident: sampleIncident(5_184_000),
          downtimeMs: { best: 5_180_000, estimate: 5_182_000, worst: 1_911_600_000, raw: 5_182_000 },
        }),
      );
      for (const width of [20, 40, 80, 120]) {
        const lines = verdictTable(verdicts, { width, colour: true, unicode: true });
        expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
      }
    },
  );
});

describe('checkTable', () => {
  const seen = (given: Partial<LastSeen>): LastSeen => ({
    check: 'dns',
    vantage: 'local',
    outcome: 'good',
    ...given,
  });

  test.each([
    [seen({ latencyMs: 0.414 }), '✓ dns 0.41ms'],
    [seen({ outcome: 'bad', cause: 'slow', latencyMs: 701.2 }), '✗ dns slow 701ms'],
    [seen({ outcome: 'bad', cause: 'refused' }), '✗ dns refused'],
    [seen({ outcome: 'excluded', cause: 'throttled', latencyMs: 3 }), '○ dns throttled 3.00ms'],
    [seen({ outcome: 'absent', cause: 'local-network' }), '? dns local-network'],
    [seen({ outcome: 'absent' }), '? dns absent'],
    [seen({ outcome: 'waiting' }), '· dns'],
  ])('%o', (last, line) => {
    expect(checkTable([last], PLAIN)).toEqual([line]);
  });

  test('in columns that are read downwards, as many as fit', () => {
    const checks = ['a', 'b', 'c', 'd', 'e'].map((check) => seen({ check, latencyMs: 1 }));
    expect(checkTable(checks, { ...PLAIN, width: 25 })).toEqual([
      '✓ a 1.00ms   ✓ d 1.00ms',
      '✓ b 1.00ms   ✓ e 1.00ms',
      '✓ c 1.00ms',
    ]);
    expect(checkTable(checks, { ...PLAIN, width: 22 })).toHaveLength(5);
    expect(checkTable(checks, { ...PLAIN, width: 120 })).toHaveLength(1);
  });

  test('names the vantage where there are several', () => {
    const lines = checkTable([seen({}), seen({ vantage: 'az-b' })], { ...PLAIN, width: 20 });
    expect(lines).toEqual(['✓ dns local', '✓ dns az-b']);
  });

  test('checkSummary: how many of each outcome, without those of which there are none', () => {
    const checks = [seen({}), seen({}), seen({ outcome: 'bad' }), seen({ outcome: 'waiting' })];
    expect(checkSummary(checks)).toBe('4 checks: 2 good, 1 bad, 1 waiting');
  });

  test('nothing to show: no lines', () => {
    expect(checkTable([], PLAIN)).toEqual([]);
  });
});
