import { describe, expect, it } from 'vitest';
import { contractWith } from './make-judge.ts';
import { SlotTable } from './slot-table.ts';
import { MARCH, only, type Stage, stage, T, verdictsAt } from './stage.ts';

const HOUR = 3_600_000;

const readings = contractWith({}, { readings: { client: {}, provider: { maintenance: 'excluded' } } });

describe('a declared exclusion', () => {
  const outage: Stage = {
    contract: readings,
    exclusions: [{ fromMs: MARCH + 100 * T, toMs: MARCH + 104 * T }],
    seen: [
      ['c0', 0, 100, 'good'],
      ['c0', 100, 110, 'bad', 'timeout'],
      ['c0', 110, 200, 'good'],
    ],
    atSlot: 200,
  };

  it('takes bad time out where the reading honours its kind, and only there', () => {
    const [client, provider] = verdictsAt(outage);
    expect(client).toMatchObject({
      reading: 'client',
      downtimeMs: { estimate: 10 * T, raw: 10 * T },
      excludedMs: 0,
    });
    expect(provider).toMatchObject({
      reading: 'provider',
      downtimeMs: { estimate: 6 * T, raw: 6 * T },
      excludedMs: 4 * T,
    });
  });

  it.each([
    ['another row', { rows: ['other'] }],
    ['another scope', { scopes: ['az-b'] }],
    ['another check', { checks: ['c1'] }],
  ])('of %s takes nothing out', (_, restriction) => {
    const [, provider] = verdictsAt({
      ...outage,
      exclusions: [{ ...outage.exclusions?.[0], ...restriction }],
    });
    expect(provider?.downtimeMs.estimate).toBe(10 * T);
  });

  it('of one check leaves what another check of the row saw', () => {
    const [, provider] = verdictsAt({
      ...outage,
      checks: [{}, {}],
      exclusions: [{ fromMs: MARCH + 100 * T, toMs: MARCH + 110 * T, checks: ['c0'] }],
      seen: [
        ...outage.seen,
        ['c1', 0, 108, 'good'],
        ['c1', 108, 112, 'bad', 'refused'],
        ['c1', 112, 200, 'good'],
      ],
    });
    expect(provider?.downtimeMs.estimate).toBe(4 * T);
    expect(provider?.excludedMs).toBe(8 * T);
  });

  it('leaves the denominator alone, unless the contract says that it is removed', () => {
    const removing = contractWith(
      {},
      { readings: { only: { maintenance: 'excluded' } }, exclusions: { effect: 'removed' } },
    );
    const [, kept] = verdictsAt(outage);
    const removed = only({ ...outage, contract: removing });
    expect(kept?.budgetMs).toBe((31 * 24 * HOUR) / 1_000);
    expect(removed.budgetMs).toBe((31 * 24 * HOUR - 4 * T) / 1_000);
    expect(removed.availability.toDate).toBe(String(1 - (6 * T) / (196 * T)).slice(0, 17));
  });
});

describe('an excluded slot', () => {
  it('is neither down nor unknown, and its time is told', () => {
    const verdict = only({
      seen: [
        ['c0', 0, 50, 'good'],
        ['c0', 50, 60, 'excluded', 'throttled'],
        ['c0', 60, 100, 'good'],
      ],
      atSlot: 100,
    });
    expect(verdict.downtimeMs).toEqual({ best: 0, estimate: 0, worst: 0, raw: 0 });
    expect(verdict).toMatchObject({ excludedMs: 10 * T, unknownMs: 0 });
  });
});

describe('a cause that a reading excuses', () => {
  it('makes down slots excluded under that reading alone', () => {
    const [client, provider] = verdictsAt({
      contract: contractWith(
        {},
        { readings: { client: {}, provider: { causes: { 'platform-throttle': 'excluded' } } } },
      ),
      seen: [
        ['c0', 0, 50, 'good'],
        ['c0', 50, 53, 'bad', 'platform-throttle'],
        ['c0', 53, 57, 'bad', 'timeout'],
        ['c0', 57, 100, 'good'],
      ],
      atSlot: 100,
    });
    expect(client?.downtimeMs).toEqual({ best: 6 * T, estimate: 7 * T, worst: 8 * T, raw: 7 * T });
    expect(client?.incidents[0]?.causes).toEqual(['platform-throttle', 'timeout']);
    // The slot before the four is excluded, so worst cannot reach back into it.
    expect(provider?.downtimeMs).toEqual({ best: 3 * T, estimate: 4 * T, worst: 4 * T, raw: 4 * T });
    expect(provider?.excludedMs).toBe(3 * T);
  });
});

describe('a single vantage', () => {
  const oneSlot: Stage['seen'] = [
    ['c0', 0, 50, 'good'],
    ['c0', 50, 51, 'bad', 'timeout'],
    ['c0', 51, 100, 'good'],
  ];

  it('is not believed before `confirm` slots: the estimate has nothing, the worst case has it', () => {
    const verdict = only({ checks: [{ confirm: 2 }], seen: oneSlot, atSlot: 100 });
    expect(verdict.downtimeMs).toEqual({ best: 0, estimate: 0, worst: 2 * T, raw: 0 });
    expect(verdict.incidents).toEqual([]);
  });

  it('needs no confirmation where several vantages agree', () => {
    const verdict = only({ checks: [{ confirm: 2, vantages: ['a', 'b', 'c'] }], seen: oneSlot, atSlot: 100 });
    expect(verdict.downtimeMs).toEqual({ best: 0, estimate: T, worst: 2 * T, raw: T });
  });
});

describe('the state of a row', () => {
  const BUDGET_MS = 2_678_400;
  const march = { name: '2026-03', fromMs: MARCH, toMs: Date.UTC(2026, 3, 1) };

  it('is on-track while even the worst case is within the budget', () => {
    expect(only({ seen: [['c0', 0, 100, 'good']], atSlot: 100 }).state).toBe('on-track');
  });

  it('is breached once the best case is over the budget, whatever comes', () => {
    const verdict = only({
      seen: [
        ['c0', 0, 100, 'good'],
        ['c0', 100, 369, 'bad', 'timeout'],
      ],
      atSlot: 369,
    });
    expect(verdict.downtimeMs.best).toBe(268 * T);
    expect(verdict.budgetMs).toBe(BUDGET_MS);
    expect(verdict.state).toBe('breached');
    expect(verdict.timeToBreachMs).toBe(0);
    expect(verdict.remainingMs).toBe(BUDGET_MS - 269 * T);
  });

  it('is undecided while the budget lies between best and worst', () => {
    expect(
      only({
        seen: [
          ['c0', 0, 100, 'good'],
          ['c0', 100, 368, 'bad', 'timeout'],
        ],
        atSlot: 368,
      }).state,
    ).toBe('undecided');
  });

  it('is met when downtime equals the budget exactly, and breached one slot beyond', () => {
    // 0.5 % of 600 slots are three; the excluded slot before them keeps the worst case at three, too.
    const contract = contractWith({ target: '99.5' });
    const period = { name: 'p', fromMs: MARCH, toMs: MARCH + 600 * T };
    const stateAfter = (bad: number, vantages: readonly string[]): string | undefined => {
      const given: Stage = {
        contract,
        checks: [{ vantages }],
        seen: [
          ['c0', 0, 1, 'excluded', 'throttled'],
          ['c0', 1, 1 + bad, 'bad', 'timeout'],
          ['c0', 1 + bad, 601, 'good'],
        ],
        atSlot: 601,
      };
      const { judge, tables } = stage(given);
      judge.advance(
        tables.get('c0')?.bits(MARCH / T, MARCH / T + 601) ?? new SlotTable('c0', T).bits(0, 0),
        MARCH + 601 * T,
      );
      return [...judge.verdicts(MARCH + 601 * T, () => period)][0]?.state;
    };
    expect(stateAfter(3, ['a', 'b', 'c'])).toBe('met');
    expect(stateAfter(5, ['a', 'b', 'c'])).toBe('breached');
  });

  it('is not-applicable on a starred row where the deployment does not cover the region', () => {
    const starred = {
      contract: contractWith({ requires: 'all-subregions' }),
      seen: [],
      atSlot: 1,
    } satisfies Stage;
    expect(only({ ...starred, coversRegion: false })).toMatchObject({
      state: 'not-applicable',
      eligible: false,
    });
    expect(only({ ...starred, coversRegion: true }).eligible).toBe(true);
    expect(only({ ...starred, coversRegion: null })).toMatchObject({ eligible: null, state: 'on-track' });
  });

  it('is no-commitment where nothing is promised, however long it is down', () => {
    const verdict = only({
      contract: contractWith({}, { rows: [{ id: 'row', clause: 'C', title: 'T', type: 'none' }] }),
      seen: [['c0', 0, 1_000, 'bad', 'timeout']],
      atSlot: 1_000,
    });
    expect(verdict).toMatchObject({
      state: 'no-commitment',
      budgetMs: null,
      remainingMs: null,
      timeToBreachMs: null,
    });
    expect(verdict.downtimeMs.raw).toBe(1_000 * T);
  });

  it('of the month that is over is closed by its last slot, not by the clock', () => {
    const { judge, tables } = stage({
      seen: [['c0', 0, 31 * 24 * 360 - 1, 'good']],
      atSlot: 0,
    });
    const table = tables.get('c0');
    const end = march.toMs;
    if (!table) throw new Error('no table');
    judge.advance(table.bits(MARCH / T, end / T), end);
    expect([...judge.verdicts(end, () => march)][0]).toMatchObject({
      state: 'on-track',
      availability: { final: null },
    });
    judge.advance(table.bits(MARCH / T, end / T + 2), end + 2 * T);
    expect([...judge.verdicts(end + 2 * T, () => march)][0]).toMatchObject({ state: 'met', unknownMs: T });
  });
});

describe('a row', () => {
  it('without any check is unknown all along, and undecided once that exceeds its budget', () => {
    const verdict = only({ checks: [], seen: [], atSlot: 1_000 });
    expect(verdict).toMatchObject({ scope: 'region', unknownMs: 1_000 * T, state: 'undecided' });
    expect(verdict.downtimeMs).toMatchObject({ best: 0, estimate: 0, worst: 1_000 * T });
    expect(verdict.availability.toDate).toBeNull();
    expect(verdict.rolling['1h']).toMatchObject({ burnRate: null, coverage: 0 });
  });

  it('has one verdict per scope', () => {
    const verdicts = verdictsAt({
      checks: [{ scope: 'az-b' }, { scope: 'az-a' }],
      seen: [
        ['c0', 0, 100, 'bad', 'timeout'],
        ['c1', 0, 100, 'good'],
      ],
      atSlot: 100,
    });
    expect(verdicts.map(({ scope, downtimeMs }) => [scope, downtimeMs.estimate])).toEqual([
      ['az-a', 0],
      ['az-b', 100 * T],
    ]);
  });

  it('is composed as configured instead of by any', () => {
    const seen: Stage['seen'] = [
      ['c0', 0, 50, 'good'],
      ['c0', 50, 60, 'bad', 'timeout'],
      ['c0', 60, 100, 'good'],
      ['c1', 0, 55, 'good'],
      ['c1', 55, 65, 'bad', 'refused'],
      ['c1', 65, 100, 'good'],
    ];
    const any = only({ checks: [{}, {}], seen, atSlot: 100 });
    const all = only({
      checks: [{}, {}],
      compositions: [{ row: 'row', scope: 'region', bad: { all: ['c0', 'c1'] } }],
      seen,
      atSlot: 100,
    });
    expect(any.downtimeMs.estimate).toBe(15 * T);
    expect(all.downtimeMs.estimate).toBe(5 * T);
    expect(all.incidents[0]?.causes).toEqual(['refused', 'timeout']);
  });
});

describe('what nobody saw', () => {
  it('has no availability, though its slots are still awaited', () => {
    const verdict = only({ checks: [{ intervalMs: 3_600_000 }], seen: [], atSlot: 30 });
    expect(verdict.unknownMs).toBe(0);
    expect(verdict.availability).toMatchObject({ toDate: null, final: null });
    expect(verdict.rolling['1h']).toMatchObject({ coverage: 0, burnRate: null });
  });

  it('does not end an incident that is open', () => {
    const seen: Stage['seen'] = [
      ['c0', 0, 50, 'good'],
      ['c0', 50, 60, 'bad', 'timeout'],
    ];
    expect(only({ seen, atSlot: 70 }).openIncident).toMatchObject({ badMs: 10 * T });
    const up: Stage['seen'] = [...seen, ['c0', 65, 66, 'good']];
    expect(only({ seen: up, atSlot: 70 }).openIncident).toBeNull();
  });
});

describe('an open incident', () => {
  const merging = contractWith({ incident: { mergeGap: '90s' } });
  const bad: Stage['seen'] = [
    ['c0', 0, 50, 'good'],
    ['c0', 50, 60, 'bad', 'timeout'],
  ];
  const openAt = (atSlot: number, after: Stage['seen']): boolean =>
    only({ contract: merging, seen: [...bad, ...after], atSlot }).openIncident !== null;

  it('stays open for the merge gap, in which the next bad slot would join it', () => {
    expect(openAt(69, [['c0', 60, 100, 'good']])).toBe(true);
    expect(openAt(70, [['c0', 60, 100, 'good']])).toBe(false);
  });

  it('that was seen to be up again is not kept open by what is unseen later', () => {
    expect(openAt(90, [['c0', 60, 62, 'good']])).toBe(false);
    expect(openAt(90, [])).toBe(true);
  });
});

describe('the causes of an incident', () => {
  const two = {
    checks: [{}, {}],
    seen: [
      ['c0', 0, 50, 'good'],
      ['c0', 50, 60, 'bad', 'timeout'],
      ['c0', 60, 100, 'good'],
      ['c1', 0, 50, 'good'],
      ['c1', 50, 60, 'bad', 'refused'],
      ['c1', 60, 100, 'good'],
    ],
    atSlot: 100,
  } satisfies Stage;
  const causesOf = (given: Stage): readonly string[] | undefined => only(given).incidents[0]?.causes;
  const excluding = { kind: 'attack', fromMs: MARCH + 50 * T, toMs: MARCH + 60 * T, checks: ['c1'] } as const;

  it('are those of every check that was down in it', () => {
    expect(causesOf(two)).toEqual(['refused', 'timeout']);
  });

  it('are not those of a check whose time is excluded', () => {
    expect(causesOf({ ...two, exclusions: [excluding] })).toEqual(['timeout']);
    expect(causesOf({ ...two, exclusions: [{ ...excluding, toMs: MARCH + 59 * T }] })).toEqual([
      'refused',
      'timeout',
    ]);
  });

  it('are not those of a single vantage that is not believed yet', () => {
    const seen: Stage['seen'] = [
      ...two.seen.slice(0, 4),
      ['c1', 50, 51, 'bad', 'refused'],
      ['c1', 51, 100, 'good'],
    ];
    expect(causesOf({ ...two, checks: [{}, { confirm: 2 }], seen })).toEqual(['timeout']);
  });
});

describe('Judge.declare', () => {
  const outage = {
    contract: readings,
    seen: [
      ['c0', 0, 100, 'good'],
      ['c0', 100, 110, 'bad', 'timeout'],
      ['c0', 110, 200, 'good'],
    ],
    atSlot: 200,
  } satisfies Stage;
  const exclusion = {
    id: 'x0',
    kind: 'maintenance',
    fromMs: MARCH + 100 * T,
    toMs: MARCH + 104 * T,
    reason: 'why',
    author: 'who',
  } as const;

  it('judges as if the exclusion had been there from the beginning, and again as if it had not', () => {
    const { judge, tables } = stage(outage);
    const nowMs = MARCH + 200 * T;
    judge.advance(tables.get('c0')?.bits(MARCH / T, nowMs / T) ?? new SlotTable('c0', T).bits(0, 0), nowMs);
    const before = [...judge.verdicts(nowMs)];
    expect(before).toEqual(verdictsAt(outage));
    judge.declare([exclusion]);
    expect([...judge.verdicts(nowMs)]).toEqual(verdictsAt({ ...outage, exclusions: [exclusion] }));
    judge.declare([{ ...exclusion, rows: ['another'] }]);
    expect([...judge.verdicts(nowMs)]).toEqual(before);
  });
});

describe('Judge.counterfactuals', () => {
  it('give the verdict with and without each kind that was declared, whatever the reading does with it', () => {
    const given: Stage = {
      contract: readings,
      exclusions: [
        { kind: 'maintenance', fromMs: MARCH + 100 * T, toMs: MARCH + 104 * T },
        { kind: 'attack', fromMs: MARCH + 103 * T, toMs: MARCH + 106 * T },
        { kind: 'force-majeure', fromMs: MARCH, toMs: MARCH + T, rows: ['another'] },
      ],
      seen: [
        ['c0', 0, 100, 'good'],
        ['c0', 100, 110, 'bad', 'timeout'],
        ['c0', 110, 200, 'good'],
      ],
      atSlot: 200,
    };
    const { judge, tables } = stage(given);
    const nowMs = MARCH + 200 * T;
    judge.advance(tables.get('c0')?.bits(MARCH / T, nowMs / T) ?? new SlotTable('c0', T).bits(0, 0), nowMs);
    const figures = judge.examined({ row: 'row' }, nowMs).map((examined) =>
      judge.counterfactuals(examined, nowMs).map(({ kind, honoured, excluded, counted }) => ({
        kind,
        honoured,
        slots: [excluded, counted].map(({ downtimeMs }) => downtimeMs.estimate / T),
      })),
    );
    // The client reads maintenance as counting, the provider as excluded; both exclude an attack.
    expect(figures).toEqual([
      [
        { kind: 'maintenance', honoured: false, slots: [4, 7] },
        { kind: 'attack', honoured: true, slots: [7, 10] },
      ],
      [
        { kind: 'maintenance', honoured: true, slots: [4, 7] },
        { kind: 'attack', honoured: true, slots: [4, 6] },
      ],
    ]);
  });
});

describe('rolling windows', () => {
  it('give the burn rate of what was seen, and none where more than half was not', () => {
    const verdict = only({
      seen: [
        ['c0', 0, 354, 'good'],
        ['c0', 354, 360, 'bad', 'timeout'],
      ],
      atSlot: 360,
    });
    // One minute of five, against a budget of one in a thousand.
    expect(verdict.rolling['5m']).toMatchObject({ downtimeMs: 60_000, unknownMs: 0, coverage: 1 });
    expect(verdict.rolling['5m']?.burnRate).toBeCloseTo(200, 9);
    expect(verdict.rolling['1h']?.burnRate).toBeCloseTo(1_000 / 60, 9);
    // Two hours reach back to before the first observation: half is unknown, not more.
    expect(verdict.rolling['2h']?.burnRate).toBeCloseTo(1_000 / 60, 9);
    expect(verdict.rolling['6h']).toMatchObject({ burnRate: null, unknownMs: 5 * HOUR });
  });
});

describe('time to breach', () => {
  it('waits for the minimum length of an incident that does not count yet', () => {
    const contract = contractWith({ incident: { minimum: '1h' } });
    const budgetMs = (31 * 24 * HOUR) / 1_000;
    const quiet = only({ contract, seen: [['c0', 0, 100, 'good']], atSlot: 100 });
    expect(quiet.timeToBreachMs).toBe(HOUR);
    expect(budgetMs).toBeLessThan(HOUR);
    const open = only({
      contract,
      seen: [
        ['c0', 0, 100, 'good'],
        ['c0', 100, 160, 'bad', 'timeout'],
      ],
      atSlot: 160,
    });
    expect(open.downtimeMs.estimate).toBe(0);
    expect(open.timeToBreachMs).toBe(HOUR - 60 * T);
  });
});

describe('Judge.restore', () => {
  it('goes on from what was saved as if it had never stopped', () => {
    const given: Stage = {
      seen: [
        ['c0', 0, 100, 'good'],
        ['c0', 100, 130, 'bad', 'timeout'],
        ['c0', 130, 300, 'good'],
        ['c0', 310, 400, 'good'],
      ],
      atSlot: 400,
    };
    const { judge: first, tables } = stage(given);
    const table = tables.get('c0');
    if (!table) throw new Error('no table');
    const atMs = MARCH + 120 * T;
    first.advance(table.bits(MARCH / T, atMs / T), atMs);
    const saved = first.unsaved('c0');
    if (!saved) throw new Error('nothing to save');
    first.markSaved('c0');
    expect(first.unsaved('c0')).toMatchObject({ fromMs: saved.cursorMs, transitions: [] });

    const { judge: second } = stage({ ...given, seen: [] });
    second.restore('c0', saved.transitions, saved.cursorMs);
    const endMs = MARCH + 400 * T;
    second.advance(table.bits(saved.cursorMs / T, endMs / T), endMs);
    first.advance(table.bits(saved.cursorMs / T, endMs / T), endMs);
    expect([...second.verdicts(endMs)]).toEqual([...first.verdicts(endMs)]);
    expect([...second.verdicts(endMs)][0]).toMatchObject({
      downtimeMs: { estimate: 30 * T },
      unknownMs: 10 * T,
    });
    // Only what is new is to be saved: the end of the outage, the gap, and the end of the gap.
    expect(first.unsaved('c0')?.transitions.map(({ state }) => state)).toEqual(['U', '?', 'U']);
  });

  it('marks the rest of a cut slot unknown where the interval has changed', () => {
    const { judge } = stage({ checks: [{ intervalMs: 60_000 }], seen: [], atSlot: 0 });
    judge.restore('c0', [{ atMs: MARCH, state: 'U', causes: [], contested: false }], MARCH + 3 * T);
    expect(judge.cursorMs('c0')).toBe(MARCH + 60_000);
    expect([...judge.verdicts(MARCH + 60_000)][0]?.unknownMs).toBe(3 * T);
  });
});
