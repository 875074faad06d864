import { describe, expect, it } from 'vitest';
import { ClosingDesk } from '../../src/keeping/closing-desk.ts';
import { ClosingBook } from '../../src/closing/closing-book.ts';
import type { ClosedPeriod } from '../../src/core/closed-period.ts';
import type { TicketEvent } from '../../src/core/ticket.ts';
import type { Ledger } from '../../src/window/ledger.ts';
import { contract, FILES, MARCH, PENALTIES, staged, stagedMarch } from './staged-month.ts';

const BREACH_MS = 2_700_000;
const BUDGET_MS = 2_674_800;

const verdictOf = (closing: ClosedPeriod | undefined, row: string, reading: string) =>
  closing?.verdicts.find((one) => one.row === row && one.reading === reading);

describe('ClosingDesk', () => {
  it('closes a month two hours after its end: verdicts, tickets, penalties, digests and rules, once', async () => {
    const { look, closed, tickets, ledger, loop } = await stagedMarch();
    const by = { author: 'bob', from: 'cli' };
    const opened = { ticket: 'INC-1', event: 'opened', severity: 1, complete: true } as const;
    await tickets.take([{ ...opened, atMs: Date.parse('2026-03-10T12:05:00Z') }], by);
    await look();
    await look();
    expect(closed).toHaveLength(1);
    const [first] = closed;
    expect(first?.closing).toMatchObject({
      period: { name: '2026-03', kind: 'month' },
      number: 0,
      at: '2026-04-01T00:00:00.000Z',
      vigie: '0.1.0',
      penalties: [
        {
          ...{ row: 'web', reading: 'client', estimate: { credit: '10', amount: '100.00' } },
          claimBy: '2026-04-30T22:00:00.000Z',
        },
        { reading: 'provider' },
      ],
      tickets: [{ ticket: 'INC-1', gti: { state: 'breached', row: 'gti' }, gtr: { state: 'breached' } }],
    });
    expect(verdictOf(first?.closing, 'web', 'client')).toMatchObject({
      state: 'breached',
      budgetMs: BUDGET_MS,
      downtimeMs: { estimate: BREACH_MS },
      unknownMs: 0,
    });
    expect(first?.closing.verdicts.map(({ row }) => row)).toEqual(['web', 'web']);
    const entries = await ledger.entries('closings', 0);
    expect(entries.map(({ key }) => key.split(' ')[0])).toEqual(['source', 'source', 'rules', '2026-03#0']);
    expect(entries.at(-1)?.json).toBe(first?.text);
    await loop.stop();
  });

  it('waits until the grace is over, and until the judge has come so far', async () => {
    const stage = await staged(FILES, '2026-03-31T23:59:00Z');
    stage.see('web', '2026-03-01T00:00:00Z', '2026-03-31T23:59:00Z', 'good');
    await stage.loop.start();
    await stage.look();
    expect(stage.closed).toHaveLength(0);
    await stage.look(3_000_000);
    expect(stage.closed.map(({ closing }) => closing.period.name)).toEqual(['2026-03']);
    await stage.loop.stop();
  });

  it('an earlier month is closed once slots of it come, however late', async () => {
    const stage = await staged();
    stage.see('web', '2026-03-01T00:00:00Z', '2026-04-01T00:30:00Z', 'good');
    await stage.loop.start();
    await stage.look();
    stage.see('web', '2026-02-25T00:00:00Z', '2026-02-25T01:00:00Z', 'bad');
    await stage.look();
    await stage.clock.advance(3_600_000);
    await stage.desk.look();
    const names = stage.closed.map(({ closing }) => closing.period.name);
    expect(names).toContain('2026-02');
    expect(names.filter((name) => name === '2026-02')).toHaveLength(1);
    await stage.loop.stop();
  });

  it('late data, a late exclusion and its withdrawal: amendments beside the original, with both figures and by whom', async () => {
    const { look, closed, see, declare, exclusions, desk, loop } = await stagedMarch();
    await look();
    const original = await desk.book.text('2026-03', 0);
    see('web', '2026-03-20T00:00:00Z', '2026-03-20T00:01:00Z', 'bad');
    await look(3_600_000);
    await declare('ddos', { kind: 'attack', from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:30:00Z' });
    await look();
    await exclusions.withdraw('ddos', 'not ours', { author: 'bob', from: 'http 10.0.0.7' });
    await look();
    expect(closed.map(({ closing }) => closing.number)).toEqual([0, 1, 2, 3]);
    const [, data, excluded, withdrawn] = closed.map(({ closing }) => closing.amends);
    expect(data).toMatchObject({
      of: 0,
      changes: [{ what: 'observations', check: 'web' }],
      figures: [
        {
          ...{ row: 'web', reading: 'client', period: '2026-03' },
          was: { state: 'breached', downtimeMs: { estimate: BREACH_MS } },
          is: { state: 'breached', downtimeMs: { estimate: BREACH_MS + 60_000 } },
        },
        { reading: 'provider' },
      ],
    });
    expect(excluded).toMatchObject({
      of: 1,
      changes: [
        { what: 'exclusion', id: 'ddos', event: 'declared', author: 'ann', at: '2026-04-01T01:30:02.000Z' },
      ],
      figures: [
        { was: { state: 'breached', excludedMs: 0 }, is: { state: 'met', excludedMs: 1_800_000 } },
        { was: { state: 'breached' }, is: { state: 'met' } },
      ],
    });
    expect(withdrawn).toMatchObject({
      changes: [{ what: 'exclusion', id: 'ddos', event: 'withdrawn', author: 'bob', reason: 'not ours' }],
      figures: [{ is: { state: 'breached' } }, {}],
    });
    expect(await desk.book.text('2026-03', 0)).toBe(original);
    expect(original).toBe(closed[0]?.text);
    await loop.stop();
  });

  it('a ticket event that was told late: an amendment that names who told it', async () => {
    const { look, closed, tickets, loop } = await stagedMarch();
    const atMs = Date.parse('2026-03-10T12:05:00Z');
    const opened = { ticket: 'INC-1', event: 'opened', severity: 1, complete: true, atMs } as const;
    await tickets.take([opened], { author: 'bob', from: 'cli' });
    await look();
    const answered = { ticket: 'INC-1', event: 'responded', atMs: atMs + 60_000 } as const;
    await tickets.take([answered], { author: 'eve', from: 'cli' });
    await look();
    expect(closed[1]?.closing).toMatchObject({
      amends: {
        changes: [{ what: 'ticket', ticket: 'INC-1', acts: [{ who: 'eve', act: 'ticket responded' }] }],
      },
      tickets: [{ gti: { state: 'met' } }],
    });
    await loop.stop();
  });

  it('goes on judging a closed period by the rules that it was closed by', async () => {
    const { look, closed, see, reconfigure, loop } = await stagedMarch();
    await look();
    reconfigure({ ...FILES, 'contract.yaml': contract(PENALTIES).replace('"99.9"', '"50"') });
    see('web', '2026-03-20T00:00:00Z', '2026-03-20T00:01:00Z', 'bad');
    await look(3_600_000);
    expect(closed).toHaveLength(2);
    expect(verdictOf(closed[1]?.closing, 'web', 'client')).toMatchObject({
      target: '99.9',
      state: 'breached',
    });
    expect(closed[1]?.closing.rules).toEqual(closed[0]?.closing.rules);
    await loop.stop();
  });

  it('amends nothing when nothing of the period has changed, whoever looks', async () => {
    const { look, closed, see, declare, options, ledger, loop } = await stagedMarch();
    await look();
    see('web', '2026-04-01T00:30:00Z', '2026-04-01T03:00:00Z', 'bad');
    await declare('april', { kind: 'attack', from: '2026-04-10T00:00:00Z', to: '2026-04-10T01:00:00Z' });
    await look(7_200_000);
    await new ClosingDesk(options).look();
    expect(closed).toHaveLength(1);
    const book = new ClosingBook(ledger);
    await book.catchUp();
    expect(book.of('2026-03')).toHaveLength(1);
    await loop.stop();
  });

  it('makes up for the periods that ended while it was down, months and years, the oldest first', async () => {
    const stage = await staged(FILES, '2027-02-01T06:00:00Z');
    stage.see('web', '2026-12-24T00:00:00Z', '2027-01-04T00:00:00Z', 'good');
    await stage.loop.start();
    await stage.look();
    expect(stage.closed.map(({ closing }) => closing.period.name)).toEqual(['2026-12', '2026', '2027-01']);
    await stage.loop.stop();
  });

  it('closes the part of a period on the day that other rules take effect, and the whole at its end', async () => {
    const files = {
      ...FILES,
      'former.yaml': contract(),
      'contract.yaml': contract('effective: { from: "2026-03-16", replaces: former.yaml }').replace(
        '"99.9"',
        '"99.5"',
      ),
    };
    const stage = await staged(files, '2026-03-17T00:00:00Z');
    stage.see('web', '2026-03-01T00:00:00Z', '2026-03-17T00:00:00Z', 'good');
    await stage.loop.start();
    await stage.look();
    expect(stage.closed.map(({ closing }) => closing.period)).toMatchObject([
      { name: '2026-03@2026-03-01', to: '2026-03-15T23:00:00.000Z', part: { index: 1, count: 2 } },
    ]);
    expect(verdictOf(stage.closed[0]?.closing, 'web', 'client')).toMatchObject({ target: '99.9' });
    await stage.look(15 * 86_400_000 + 7_200_000);
    expect(stage.closed[1]?.closing.verdicts.map(({ target, period }) => [target, period.name])).toEqual([
      ['99.9', '2026-03@2026-03-01'],
      ['99.5', '2026-03@2026-03-16'],
      ['99.9', '2026-03@2026-03-01'],
      ['99.5', '2026-03@2026-03-16'],
    ]);
    await stage.loop.stop();
  });

  it('judges each part, and each ticket, by the contract of then: penalties, readings, rows, clauses', async () => {
    const penalties =
      'penalties: { tiers: [{ below: "99.5", credit: "25" }], bill: "1000", claimWithin: 60d }';
    const added = '  - { id: new, clause: "9", title: New, type: none }';
    const latest = contract(
      `${added}\neffective: { from: "2026-03-16", replaces: former.yaml }\n${penalties}`,
    )
      .replace('"99.9"', '"99.5"')
      .replace('clause: "4.1"', 'clause: "4.1 new"')
      .replace(', provider: { maintenance: excluded }', '')
      .replace('limit: 15m', 'limit: 5m');
    const files = { ...FILES, 'former.yaml': contract(PENALTIES), 'contract.yaml': latest };
    const stage = await staged(files, '2026-03-16T06:00:00Z');
    stage.see('web', '2026-02-28T23:00:00Z', '2026-04-01T00:30:00Z', 'good');
    // 45 min of 360 h at 99.9 % (21 min 36 s are borne), 2 h of 383 h at 99.5 % (1 h 54 min 54 s).
    stage.see('web', '2026-03-10T12:00:00Z', '2026-03-10T12:45:00Z', 'bad');
    stage.see('web', '2026-03-20T12:00:00Z', '2026-03-20T14:00:00Z', 'bad');
    const answeredIn10 = (ticket: string, at: string): readonly TicketEvent[] => [
      { ticket, event: 'opened', severity: 1, complete: true, atMs: Date.parse(at) },
      { ticket, event: 'responded', atMs: Date.parse(at) + 600_000 },
    ];
    const by = { author: 'bob', from: 'cli' };
    await stage.tickets.take(answeredIn10('INC-1', '2026-03-10T12:05:00Z'), by);
    await stage.tickets.take(answeredIn10('INC-2', '2026-03-20T12:05:00Z'), by);
    await stage.loop.start();
    await stage.look();
    await stage.look(16 * 86_400_000);
    const closingOf = (name: string) =>
      stage.closed.find(({ closing }) => closing.period.name === name)?.closing;
    const [first, whole] = [closingOf('2026-03@2026-03-01'), closingOf('2026-03')];
    const owed = (closing: ClosedPeriod | undefined) =>
      closing?.penalties?.map((one) => [one.period, one.reading, one.estimate.amount, one.claimBy]);
    const ofFirst = ['client', 'provider'].map((reading) => [
      ...['2026-03@2026-03-01', reading, '100.00', '2026-04-14T23:00:00.000Z'],
    ]);
    expect(owed(first)).toEqual(ofFirst);
    expect(owed(whole)).toEqual([
      ofFirst[0],
      ['2026-03@2026-03-16', 'client', '250.00', '2026-05-30T22:00:00.000Z'],
      ofFirst[1],
    ]);
    expect(whole?.readings.map(({ name }) => name)).toEqual(['client', 'provider']);
    const rows = (closing: ClosedPeriod | undefined) => closing?.rows.map(({ row }) => row);
    expect(rows(first)).toEqual(['web', 'mail', 'gti', 'gtr']);
    expect(rows(whole)).toEqual(['web', 'mail', 'gti', 'gtr', 'new']);
    const onWeb = whole?.explanations.filter(({ row }) => row === 'web');
    expect(onWeb?.map(({ period, clause }) => [period, clause])).toEqual([
      ['2026-03@2026-03-01', '4.1'],
      ['2026-03@2026-03-16', '4.1 new'],
      ['2026-03@2026-03-01', '4.1'],
    ]);
    expect(whole?.tickets).toMatchObject([
      { ticket: 'INC-1', gti: { limitMs: 900_000, state: 'met' } },
      { ticket: 'INC-2', gti: { limitMs: 300_000, state: 'breached' } },
    ]);
    await stage.loop.stop();
  });

  it('provisional: a part of a period has its own name and span; one that no contract makes is none', async () => {
    const former = contract();
    const latest = contract('effective: { from: "2026-03-16", replaces: former.yaml }').replace(
      '"99.9"',
      '"99.5"',
    );
    const stage = await staged(
      { ...FILES, 'former.yaml': former, 'contract.yaml': latest },
      '2026-03-20T00:00:00Z',
    );
    stage.see('web', '2026-03-16T00:00:00Z', '2026-03-20T00:00:00Z', 'good');
    await stage.loop.start();
    await stage.look();
    expect(await stage.desk.provisional('2026-03@2026-03-16')).toMatchObject({
      period: {
        name: '2026-03@2026-03-16',
        from: '2026-03-15T23:00:00.000Z',
        to: '2026-03-31T22:00:00.000Z',
      },
      verdicts: [{ reading: 'client' }, { reading: 'provider' }],
    });
    expect(await stage.desk.provisional('2026-03@2026-03-17')).toBeUndefined();
    await stage.loop.stop();
  });

  it('has a ticket in the period that it was resolved in, not in the one that began at that instant', async () => {
    const { look, closed, tickets, loop } = await stagedMarch();
    const resolved = (ticket: string, openedMs: number, atMs: number): readonly TicketEvent[] => [
      { ticket, event: 'opened', severity: 1, complete: true, atMs: openedMs },
      { ticket, event: 'resolved', atMs },
    ];
    const by = { author: 'bob', from: 'cli' };
    await tickets.take(resolved('before', MARCH.from - 1_000, MARCH.from), by);
    await tickets.take(resolved('just in', MARCH.from - 1_000, MARCH.from + 1), by);
    await tickets.take(resolved('at once', MARCH.from, MARCH.from), by);
    await tickets.take(resolved('after', MARCH.to, MARCH.to + 1), by);
    await look();
    expect(closed[0]?.closing.tickets.map(({ ticket }) => ticket)).toEqual(['at once', 'just in']);
    await loop.stop();
  });

  it('understands each line of the tickets once, however many closings it looks at and however often', async () => {
    const stage = await staged(FILES, '2026-05-01T02:30:00Z');
    stage.see('web', '2026-01-31T23:00:00Z', '2026-05-01T02:30:00Z', 'good');
    await stage.loop.start();
    let read = 0;
    const ledger: Ledger = {
      append: stage.ledger.append.bind(stage.ledger),
      entries: async (name, after) =>
        (await stage.ledger.entries(name, after)).map(({ json, ...entry }) => ({
          ...entry,
          get json() {
            if (name === 'tickets') read++;
            return json;
          },
        })),
    };
    const desk = new ClosingDesk({ ...stage.options, ledger });
    const by = { author: 'bob', from: 'cli' };
    const opened = (ticket: string): TicketEvent => {
      const atMs = Date.parse('2026-03-10T12:05:00Z');
      return { ticket, event: 'opened', severity: 1, complete: true, atMs };
    };
    await stage.tickets.take([opened('INC-1')], by);
    await stage.clock.advance(2_000);
    await desk.look();
    await stage.tickets.take([opened('INC-2')], by);
    await stage.clock.advance(2_000);
    await desk.look();
    expect(stage.closed.map(({ closing: { period, number } }) => `${period.name}#${number}`)).toEqual([
      ...['2026-02#0', '2026-03#0', '2026-04#0', '2026-03#1', '2026-04#1'],
    ]);
    expect(stage.closed[3]?.closing.tickets.map(({ ticket }) => ticket)).toEqual(['INC-1', 'INC-2']);
    expect(read).toBe(2);
    await stage.loop.stop();
  });

  it('what was taken in for a provisional answer in between, twice at once, still amends at the next look, once', async () => {
    const { look, closed, tickets, desk, loop } = await stagedMarch();
    await look();
    const atMs = Date.parse('2026-03-10T12:05:00Z');
    const opened = { ticket: 'INC-1', event: 'opened', severity: 1, complete: true, atMs } as const;
    await tickets.take([opened], { author: 'bob', from: 'cli' });
    await Promise.all([desk.provisional('2026-04'), desk.provisional('2026-04')]);
    await look();
    expect(closed).toHaveLength(2);
    expect(closed[1]?.closing.amends?.changes).toMatchObject([
      { what: 'ticket', ticket: 'INC-1', acts: [{ who: 'bob', act: 'ticket opened' }] },
    ]);
    const [change] = closed[1]?.closing.amends?.changes ?? [];
    expect(change?.what === 'ticket' && change.acts).toHaveLength(1);
    await loop.stop();
  });

  it('what could not be written down for a broken ledger amends at the next look', async () => {
    const stage = await stagedMarch();
    const append = stage.ledger.append.bind(stage.ledger);
    let isBroken = false;
    const ledger: Ledger = {
      entries: stage.ledger.entries.bind(stage.ledger),
      append: (name, entries) => (isBroken ? Promise.reject(new Error('broken')) : append(name, entries)),
    };
    const desk = new ClosingDesk({ ...stage.options, ledger });
    await stage.clock.advance(2_000);
    await desk.look();
    await stage.declare('ddos', { kind: 'attack', from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:30:00Z' });
    isBroken = true;
    await expect(desk.look()).rejects.toThrow('broken');
    isBroken = false;
    await desk.look();
    expect(stage.closed.map(({ closing }) => closing.number)).toEqual([0, 1]);
    await stage.loop.stop();
  });

  it('invents no figure where the contract has no penalties', async () => {
    const { look, closed, loop } = await stagedMarch(2_700, { ...FILES, 'contract.yaml': contract() });
    await look();
    expect(closed[0]?.closing).not.toHaveProperty('penalties');
    await loop.stop();
  });

  it('provisional: what a period comes to before it is closed', async () => {
    const { look, desk, loop } = await stagedMarch();
    await look();
    const april = await desk.provisional('2026-04');
    expect(april).toMatchObject({
      number: null,
      period: { name: '2026-04' },
      at: '2026-04-01T00:30:02.000Z',
    });
    expect(verdictOf(april, 'web', 'client')).toMatchObject({ state: 'on-track' });
    expect(await desk.provisional('2026-13')).toBeUndefined();
    await loop.stop();
  });

  it.each(['good', 'bad'] as const)(
    'provisional: what came after %s slots and was not judged yet is unknown',
    async (outcome) => {
      const stage = await staged(FILES, '2026-04-01T12:00:00Z');
      stage.see('web', '2026-04-01T11:00:00Z', '2026-04-01T12:00:00Z', outcome);
      await stage.loop.start();
      await stage.look();
      const judgedTo = (await stage.store.judged(['web']))[0]?.cursorMs ?? 0;
      const seenMs = judgedTo - Date.parse('2026-04-01T11:00:00Z');
      stage.clock.stepWall(40 * 60_000);
      const april = await stage.desk.provisional('2026-04');
      const beforeMs = Date.parse('2026-04-01T11:00:00Z') - Date.parse('2026-03-31T22:00:00Z');
      const sinceMs = stage.clock.wallMs() - judgedTo;
      expect(sinceMs).toBeGreaterThanOrEqual(40 * 60_000);
      expect(verdictOf(april, 'web', 'client')).toMatchObject({
        unknownMs: beforeMs + sinceMs,
        downtimeMs: {
          estimate: outcome === 'bad' ? seenMs : 0,
          worst: beforeMs + sinceMs + (outcome === 'bad' ? seenMs : 0),
        },
      });
      await stage.loop.stop();
    },
  );
});
