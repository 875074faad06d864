import { describe, expect, test } from 'vitest';
import {
  compactDuration,
  latencyText,
  NOTHING,
  percentOf,
  shareOf,
  timeOfDay,
} from '../../src/console/figures.ts';

describe('compactDuration', () => {
  test.each([
    [0, '0s'],
    [1, '0.001s'],
    [360, '0.36s'],
    [12_000, '12s'],
    [435_360, '435.36s'],
    [599_999, '599.999s'],
    [600_000, '10m'],
    [2_592_000, '43m12s'],
    [3_599_999, '59m59s'],
    [3_600_000, '1h'],
    [5_184_000, '1h26m'],
    [86_399_999, '23h59m'],
    [86_400_000, '1d'],
    [1_911_600_000, '22d3h'],
    [-640, '-0.64s'],
    [-5_184_000, '-1h26m'],
  ])('%d ms is %s', (ms, text) => {
    expect(compactDuration(ms)).toBe(text);
  });
});

describe('percentOf', () => {
  test.each([
    ['1', '99.9', '100%'],
    ['0', '99.9', '0%'],
    ['0.5', '99.9', '50%'],
    ['0.999', '99.9', '99.9%'],
    ['0.05', null, '5%'],
    ['0.0512345678901', null, '5.123456%'],
    // Worked examples A and A2 of the SLA mathematics: at four decimals both would print the target.
    ['0.999990011415525', '99.999', '99.999001%'],
    ['0.999989979705733', '99.999', '99.998997%'],
    ['0.999999999999999', '99.9', '99.999999%'],
    ['0.999999999999999', '99.9999999999', '99.9999999999999%'],
    ['0.899999999999999', '90', '89.999999%'],
    ['0.900000000000001', '90', '90.000000%'],
  ])('%s against %s is %s', (ratio, target, text) => {
    expect(percentOf(ratio, target)).toBe(text);
  });
});

describe('shareOf', () => {
  test.each([
    [1, 1, '100%'],
    [99_999, 100_000, '99.9%'],
    [973, 1_000, '97.3%'],
    [1, 1_000, '0.1%'],
    [1, 1_001, '<0.1%'],
    [0, 1_000, '0%'],
    [0, 0, NOTHING],
  ])('%d of %d is %s', (part, whole, text) => {
    expect(shareOf(part, whole)).toBe(text);
  });
});

test.each([
  [0, '0.00ms'],
  [0.414, '0.41ms'],
  [12.34, '12.3ms'],
  [870.4, '870ms'],
  [1_250, '1.25s'],
])('latencyText: %d ms is %s', (ms, text) => {
  expect(latencyText(ms)).toBe(text);
});

test('timeOfDay: of milliseconds and of RFC 3339, in UTC', () => {
  expect(timeOfDay(Date.parse('2026-03-15T10:14:08.999Z'))).toBe('10:14:08Z');
  expect(timeOfDay('2026-03-15T11:14:08.999+01:00')).toBe('10:14:08Z');
});
