import { describe, expect, it } from 'vitest';
import { periodNamed } from '../../src/contract/periods.ts';
import {
  contractAt,
  promisesOf,
  ruledPeriods,
  versionsOf,
  type WholePeriods,
} from '../../src/contract/rule-history.ts';
import { contractSchema } from '../../src/contract/schema.ts';

const contract = (from: string | undefined, rows: readonly object[], zone = 'Europe/Paris') =>
  contractSchema.parse({
    id: 'test',
    version: from ?? 'first',
    timezone: zone,
    period: {},
    readings: { only: {} },
    ...(from !== undefined && { effective: { from, replaces: 'former.yaml' } }),
    rows: rows.map((row) => ({ clause: 'C', title: 'T', type: 'availability', period: 'year', ...row })),
  });
const web = (target: string) => ({ id: 'web', target });

function partsOf(latest: ReturnType<typeof contract>, ...former: ReturnType<typeof contract>[]) {
  const year = periodNamed(latest, '2026')?.period;
  const wholeOf: WholePeriods = (kind) => (kind === 'year' ? year : undefined);
  return promisesOf(versionsOf({ contract: latest, formerContracts: former })).map((promise) => [
    promise.row,
    ruledPeriods(promise, wholeOf, latest.timezone).map(({ rules, period }) => [period.name, rules.target]),
  ]);
}

describe('ruledPeriods', () => {
  it('follows a chain of contracts, and joins what one of them did not change', () => {
    const first = contract(undefined, [web('99')]);
    const second = contract('2026-03-01', [web('99.9')]);
    const third = contract('2026-07-01', [web('99.9')]);
    const fourth = contract('2026-10-01', [web('99.99')]);
    expect(partsOf(fourth, third, second, first)).toEqual([
      [
        'web',
        [
          ['2026@2026-01-01', '99'],
          ['2026@2026-03-01', '99.9'],
          ['2026@2026-10-01', '99.99'],
        ],
      ],
    ]);
    expect(partsOf(second, first)).toEqual([
      [
        'web',
        [
          ['2026@2026-01-01', '99'],
          ['2026@2026-03-01', '99.9'],
        ],
      ],
    ]);
  });

  it('begins a row with the contract that adds it, and ends one with that which drops it', () => {
    const former = contract(undefined, [web('99'), { id: 'old', target: '99' }]);
    const latest = contract('2026-07-01', [{ id: 'new', target: '99.5' }, web('99')]);
    expect(partsOf(latest, former)).toEqual([
      ['new', [['2026@2026-07-01', '99.5']]],
      ['web', [['2026', '99']]],
      ['old', [['2026@2026-01-01', '99']]],
    ]);
  });

  it('cuts at midnight in the zone of the contract, and leaves other years alone', () => {
    const versions = versionsOf({
      contract: contract('2026-07-01', [web('99.9')]),
      formerContracts: [contract(undefined, [web('99')])],
    });
    expect(versions.map(({ fromMs }) => fromMs)).toEqual([-Infinity, Date.parse('2026-06-30T22:00:00Z')]);
    expect(contractAt(versions, Date.parse('2026-06-30T21:59:59.999Z')).version).toBe('first');
    expect(contractAt(versions, Date.parse('2026-06-30T22:00:00Z')).version).toBe('2026-07-01');
    const [promise] = promisesOf(versions);
    const later = periodNamed(contract(undefined, [web('99')]), '2027')?.period;
    expect(promise && ruledPeriods(promise, () => later, 'Europe/Paris').map(({ period }) => period)).toEqual(
      [later],
    );
  });

  it('cuts nothing where a contract takes effect with the year itself', () => {
    expect(partsOf(contract('2026-01-01', [web('99.9')]), contract(undefined, [web('99')]))).toEqual([
      ['web', [['2026', '99.9']]],
    ]);
  });
});
