import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import { exclusionJson } from '../../src/register/exclusion-json.ts';
import { foldExclusions, inForce } from '../../src/register/exclusions.ts';
import { exclusionEntry, type ExclusionEvent } from '../../src/register/exclusion-event.ts';
import { exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import { ReplayError } from '../../src/replay/read-lines.ts';
import { replayExclusions } from '../../src/replay/exclusions.ts';
import { configOf } from './config-from.ts';

const CONFIG = configOf({
  'contract.yaml': `
id: hosting
version: "1"
timezone: Europe/Paris
period: {}
readings: { only: {} }
rows: [{ id: web, clause: C, title: T, type: availability, target: "99.9", period: month }]
`,
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [a]
checks: [{ id: web, probe: tcp, row: web, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }]
exclusions:
  - { id: own, kind: attack, from: "2026-03-01T00:00:00Z", to: "2026-03-01T01:00:00Z", reason: r, author: a }
`,
});
const OWN = CONFIG.exclusions;
const AT = Date.parse('2026-04-01T00:00:00Z');

const FLOOD = {
  id: 'flood',
  kind: 'attack',
  from: '2026-03-10T22:00:00+01:00',
  to: '2026-03-11T00:00:00+01:00',
  rows: ['web'],
  reason: 'flood',
  author: 'ann',
};
const WEEKLY = {
  id: 'weekly',
  kind: 'maintenance',
  recurs: {
    every: 'week',
    on: ['sun'],
    at: '02:30',
    for: '1h',
    zone: 'Europe/Paris',
    from: '2026-03-20',
    until: '2026-04-06',
  },
  reason: 'patch',
  author: 'ann',
};

async function* linesOf(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}
const told = (texts: readonly string[], atMs = AT): Promise<readonly DeclaredExclusion[]> =>
  replayExclusions({ config: CONFIG, lines: linesOf(texts), atMs });
const replayed = (...lines: readonly object[]) => told(lines.map((line) => JSON.stringify(line)));
const idsOf = (exclusions: readonly DeclaredExclusion[]): readonly string[] =>
  exclusions.slice(OWN.length).map(({ id }) => id);

const MARCH_20 = '2026-03-20T12:00:00Z';
const declared = (exclusion: object = FLOOD, at = MARCH_20) => ({
  event: 'declared',
  exclusion,
  source: 'person',
  at,
});
const decided = (event: 'confirmed' | 'withdrawn', id: string, at = '2026-03-21T12:00:00Z') => ({
  event,
  id,
  author: 'bob',
  reason: 'seen',
  at,
});

describe('replayExclusions: the three shapes of a line', () => {
  it('takes one as the configuration writes it, once or coming back by the clocks of its zone', async () => {
    const [own, flood, ...weekly] = await replayed(FLOOD, WEEKLY);
    expect([own]).toEqual(OWN);
    expect(flood).toEqual({
      id: 'flood',
      kind: 'attack',
      fromMs: Date.parse(FLOOD.from),
      toMs: Date.parse(FLOOD.to),
      rows: ['web'],
      reason: 'flood',
      author: 'ann',
    });
    // On 29 March 02:30 is skipped, and from then on the clocks are an hour ahead.
    expect(weekly.map(({ fromMs, toMs }) => [new Date(fromMs).toISOString(), toMs - fromMs])).toEqual([
      ['2026-03-22T01:30:00.000Z', 3_600_000],
      ['2026-03-29T01:30:00.000Z', 3_600_000],
      ['2026-04-05T00:30:00.000Z', 3_600_000],
    ]);
  });

  it('takes events of the ledger: declared counts at once, proposed when confirmed, withdrawn no more', async () => {
    expect(idsOf(await replayed(declared()))).toEqual(['flood']);
    const proposed = { ...declared(), event: 'proposed', source: 'status feed' };
    expect(idsOf(await replayed(proposed))).toEqual([]);
    expect(idsOf(await replayed(proposed, decided('confirmed', 'flood')))).toEqual(['flood']);
    expect(idsOf(await replayed(declared(), decided('withdrawn', 'flood')))).toEqual([]);
  });

  it('uses no event at or after the instant that is judged at, and marks when the others were entered', async () => {
    const events = [declared(), decided('withdrawn', 'flood', '2026-04-01T00:00:00Z')];
    const [, flood] = await replayed(...events);
    expect(flood).toMatchObject({ id: 'flood', enteredAtMs: Date.parse(MARCH_20) });
    const texts = events.map((event) => JSON.stringify(event));
    expect(idsOf(await told(texts, AT + 1))).toEqual([]);
    expect(idsOf(await told(texts, Date.parse(MARCH_20)))).toEqual([]);
  });

  it('takes the document that `exclude list --output json` prints, and its members as lines', async () => {
    const events: readonly ExclusionEvent[] = [
      { event: 'declared', exclusion: FLOOD, statement: exclusionStatementSchema.parse(FLOOD), source: 'p' },
      {
        event: 'declared',
        exclusion: WEEKLY,
        statement: exclusionStatementSchema.parse(WEEKLY),
        source: 'p',
      },
      ...(['gone', 'kept'] as const).map((id) => {
        const exclusion = { ...FLOOD, id };
        return {
          event: 'proposed' as const,
          exclusion,
          statement: exclusionStatementSchema.parse(exclusion),
          source: 'feed',
        };
      }),
      { event: 'withdrawn', id: 'gone', author: 'bob', reason: 'none' },
    ];
    const entries = events.map((event, i) => ({ ...exclusionEntry(event, 1_000), sequence: i + 1 }));
    const listed = [...foldExclusions(entries).exclusions.values()];
    const members = [
      { ...exclusionJson(listed[0] ?? fail()), id: 'own', source: 'configuration' },
      ...listed.map(exclusionJson),
    ];
    const expected = [...OWN, ...inForce(listed)];
    expect(await told(JSON.stringify({ exclusions: members }, null, 2).split('\n'))).toEqual(expected);
    expect(await told([JSON.stringify({ exclusions: members })])).toEqual(expected);
    expect(await replayed(...members)).toEqual(expected);
  });

  it('counts a line once however often it is said, and passes over blank ones', async () => {
    const line = JSON.stringify(declared());
    expect(idsOf(await told([line, '', line, '  ']))).toEqual(['flood']);
  });
});

function fail(): never {
  throw new Error('nothing is listed');
}

describe('replayExclusions: what cannot be used is named by line and field', () => {
  const recurs = (more: object) => ({ ...WEEKLY, recurs: { ...WEEKLY.recurs, ...more } });

  it.each([
    ['a torn line', '{"id":"x"', 'not a complete JSON object'],
    ['no id', { ...FLOOD, id: undefined }, 'id is missing, expected an id'],
    ['an unknown kind', { ...FLOOD, kind: 'weather' }, 'kind is "weather", expected one of maintenance'],
    [
      'an unknown row',
      { ...FLOOD, rows: ['wed'] },
      'rows[0] is "wed", expected a row of the contract; did you',
    ],
    ['an unknown check', { ...FLOOD, checks: ['x'] }, 'checks[0] is "x", expected a check of the config'],
    ['an empty span', { ...FLOOD, to: FLOOD.from }, 'expected an instant later than `from`'],
    [
      'an unknown time zone',
      recurs({ zone: 'Europe/Pari' }),
      'recurs.zone is "Europe/Pari", expected an IANA',
    ],
    [
      'a recurrence without end',
      recurs({ until: undefined }),
      'recurs.until is missing, expected its last date',
    ],
    [
      'a rule without end',
      {
        ...WEEKLY,
        recurs: { ...WEEKLY.recurs, every: undefined, on: undefined, until: undefined, rrule: 'FREQ=DAILY' },
      },
      'expected either COUNT or UNTIL: nothing is declared for ever',
    ],
    ['an unknown state', { ...FLOOD, state: 'off' }, '"state" is "off", expected one of proposed, in-force'],
    ['a listed one without spans', { ...FLOOD, state: 'in-force' }, '"spans" is missing, expected a list of'],
    [
      'an unknown event',
      { ...declared(), event: 'dropped' },
      '"event" is "dropped", expected one of declared',
    ],
    ['an event without its time', { ...declared(), at: undefined }, '"at" is missing, expected'],
    [
      'an event of nothing',
      { ...declared(), exclusion: 'x' },
      '"exclusion" is "x", expected what is excluded',
    ],
  ])('%s', async (_, line, message) => {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    const result = told([JSON.stringify({ ...FLOOD, id: 'first' }), '', text]);
    await expect(result).rejects.toThrow(ReplayError);
    await expect(result).rejects.toMatchObject({ line: 3, message: expect.stringContaining(message) });
  });

  it.each([
    ['an id twice', [FLOOD, { ...FLOOD, reason: 'x' }], '"id" is "flood", as that of line 1 is'],
    [
      'an id of the configuration',
      [{ ...FLOOD, id: 'own' }],
      '"id" is "own", as one of the configuration is',
    ],
    [
      'a decision on nothing',
      [decided('withdrawn', 'x')],
      '"id" is "x", expected an exclusion of a line before',
    ],
    [
      'a second withdrawal',
      [declared(), decided('withdrawn', 'flood'), decided('withdrawn', 'flood', '2026-03-22T00:00:00Z')],
      'exclusion "flood": "withdrawn" at 2026-03-22T00:00:00.000Z, but it was withdrawn on line 2',
    ],
    [
      'one that overlaps what was withdrawn under the same id',
      [declared(), decided('withdrawn', 'flood'), declared({ ...FLOOD, to: '2026-03-11T01:00:00+01:00' })],
      '"id" is "flood", as that of line 2 is; expected an id of its own',
    ],
    [
      'a confirmation of what was withdrawn',
      [declared(), decided('withdrawn', 'flood'), decided('confirmed', 'flood', '2026-03-22T00:00:00Z')],
      'but it was withdrawn on line 2',
    ],
    [
      'a confirmation of what is in force',
      [declared(), decided('confirmed', 'flood')],
      'but it is in force since line 1: there is nothing to confirm',
    ],
    [
      'a withdrawal before it was there',
      [declared(), decided('withdrawn', 'flood', '2026-03-01T00:00:00Z')],
      'but it was not there before 2026-03-20T12:00:00.000Z',
    ],
  ])('%s', async (_, lines, message) => {
    await expect(replayed(...lines)).rejects.toMatchObject({
      line: lines.length,
      message: expect.stringContaining(message),
    });
  });

  it('names the line within the document that lists exclusions', async () => {
    const listed = { ...FLOOD, state: 'in-force', spans: [{ from: FLOOD.from, to: FLOOD.to }], history: [] };
    const document = { exclusions: [listed, { ...listed, id: 'other', kind: 'weather' }] };
    const lines = JSON.stringify(document, null, 2).split('\n');
    await expect(told(lines.slice(0, 3))).rejects.toMatchObject({ line: 1 });
    const second = lines.findIndex((line, i) => i > 3 && line === '    {') + 1;
    await expect(told(lines)).rejects.toMatchObject({
      line: second,
      message: expect.stringContaining('weather'),
    });
    await expect(told(['{"exclusions": 3}'])).rejects.toMatchObject({ line: 1 });
    await expect(told(['{"exclusions": [', '3]}'])).rejects.toMatchObject({
      line: 2,
      message: 'exclusions[0] is 3, expected an exclusion',
    });
  });
});

describe('replayExclusions: of overlapping ones, withdrawn or not (fast-check)', () => {
  const event = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    event: fc.constantFrom('declared', 'proposed', 'confirmed', 'withdrawn'),
    day: fc.integer({ min: 1, max: 9 }),
  });

  it('has in force what the ledger has at that instant, each by its own life alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 10 }),
        fc.integer({ min: 1, max: 10 }),
        async (given, atDay) => {
          const history = [...given].sort((a, b) => a.day - b.day);
          const entered = possible(history);
          const dayMs = (day: number): number => Date.UTC(2026, 2, day);
          const lines = entered.map(({ id, event: what, day }) => {
            const at = new Date(dayMs(day)).toISOString();
            return what === 'confirmed' || what === 'withdrawn'
              ? decided(what, id, at)
              : { ...declared({ ...FLOOD, id }, at), event: what };
          });
          const known = entered.filter(({ day }) => day < atDay);
          const expected = ['a', 'b', 'c'].filter((id) => {
            const own = known.filter((one) => one.id === id).map((one) => one.event);
            const counts = own.includes('declared') || own.includes('confirmed');
            return counts && !own.includes('withdrawn');
          });
          const found = idsOf(
            await told(
              lines.map((line) => JSON.stringify(line)),
              dayMs(atDay),
            ),
          );
          expect([...found].sort()).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Only what can follow on what was said before, the slow way: an opening once, then what is still open. */
function possible<Event extends { readonly id: string; readonly event: string }>(
  events: readonly Event[],
): readonly Event[] {
  return events.filter((one, i) => {
    const before = possible(events.slice(0, i)).filter(({ id }) => id === one.id);
    const was = before.map(({ event: what }) => what);
    if (one.event === 'declared' || one.event === 'proposed') return was.length === 0;
    if (was.length === 0 || was.includes('withdrawn')) return false;
    return one.event === 'withdrawn' || (was[0] === 'proposed' && !was.includes('confirmed'));
  });
}
