import { describe, expect, it } from 'vitest';
import { contractWith } from './make-judge.ts';
import { MARCH, only, type Stage, stage, T, verdictsAt } from './stage.ts';
import { SlotTable } from './slot-table.ts';

const MARCH_PERIOD = { name: '2026-03', fromMs: MARCH, toMs: Date.UTC(2026, 3, 1) };
const YEAR_MS = 365 * 86_400_000;

describe('a row that promises a share of tests', () => {
  const contract = contractWith({ type: 'sampled-share', target: '90' });

  it('counts up slots as tests met and down slots as not met; excluded and unseen ones are no tests', () => {
    const verdict = only({
      contract,
      checks: [{ confirm: 5 }],
      seen: [
        ['c0', 10, 40, 'good'],
        ['c0', 40, 41, 'bad', 'slow'],
        ['c0', 41, 50, 'excluded', 'throttled'],
        ['c0', 60, 70, 'good'],
      ],
      atSlot: 100,
    });
    expect(verdict).toMatchObject({
      state: 'undecided',
      sample: { tests: 41, met: 40, share: 40 / 41, coverage: 0.41 },
      timeToBreachMs: null,
      budgetMs: MARCH_PERIOD.toMs / 10 - MARCH_PERIOD.fromMs / 10,
      availability: { toDate: '0.975609756097560', bestAchievable: null, final: null, worst: null },
    });
    expect(verdict.downtimeMs.estimate).toBe(T);
  });

  it('takes no test from time that is excluded under the reading, nor one for a cause that it excuses', () => {
    const given: Stage = {
      contract: contractWith(
        { type: 'sampled-share', target: '90' },
        { readings: { client: {}, provider: { maintenance: 'excluded', causes: { slow: 'excluded' } } } },
      ),
      exclusions: [{ fromMs: MARCH + 5 * T + 1, toMs: MARCH + 9 * T }],
      seen: [
        ['c0', 0, 10, 'good'],
        ['c0', 10, 20, 'bad', 'slow'],
      ],
      atSlot: 20,
    };
    // Slots 6, 7 and 8 begin within the exclusion; slot 5 began before it.
    expect(verdictsAt(given).map(({ sample }) => [sample?.tests, sample?.met])).toEqual([
      [20, 10],
      [7, 7],
    ]);
  });

  it('adds up the tests of all its checks', () => {
    const { sample } = only({
      contract,
      checks: [{}, {}],
      seen: [
        ['c0', 0, 100, 'good'],
        ['c1', 50, 90, 'bad', 'slow'],
      ],
      atSlot: 100,
    });
    expect(sample).toMatchObject({ tests: 140, met: 100, coverage: 0.7 });
  });

  it('is met only once its period is over, and breached as soon as the interval lies below the target', () => {
    const after = (slots: number, bad: number) =>
      only({
        contract,
        seen: [
          ['c0', 0, bad, 'bad', 'slow'],
          ['c0', bad, slots, 'good'],
        ],
        atSlot: slots,
      }).state;
    expect(after(1_000, 0)).toBe('undecided');
    expect(after(1_000, 130)).toBe('breached');
    const { judge, tables } = stage({ contract, seen: [['c0', 0, 267_842, 'good']], atSlot: 0 });
    const end = MARCH_PERIOD.toMs + 2 * T;
    judge.advance(tables.get('c0')?.bits(MARCH / T, end / T) ?? new SlotTable('c0', T).bits(0, 0), end);
    expect([...judge.verdicts(end, () => MARCH_PERIOD)][0]).toMatchObject({
      state: 'met',
      sample: { tests: 267_840, met: 267_840 },
      availability: { final: '1' },
    });
  });

  it('has no share and no interval before the first test', () => {
    expect(only({ contract, seen: [], atSlot: 100 })).toMatchObject({
      state: 'undecided',
      sample: { tests: 0, met: 0, share: null, lower: null, upper: null, coverage: 0 },
      availability: { toDate: null },
    });
  });
});

describe('a row that promises durability', () => {
  const contract = contractWith({ type: 'durability', target: '99.9999999999' });
  const calm: Stage = {
    contract,
    checks: [{ objects: 100 }],
    seen: [['c0', 0, 1_000, 'good']],
    atSlot: 1_000,
  };

  it('is not-falsified without a loss, and says what that is worth', () => {
    const verdict = only(calm);
    const objectYears = (100 * 1_000 * T) / YEAR_MS;
    expect(verdict).toMatchObject({
      state: 'not-falsified',
      budgetMs: null,
      remainingMs: null,
      timeToBreachMs: null,
      pace: null,
      availability: { toDate: null, bestAchievable: null, final: null, worst: null },
      durability: { objectYears },
    });
    expect(verdict.durability?.yearlyLossBound).toBeCloseTo(1 - 0.05 ** (1 / objectYears), 12);
    // About 3/(1 − T*): twelve nines take three times ten to the twelve.
    expect(verdict.durability?.objectYearsNeeded).toBeCloseTo(2.995_732e12, -7);
    expect(verdict.durability?.statement).toMatch(
      /^No loss was seen in 0\.0317 object-years: .* no sampling can reach\.$/,
    );
  });

  it('has an upper bound of about 3/N', () => {
    const { durability } = only({ ...calm, checks: [{ objects: 9_460_800_000 }] });
    expect(durability?.objectYears).toBeCloseTo(3_000_000, 6);
    expect((durability?.yearlyLossBound ?? 0) * 3_000_000).toBeCloseTo(2.995_73, 4);
  });

  it.each(['lost', 'altered'] as const)('is breached by one slot in which an object is %s', (cause) => {
    const verdict = only({
      ...calm,
      checks: [{ confirm: 5, vantages: ['a'] }],
      seen: [
        ['c0', 0, 500, 'good'],
        ['c0', 500, 501, 'bad', cause],
        ['c0', 501, 1_000, 'good'],
      ],
    });
    expect(verdict).toMatchObject({ state: 'breached', incidents: [{ causes: [cause] }] });
    expect(verdict.durability?.statement).toContain('the promise is broken');
  });

  it('takes any other trouble for not having been able to look', () => {
    const verdict = only({
      ...calm,
      seen: [
        ['c0', 0, 500, 'good'],
        ['c0', 500, 600, 'bad', 'timeout'],
        ['c0', 600, 1_000, 'good'],
      ],
    });
    expect(verdict).toMatchObject({ state: 'not-falsified', unknownMs: 100 * T, incidents: [] });
    expect(verdict.downtimeMs).toEqual({ best: 0, estimate: 0, worst: 100 * T, raw: 0 });
    expect(verdict.durability?.objectYears).toBe((100 * 900 * T) / YEAR_MS);
  });

  it('is undecided where nobody has looked', () => {
    expect(only({ ...calm, seen: [] })).toMatchObject({
      state: 'undecided',
      durability: { yearlyLossBound: 1 },
    });
  });

  it('is judged by years where the contract names no period', () => {
    const unsaid = contractWith({ type: 'durability', target: '99.9', period: undefined });
    expect(only({ ...calm, contract: unsaid }).period.name).toBe('2026');
  });
});

describe('a row that promises nothing, and one of support', () => {
  it('break nothing: the one has no commitment, the other is not judged from slots', () => {
    const contract = contractWith(
      {},
      {
        rows: [
          { id: 'none', clause: 'C', title: 'T', type: 'none' },
          { id: 'help', clause: 'C', title: 'T', type: 'support', severity: 1, clock: 'gti', limit: '1h' },
        ],
      },
    );
    expect(
      verdictsAt({ contract, checks: [], seen: [], atSlot: 10 }).map(({ row, state }) => [row, state]),
    ).toEqual([['none', 'no-commitment']]);
  });
});
