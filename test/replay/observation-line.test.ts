import { describe, expect, it } from 'vitest';
import { LineError } from '../../src/replay/line-fields.ts';
import { parseObservationLine } from '../../src/replay/observation-line.ts';
import { judgedCheck } from '../judge/make-judge.ts';

const checks = new Map([['dns', judgedCheck({ id: 'dns', vantages: ['az-a', 'az-b'] })]]);
const parse = (fields: object) => parseObservationLine(JSON.stringify(fields), checks);
const good = { check: 'dns', vantage: 'az-a', outcome: 'good' };

describe('parseObservationLine', () => {
  it('reads one slot by its start, whatever the offset', () => {
    const slot = Date.UTC(2026, 2, 1) / 10_000;
    expect(parse({ ...good, slot: '2026-03-01T01:00:00.000+01:00' })).toMatchObject({
      fromSlot: slot,
      toSlot: slot + 1,
    });
  });

  it('takes from/to as every slot that starts in the span', () => {
    const first = Date.UTC(2026, 2, 1) / 10_000;
    const line = parse({ ...good, from: '2026-03-01T00:00:01Z', to: '2026-03-01T00:00:21Z' });
    expect(line).toMatchObject({ fromSlot: first + 1, toSlot: first + 3 });
  });

  it.each([
    ['a torn line', '{"check":"dns","vanta', 'not a complete JSON object'],
    ['a list', '[]', 'expected a JSON object'],
    ['an unknown check', JSON.stringify({ ...good, check: 'dsn' }), '"check" is "dsn"'],
    ['a missing vantage', JSON.stringify({ check: 'dns', outcome: 'good' }), '"vantage" is missing'],
    [
      'a vantage that is not expected',
      JSON.stringify({ ...good, vantage: 'mars' }),
      'expected one of az-a, az-b',
    ],
    ['an outcome of its own', JSON.stringify({ ...good, outcome: 'ok' }), '"outcome" is "ok"'],
    ['a cause of its own', JSON.stringify({ ...good, outcome: 'bad', cause: 'tired' }), '"cause" is "tired"'],
    ['no time', JSON.stringify(good), '"from" is missing'],
    [
      'an instant without offset',
      JSON.stringify({ ...good, slot: '2026-03-01T00:00:00' }),
      'an instant with an offset',
    ],
    [
      'a slot off the grid',
      JSON.stringify({ ...good, slot: '2026-03-01T00:00:03Z' }),
      "multiple of the check's interval",
    ],
    ['both forms', JSON.stringify({ ...good, slot: '2026-03-01T00:00:00Z', from: 'x' }), 'either "slot" or'],
    [
      'a span that ends before it begins',
      JSON.stringify({ ...good, from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }),
      'not before "from"',
    ],
  ])('refuses %s and says why', (_, text, message) => {
    expect(() => parseObservationLine(text, checks)).toThrow(LineError);
    expect(() => parseObservationLine(text, checks)).toThrow(message);
  });
});
