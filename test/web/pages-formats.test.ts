import { describe, expect, test } from 'vitest';
import {
  countText,
  coverageText,
  durationText,
  instantText,
  latencyText,
  percentText,
  targetText,
} from '../../src/web/pages/formats.ts';
import { neighbour } from '../../src/web/pages/period-links.ts';
import { agree } from '../../src/web/pages/slot-strips.ts';

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('durationText: exact, in the largest units', () => {
  test.each([
    [0, '0 s'],
    [10, '10 ms'],
    [1_000, '1 s'],
    [315_360, '5 min 15.36 s'],
    [2_674_800, '44 min 34.8 s'],
    [94_608_000, '1 d 2 h 16 min 48 s'],
    [86_400_000, '1 d'],
    [-200, '−200 ms'],
    [-61_001, '−1 min 1.001 s'],
  ])('%d ms: %s', (ms, text) => {
    expect(plain(durationText(ms, 'en'))).toBe(text);
  });
  test('French has its own mark and its own day', () => {
    expect(plain(durationText(86_715_360, 'fr'))).toBe('1 j 5 min 15,36 s');
  });
  test('in working time a day is not 24 hours: hours are the largest unit', () => {
    expect(plain(durationText(172_800_000, 'en', 'h'))).toBe('48 h');
  });
});

describe('percentText: never better than it is', () => {
  test.each([
    ['1', '100 %'],
    ['0', '0 %'],
    ['0.99998765', '99.998765 %'],
    ['0.99999', '99.999 %'],
    ['0.9', '90 %'],
    ['0.05', '5 %'],
    ['0.999999999999999', '99.99999999 %'],
    ['-0.5', '−50 %'],
  ])('%s: %s', (ratio, text) => {
    expect(plain(percentText(ratio, 'en'))).toBe(text);
  });
  test('in French', () => {
    expect(plain(percentText('0.99999', 'fr'))).toBe('99,999 %');
    expect(plain(targetText('99.78', 'fr'))).toBe('99,78 %');
  });
});

test('coverageText: rounded down, so that only all of it is 100 %', () => {
  expect(plain(coverageText(0.9999, 'en'))).toBe('99.9 %');
  expect(plain(coverageText(1, 'en'))).toBe('100 %');
  expect(plain(coverageText(0.7, 'en'))).toBe('70 %');
});

test('instantText: by the wall clocks of the zone, with the offset, through the change to summer time', () => {
  const paris = (instant: string): string => plain(instantText(instant, 'Europe/Paris'));
  expect(paris('2026-03-29T00:59:59.000Z')).toBe('2026-03-29 01:59:59 +01:00');
  expect(paris('2026-03-29T01:00:00.250Z')).toBe('2026-03-29 03:00:00.250 +02:00');
});

test('latencyText, countText', () => {
  expect(plain(latencyText(12.34, 'fr'))).toBe('12,3 ms');
  expect(plain(latencyText(1234.5, 'en'))).toBe('1235 ms');
  expect(plain(countText(12_345, 'fr'))).toBe('12 345');
});

describe('neighbour: the period beside one', () => {
  test.each([
    ['2026-03', 'month', -1, '2026-02'],
    ['2026-01', 'month', -1, '2025-12'],
    ['2026-12', 'month', 1, '2027-01'],
    ['2026', 'year', 1, '2027'],
    ['2026@2026-07-01', 'year', -1, '2025'],
    ['odd', null, 1, undefined],
  ] as const)('%s, a %s, %d: %s', (name, kind, step, other) => {
    expect(neighbour(name, kind, step)).toBe(other);
  });
});

describe('agree: whether vantages saw the same in the last slot that any saw', () => {
  const of = (...slots: readonly (readonly ('good' | 'bad' | 'absent' | 'waiting')[])[]) =>
    agree({ vantages: slots.map((own, i) => ({ vantage: `v${i}`, slots: own })) });
  test('alike', () => expect(of(['bad', 'good'], ['good', 'good'])).toBe(true));
  test('not alike', () => expect(of(['good', 'good'], ['good', 'bad'])).toBe(false));
  test('what is not heard yet, or not seen, is no disagreement', () => {
    expect(of(['good', 'good', 'waiting'], ['good', 'absent', 'waiting'])).toBe(true);
  });
  test('nobody, nothing', () => {
    expect(of()).toBe(true);
    expect(of(['absent'], ['waiting'])).toBe(true);
  });
});
