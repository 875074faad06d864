import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadContract } from '../../src/config/former-contracts.ts';
import { readTextFile, shippedContract } from '../../src/config/local-files.ts';
import type { Contract } from '../../src/contract/schema.ts';
import { supportPromises } from '../../src/contract/support-promise.ts';
import type { TicketEvent } from '../../src/core/ticket.ts';
import { judgeTicket } from '../../src/judge/support-clock.ts';
import { ticketEntry, ticketLineOf } from '../../src/register/ticket-entry.ts';
import { TicketBook } from '../../src/casework/ticket-book.ts';
import { TicketDesk } from '../../src/casework/ticket-desk.ts';
import { supportFigures } from '../../src/casework/ticket-figures.ts';
import { enterLines, fileLines } from '../../src/casework/ticket-lines.ts';
import { TicketsFile } from '../../src/live/tickets-file.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import type { Ledger } from '../../src/window/ledger.ts';
import { FakeClock } from '../fake-clock.ts';

const ANN = { author: 'ann', from: 'cli' };
const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-05-04T09:00:00Z');

function outscale(): Contract {
  const { contract } = loadContract(shippedContract('outscale-secnumcloud') ?? '', {
    readFile: readTextFile,
  });
  if (!contract) throw new Error('the shipped contract is wrong');
  return contract;
}
const CONTRACT = outscale();

const opened = (ticket: string, at: string, severity = 3, complete = true): TicketEvent => ({
  ticket,
  event: 'opened',
  atMs: Date.parse(at),
  severity,
  complete,
});
type Plain = Exclude<TicketEvent['event'], 'opened' | 'severity'>;
const event = (ticket: string, kind: Plain, at: string): TicketEvent => ({
  ticket,
  event: kind,
  atMs: Date.parse(at),
});

let ledger: Ledger;
let book: TicketBook;
let desk: TicketDesk;
beforeEach(() => {
  let nonce = 0;
  ledger = memoryLedger();
  book = new TicketBook({ contract: CONTRACT });
  desk = new TicketDesk({ ledger, book, nowMs: () => AT, nonce: () => String(nonce++) });
});

describe('TicketDesk', () => {
  it('equal events count once, in whatever order they are said, and are audited once', async () => {
    const [open, answer] = [
      opened('INC-1', '2026-05-04T08:00:00Z'),
      event('INC-1', 'responded', '2026-05-04T08:30:00Z'),
    ];
    expect(await desk.take([answer, open], ANN)).toEqual({ ok: true, written: 2 });
    expect(await desk.take([open, answer, open], ANN)).toEqual({ ok: true, written: 0 });
    expect(await ledger.entries('tickets', 0)).toHaveLength(2);
    expect(await ledger.entries('audit', 0)).toHaveLength(2);
  });

  it.each([
    [event('INC-1', 'resolved', '2026-05-04T07:00:00Z'), 'before the ticket was opened'],
    [event('INC-1', 'resumed', '2026-05-04T08:30:00Z'), 'but support was not waiting for the client'],
    [event('INC-2', 'responded', '2026-05-04T08:30:00Z'), 'but the ticket has no "opened"'],
    [opened('INC-1', '2026-05-04T08:01:00Z'), 'otherwise than the first time'],
  ])('%j is impossible: named, and nothing of the call is stored', async (impossible, why) => {
    await desk.take([opened('INC-1', '2026-05-04T08:00:00Z')], ANN);
    const answer = await desk.take([opened('INC-9', '2026-05-04T08:00:00Z'), impossible], ANN);
    expect(answer).toMatchObject({ ok: false, detail: expect.stringContaining(why), event: impossible });
    expect(await ledger.entries('tickets', 0)).toHaveLength(1);
  });

  it('two who read the books at once take each line once', async () => {
    const link = { ticket: 'INC-1', event: 'linked', row: 'sla4.api', scope: 'region', fromMs: AT } as const;
    const lines = [opened('INC-1', '2026-05-04T08:00:00Z'), link];
    await ledger.append(
      'tickets',
      lines.map((line) => ticketEntry(line, AT)),
    );
    await Promise.all([desk.catchUp(), desk.catchUp()]);
    expect(book.ticket('INC-1')).toMatchObject({ events: [lines[0]], links: [link] });
  });

  it('link: of a ticket that is there', async () => {
    const link = { ticket: 'INC-1', event: 'linked', row: 'sla4.api', scope: 'region', fromMs: AT } as const;
    expect(await desk.link(link, ANN)).toMatchObject({ ok: false, detail: 'there is no ticket "INC-1"' });
    await desk.take([opened('INC-1', '2026-05-04T08:00:00Z')], ANN);
    expect(await desk.link(link, ANN)).toEqual({ ok: true, written: 1 });
    expect(book.ticket('INC-1')?.links).toEqual([link]);
  });
});

describe('ticketEntry', () => {
  it('is read back as it was, whatever the order of its fields', () => {
    const events: readonly TicketEvent[] = [
      {
        ...opened('Ünïcode "1"', '2026-05-04T08:00:00Z'),
        event: 'opened',
        severity: 2,
        complete: false,
        title: 't',
      },
      { ticket: 'a', event: 'severity', severity: 1, atMs: AT },
      event('a', 'waiting', '2026-05-04T08:00:00Z'),
    ];
    for (const one of events) {
      const reversed = Object.fromEntries(Object.entries(one).reverse()) as unknown as TicketEvent;
      expect(ticketEntry(reversed, 1)).toEqual(ticketEntry(one, 1));
      expect(ticketLineOf({ ...ticketEntry(one, 1), sequence: 1 })).toEqual(one);
    }
    expect(
      ticketLineOf({ key: 'k', atMs: 1, json: '{"event":"from a later version"}', sequence: 1 }),
    ).toBeUndefined();
  });
});

describe('TicketBook', () => {
  const plain = fc.constantFrom<Plain>(
    'completed',
    'responded',
    'waiting',
    'resumed',
    'resolved',
    'reopened',
  );
  const script = fc.record({
    severity: fc.constantFrom(1, 2, 3),
    complete: fc.boolean(),
    steps: fc.array(fc.record({ kind: plain, afterMs: fc.integer({ min: 0, max: 40 * HOUR_MS }) }), {
      maxLength: 6,
    }),
    looks: fc.array(fc.integer({ min: 1, max: 300 * HOUR_MS }), { minLength: 1, maxLength: 6 }),
    order: fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
  });

  it('says at every look what judging all events anew says, told in any order (fast-check)', () => {
    const promises = supportPromises(CONTRACT);
    const startMs = Date.parse('2026-03-27T16:00:00Z');
    fc.assert(
      fc.property(script, ({ severity, complete, steps, looks, order }) => {
        let atMs = startMs;
        const events: TicketEvent[] = [{ ticket: 't', event: 'opened', atMs, severity, complete }];
        for (const { kind, afterMs } of steps)
          events.push({ ticket: 't', event: kind, atMs: (atMs += afterMs) });
        const shuffled = events
          .map((one) => ({ one, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ one }) => one);
        const own = new TicketBook({ contract: CONTRACT });
        own.take(shuffled.map((one, i) => ({ ...ticketEntry(one, 1), sequence: i + 1 })));
        for (const afterMs of [...looks].sort((a, b) => a - b)) {
          const nowMs = startMs + afterMs;
          const expected = judgeTicket(
            events.filter((one) => one.atMs < nowMs),
            () => promises,
            nowMs,
          );
          if ('trouble' in expected) return;
          expect(own.verdicts(nowMs)).toEqual([expected]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('ignores, and names, what two writers at once have made impossible', async () => {
    const events = [opened('a', '2026-05-04T08:00:00Z'), event('a', 'resumed', '2026-05-04T08:10:00Z')];
    await ledger.append(
      'tickets',
      events.map((one) => ticketEntry(one, AT)),
    );
    await desk.catchUp();
    expect(book.verdicts(AT)).toMatchObject([{ ticket: 'a', gti: { state: 'running' } }]);
    expect(book.takeIgnored()).toMatchObject([{ trouble: 'not-waiting' }]);
    expect(book.takeIgnored()).toEqual([]);
  });

  it('judges anew under another contract, closed tickets as well', async () => {
    const events = [opened('a', '2026-05-04T08:00:00Z', 1), event('a', 'resolved', '2026-05-04T08:30:00Z')];
    await desk.take(events, ANN);
    expect(book.verdicts(AT)[0]?.gti?.state).toBe('breached');
    const rows = CONTRACT.rows.map((row) => (row.id === 'sla10.gti1' ? { ...row, limit: HOUR_MS } : row));
    book.judgeBy({ contract: { ...CONTRACT, rows } });
    expect(book.verdicts(AT)[0]?.gti?.state).toBe('met');
  });

  it('a thousand open tickets cost a few milliseconds a second', async () => {
    const all = Array.from({ length: 1_000 }, (_, i) => [
      opened(`t${i}`, '2026-05-01T08:00:00Z', 1 + (i % 3)),
      event(`t${i}`, 'waiting', '2026-05-01T09:00:00Z'),
      event(`t${i}`, 'resumed', '2026-05-02T09:00:00Z'),
    ]).flat();
    await desk.take(all, ANN);
    const costs = Array.from({ length: 40 }, (_, second) => {
      const began = performance.now();
      supportFigures(book.verdicts(AT + second * 1_000));
      return performance.now() - began;
    });
    // Measured: 2 ms on an idle core; a wide margin for a busy machine.
    expect(costs.sort((a, b) => a - b)[20]).toBeLessThan(25);
  });
});

describe('supportFigures', () => {
  it('the earliest deadline of what goes on, shares, warnings from 80 % of GTI and 75 % of GTR, and counts', async () => {
    await desk.take(
      [
        // GTI 1 of 15 min, GTR 1 of 2 h: 12 min is 80 %, 90 min is 75 %.
        opened('fresh', '2026-05-04T08:48:00Z', 1),
        opened('late', '2026-05-04T07:30:00Z', 1),
        event('late', 'responded', '2026-05-04T07:31:00Z'),
        opened('over', '2026-05-04T06:00:00Z', 1),
        event('over', 'responded', '2026-05-04T06:05:00Z'),
        event('over', 'resolved', '2026-05-04T06:06:00Z'),
        opened('waits', '2026-05-04T08:00:00Z', 2),
        event('waits', 'responded', '2026-05-04T08:01:00Z'),
        event('waits', 'waiting', '2026-05-04T08:30:00Z'),
      ],
      ANN,
    );
    const at = (nowMs: number) => supportFigures(book.verdicts(nowMs));
    const one = { severity: 1 } as const;
    expect(at(AT).deadlines).toEqual([
      { ...one, clock: 'gti', atMs: Date.parse('2026-05-04T09:03:00Z') },
      { ...one, clock: 'gtr', atMs: Date.parse('2026-05-04T09:30:00Z') },
    ]);
    const warnings = (nowMs: number) => at(nowMs).warnings.filter(({ severity }) => severity === 1);
    expect(warnings(AT - 1).map(({ count }) => count)).toEqual([0, 0]);
    expect(warnings(AT).map(({ count }) => count)).toEqual([1, 1]);
    expect(at(AT).elapsed).toContainEqual({ ...one, clock: 'gtr', ratio: 0.75 });
    expect(at(AT).clocks).toEqual(
      expect.arrayContaining([
        { ...one, clock: 'gti', state: 'met', count: 2 },
        { ...one, clock: 'gti', state: 'running', count: 1 },
        { ...one, clock: 'gtr', state: 'met', count: 1 },
        { severity: 2, clock: 'gtr', state: 'frozen', count: 1 },
      ]),
    );
  });

  it('a clock that is over and goes on keeps its deadline, and is a breach, not a warning', async () => {
    await desk.take([opened('a', '2026-05-04T08:00:00Z', 1)], ANN);
    const { deadlines, warnings, elapsed } = supportFigures(book.verdicts(AT));
    expect(deadlines[0]).toEqual({ clock: 'gti', severity: 1, atMs: Date.parse('2026-05-04T08:15:00Z') });
    expect(warnings[0]?.count).toBe(0);
    expect(elapsed[0]?.ratio).toBe(4);
  });
});

describe('a file of tickets', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-tickets-file-'));
    path = join(folder, 'tickets.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const OPENED = '{"ticket":"A","event":"opened","at":"2026-05-04T08:00:00Z","severity":3,"complete":true}\n';

  it('enterLines: all or none, with the number of the line that is to blame', async () => {
    const enter = () =>
      enterLines({ lines: fileLines(path), contracts: { contract: CONTRACT }, desk, by: ANN });
    writeFileSync(path, `${OPENED}\n{"ticket":"A","event":"resumed","at":"2026-05-04T08:10:00Z"}\n`);
    await expect(enter()).rejects.toMatchObject({ line: 3 });
    expect(await ledger.entries('tickets', 0)).toEqual([]);
    writeFileSync(path, OPENED);
    expect(await enter()).toBe(1);
    expect(await enter()).toBe(0);
    appendFileSync(path, '{"ticket":"A","event":"resp');
    await expect(enter()).rejects.toMatchObject({ line: 2, message: 'not a complete JSON object' });
  });

  it('TicketsFile: is taken at the start, again when it has changed, not otherwise, and when it comes late', async () => {
    const clock = new FakeClock();
    const taken: string[] = [];
    const file = new TicketsFile({ clock, take: async (one) => void taken.push(one) });
    file.follow(path);
    await clock.advance(4_000);
    expect(taken).toEqual([]);
    writeFileSync(path, OPENED);
    await clock.advance(4_000);
    expect(taken).toEqual([path]);
    appendFileSync(path, OPENED);
    await clock.advance(2_000);
    expect(taken).toEqual([path, path]);
    file.follow(undefined);
    appendFileSync(path, OPENED);
    await clock.advance(4_000);
    await file.stop();
    expect(taken).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });
});
