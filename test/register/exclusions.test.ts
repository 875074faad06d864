import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type ExclusionStatement, exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import type { DeclaredExclusion } from '../../src/core/exclusion.ts';
import { ExclusionDesk } from '../../src/register/exclusion-desk.ts';
import { exclusionEntry } from '../../src/register/exclusion-event.ts';
import { configuredExclusions, foldExclusions, inForce } from '../../src/register/exclusions.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import type { Ledger } from '../../src/window/ledger.ts';

const FROM = Date.parse('2026-03-10T21:00:00Z');
const TO = Date.parse('2026-03-10T23:00:00Z');
const ANN = { author: 'ann', from: 'cli' };
const BOB = { author: 'bob', from: 'http 10.0.0.7' };

const given = (id: string, more: object = {}) => {
  const exclusion = {
    id,
    kind: 'attack',
    from: '2026-03-10T22:00:00+01:00',
    to: '2026-03-11T00:00:00+01:00',
    reason: 'flood',
    author: 'ann',
    ...more,
  };
  return { exclusion, statement: exclusionStatementSchema.parse(exclusion) };
};

const WEEKLY = {
  from: undefined,
  to: undefined,
  recurs: {
    every: 'week',
    on: ['tue'],
    at: '22:00',
    for: '2h',
    zone: 'Europe/Paris',
    from: '2026-03-20',
    until: '2026-04-10',
  },
};

describe('ExclusionDesk', () => {
  let ledger: Ledger;
  let desk: ExclusionDesk;
  let nowMs = 0;
  let nonce = 0;
  let configured: readonly DeclaredExclusion[] = [];
  const inForceNow = async () =>
    inForce(foldExclusions(await ledger.entries('exclusions', 0)).exclusions.values());
  beforeEach(() => {
    ledger = memoryLedger();
    nowMs = FROM - 1;
    nonce = 0;
    configured = [];
    desk = new ExclusionDesk({
      ledger,
      nowMs: () => nowMs,
      nonce: () => String(nonce++),
      configured: () => configured,
    });
  });

  it('declared: is in force at once, as it was said', async () => {
    const answer = await desk.declare(
      given('a', { rows: ['sla4.api'], evidence: 'https://e.example/1' }),
      ANN,
    );
    expect(answer).toMatchObject({ ok: true, exclusion: { state: 'in-force', source: 'person' } });
    expect(await inForceNow()).toEqual([
      {
        id: 'a',
        kind: 'attack',
        fromMs: FROM,
        toMs: TO,
        rows: ['sla4.api'],
        reason: 'flood',
        author: 'ann',
        evidence: 'https://e.example/1',
        enteredAtMs: FROM - 1,
      },
    ]);
  });

  it('proposed: counts for nothing until it is confirmed, and then with who did so', async () => {
    await desk.propose(given('a'), 'status feed', ANN);
    expect(await inForceNow()).toEqual([]);
    nowMs = TO + 5;
    const answer = await desk.confirm('a', 'seen it', BOB);
    expect(answer).toMatchObject({
      ok: true,
      exclusion: {
        state: 'in-force',
        source: 'status feed',
        afterTheFact: 'before',
        history: [
          { event: 'proposed', author: 'ann', atMs: FROM - 1, reason: null },
          { event: 'confirmed', author: 'bob', atMs: TO + 5, reason: 'seen it' },
        ],
      },
    });
    expect(await inForceNow()).toHaveLength(1);
  });

  it('withdrawn: counts no more, for good, and its history stays', async () => {
    await desk.declare(given('a'), ANN);
    await desk.withdraw('a', 'typed wrong', BOB);
    expect(await inForceNow()).toEqual([]);
    const [one] = await desk.list();
    expect(one?.history.map(({ event, reason }) => [event, reason])).toEqual([
      ['declared', null],
      ['withdrawn', 'typed wrong'],
    ]);
    expect(await desk.withdraw('a', 'again', ANN)).toMatchObject({
      ok: false,
      refusal: 'not-possible',
      detail: 'exclusion a was withdrawn by bob on 2026-03-10T20:59:59.999Z: typed wrong',
    });
    expect(await desk.confirm('a', '', ANN)).toMatchObject({ ok: false, refusal: 'not-possible' });
    expect(await desk.declare(given('a'), ANN)).toMatchObject({ ok: false, refusal: 'taken' });
  });

  it('of two that overlap, the withdrawal of one leaves the other as it is', async () => {
    await desk.declare(given('a'), ANN);
    await desk.declare(given('b', { from: '2026-03-10T21:30:00Z', to: '2026-03-10T22:30:00Z' }), ANN);
    await desk.withdraw('a', 'no', ANN);
    expect((await inForceNow()).map(({ id, fromMs }) => [id, fromMs])).toEqual([['b', FROM + 1_800_000]]);
  });

  it('an id is taken once, by whomever, the configuration as well', async () => {
    await desk.propose(given('a'), 'status feed', ANN);
    expect(await desk.declare(given('a', { reason: 'other' }), BOB)).toMatchObject({
      refusal: 'taken',
      detail: 'the id a is taken by what ann entered on 2026-03-10T20:59:59.999Z; expected an id of its own',
    });
    configured = [{ id: 'c', kind: 'attack', fromMs: 1, toMs: 2, reason: 'r', author: 'x' }];
    expect(await desk.declare(given('c'), ANN)).toMatchObject({ refusal: 'taken' });
    expect(await desk.withdraw('c', 'no', ANN)).toMatchObject({
      refusal: 'not-possible',
      detail: 'exclusion c stands in the configuration: change it there',
    });
    expect(await desk.confirm('zz', '', ANN)).toMatchObject({ refusal: 'unknown' });
  });

  it('of two desks on one ledger that take the same id at once, one gets it', async () => {
    const other = new ExclusionDesk({
      ledger,
      nowMs: () => nowMs,
      nonce: () => `o${nonce++}`,
      configured: () => [],
    });
    const answers = await Promise.all([desk.declare(given('a'), ANN), other.declare(given('a'), BOB)]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it.each([
    [FROM - 1, 'before'],
    [FROM, 'begun'],
    [TO - 1, 'begun'],
    [TO, 'ended'],
  ])('entered at %i: marked as %s', async (atMs, expected) => {
    nowMs = atMs;
    expect(await desk.declare(given('a'), ANN)).toMatchObject({ exclusion: { afterTheFact: expected } });
  });

  it('one that comes back has a span for each time, by the clocks of its zone', async () => {
    await desk.declare(given('w', WEEKLY), ANN);
    expect((await inForceNow()).map(({ id, fromMs }) => [id, new Date(fromMs).toISOString()])).toEqual([
      ['w', '2026-03-24T21:00:00.000Z'],
      ['w', '2026-03-31T20:00:00.000Z'],
      ['w', '2026-04-07T20:00:00.000Z'],
    ]);
  });

  it('audit: every write is a line of who, what and from where; what was refused is none', async () => {
    await desk.declare(given('a'), ANN);
    await desk.declare(given('a'), ANN);
    await desk.withdraw('a', 'no', BOB);
    await desk.withdraw('a', 'no', BOB);
    expect((await ledger.entries('audit', 0)).map(({ json }): unknown => JSON.parse(json))).toEqual([
      { who: 'ann', from: 'cli', what: 'exclusion declared', about: 'a', reason: 'flood' },
      { who: 'bob', from: 'http 10.0.0.7', what: 'exclusion withdrawn', about: 'a', reason: 'no' },
    ]);
  });
});

describe('foldExclusions', () => {
  it('a line that is not understood counts for nothing and is named', async () => {
    const ledger = memoryLedger();
    await ledger.append('exclusions', [
      { key: 'x', atMs: 1, json: 'torn' },
      { key: 'y', atMs: 1, json: '{"event":"declared","exclusion":{"id":"y"},"source":"person"}' },
      exclusionEntry({ event: 'declared', ...given('a'), source: 'person' }, 1),
    ]);
    const { exclusions, unreadable } = foldExclusions(await ledger.entries('exclusions', 0));
    expect([...exclusions.keys()]).toEqual(['a']);
    expect(unreadable).toEqual([1, 2]);
  });

  it('in force is what was declared, or proposed and then confirmed, and never withdrawn (fast-check)', async () => {
    const ids = ['a', 'b'];
    const step = fc.record({
      id: fc.constantFrom(...ids),
      event: fc.constantFrom('declared', 'proposed', 'confirmed', 'withdrawn'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const ledger = memoryLedger();
        for (const { id, event } of steps) {
          const said =
            event === 'declared' || event === 'proposed'
              ? ({ event, ...given(id), source: 's' } as const)
              : ({ event, id, author: 'ann', reason: 'r' } as const);
          await ledger.append('exclusions', [exclusionEntry(said, 1)]);
        }
        const { exclusions } = foldExclusions(await ledger.entries('exclusions', 0));
        const expected = ids.filter((id) =>
          isInForce(steps.filter((one) => one.id === id).map(({ event }) => event)),
        );
        expect(
          inForce(exclusions.values())
            .map(({ id }) => id)
            .sort(),
        ).toEqual(expected);
      }),
    );
  });
});

/** Slow and obvious: the same key is written once, so that only the first of each event is there. */
function isInForce(events: readonly string[]): boolean {
  const first = events.findIndex((event) => event === 'declared' || event === 'proposed');
  if (first < 0) return false;
  const firstOf = (event: string): number => events.indexOf(event);
  const withdrawn = firstOf('withdrawn') > first;
  const confirmed = firstOf('confirmed') > first;
  if (events[first] === 'declared') return !withdrawn;
  if (!confirmed) return false;
  return !withdrawn;
}

describe('configuredExclusions', () => {
  it('are in force while they stand there, each once however often it comes back', () => {
    const base = { kind: 'attack', reason: 'r', author: 'x' } as const;
    const [once, weekly] = configuredExclusions([
      { ...base, id: 'once', fromMs: 1, toMs: 2, enteredAtMs: 5 },
      { ...base, id: 'weekly', fromMs: 10, toMs: 12 },
      { ...base, id: 'weekly', fromMs: 20, toMs: 22 },
    ]);
    expect(once).toMatchObject({ state: 'in-force', source: 'configuration', afterTheFact: 'ended' });
    expect(weekly).toMatchObject({
      spans: [
        { from: 10, to: 12 },
        { from: 20, to: 22 },
      ],
      afterTheFact: 'unknown',
    });
  });
});

describe('exclusionStatementSchema', () => {
  const troubleOf = (more: object): readonly string[] => {
    const { exclusion } = { exclusion: { ...given('a').exclusion, ...more } };
    const parsed = exclusionStatementSchema.safeParse(exclusion);
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  const recurs = (more: object) => ({ ...WEEKLY, recurs: { ...WEEKLY.recurs, ...more } });

  it('reads both forms alike', () => {
    const { on: _, every: __, until: ___, ...timing } = WEEKLY.recurs;
    const ruled = { ...WEEKLY, recurs: { ...timing, rrule: 'FREQ=WEEKLY;BYDAY=TU;UNTIL=20260410' } };
    const spansIn = ({ recurs: one }: ExclusionStatement) => one && { ...one, interval: 1 };
    expect(spansIn(given('a', ruled).statement)).toEqual(spansIn(given('a', WEEKLY).statement));
  });

  it.each([
    [{ from: undefined }, 'from: expected an instant with an offset'],
    [{ to: '2026-03-10T22:00:00+01:00' }, 'to: expected an instant later than `from`'],
    [{ evidence: 'mail of 3 March' }, 'evidence: expected an http:// or https:// link'],
    [{ evidence: 'javascript:alert(1)' }, 'evidence: expected an http:// or https:// link'],
    [{ recurs: WEEKLY.recurs }, 'recurs: expected either recurs, or from and to'],
    [recurs({ until: '2026-03-21' }), 'recurs: expected at least one occurrence; this never comes'],
    [
      recurs({ every: 'day', on: undefined, until: '2099-01-01' }),
      'recurs: expected at most 4000 occurrences',
    ],
    [recurs({ on: ['2tue'] }), 'recurs.on: expected days like tue where it is every week'],
    [recurs({ every: 'day' }), 'recurs.on: expected no `on` where it is every day'],
    [
      recurs({ every: 'month', on: ['tue', 3] }),
      'recurs.on: expected either days of the week or of the month',
    ],
  ])('refuses %j: %s', (more, message) => {
    expect(troubleOf(more).join('\n')).toContain(message);
  });
});
