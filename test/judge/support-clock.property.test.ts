import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { supportPromises } from '../../src/contract/support-promise.ts';
import { SUPPORT_CLOCK_STATES, type TicketEvent, type TicketEventKind } from '../../src/core/ticket.ts';
import { judgeTicket } from '../../src/judge/support-clock.ts';
import { MINUTE_MS, minuteJudge } from '../contract/working-minutes.ts';
import { slowIntervention, slowRecovery } from './support-reference.ts';
import { SHIPPED_AT, SHIPPED_PROMISES, shippedContract } from './ticket-events.ts';

type Told = Exclude<TicketEventKind, 'opened' | 'severity'>;

/** The Friday before the clocks go forward. */
const FIRST_MS = Date.parse('2026-03-27T15:00:00Z');

/** What may come next of a ticket, by what it is: open, waiting for the client, or resolved. */
const NEXT = {
  open: ['waiting', 'resolved', 'responded', 'completed', 'waiting'],
  waiting: ['resumed', 'resumed', 'resolved', 'responded', 'completed'],
  resolved: ['reopened'],
} as const satisfies Readonly<Record<string, readonly Told[]>>;

const BECOMES: Readonly<Partial<Record<Told, keyof typeof NEXT>>> = {
  waiting: 'waiting',
  resumed: 'open',
  resolved: 'resolved',
  reopened: 'open',
};

interface Step {
  readonly minutes: number;
  readonly choice: number;
}

/** Events that can have happened, in order, at different minutes. */
function walk(complete: boolean, severity: number, steps: readonly Step[]): readonly TicketEvent[] {
  const events: TicketEvent[] = [{ ticket: 'INC-1', event: 'opened', atMs: FIRST_MS, severity, complete }];
  let state: keyof typeof NEXT = 'open';
  let atMs = FIRST_MS;
  for (const { minutes, choice } of steps) {
    const possible: readonly Told[] = NEXT[state];
    const event = possible[choice % possible.length] ?? 'responded';
    atMs += minutes * MINUTE_MS;
    events.push({ ticket: 'INC-1', event, atMs });
    state = BECOMES[event] ?? state;
  }
  return events;
}

/** Tickets whose steps are as far apart as their severity has them likely end near the limit. */
const ticket = fc.constantFrom([1, 40], [2, 90], [3, 4_000]).chain(([severity = 1, apart = 1]) =>
  fc
    .record({
      complete: fc.boolean(),
      steps: fc.array(fc.record({ minutes: fc.integer({ min: 1, max: apart }), choice: fc.nat(60) }), {
        maxLength: 8,
      }),
      rest: fc.integer({ min: 1, max: apart }),
    })
    .map(({ complete, steps, rest }) => {
      const events = walk(complete, severity, steps);
      return { severity, events, atMs: (events.at(-1)?.atMs ?? FIRST_MS) + rest * MINUTE_MS };
    }),
);

describe('support clocks', () => {
  it('do not depend on the order of events, nor on how often one is told', () => {
    const shuffled = ticket.chain(({ events, atMs }) =>
      fc.record({
        events: fc.constant(events),
        atMs: fc.constant(atMs),
        again: fc
          .subarray([...events])
          .chain((some) =>
            fc.shuffledSubarray([...events, ...some], { minLength: events.length + some.length }),
          ),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ events, atMs, again }) => {
        const copies = again.map((event) => ({ ...event }));
        expect(judgeTicket(copies, SHIPPED_AT, atMs)).toEqual(judgeTicket(events, SHIPPED_AT, atMs));
      }),
    );
  });

  it('do not depend on the order of events at one instant, possible or not', () => {
    const kinds: readonly Told[] = ['responded', 'waiting', 'resumed', 'resolved', 'reopened', 'completed'];
    const told = fc
      .record({ event: fc.constantFrom(...kinds), minute: fc.nat(3) })
      .map(({ event, minute }): TicketEvent => ({
        ticket: 'INC-1',
        event,
        atMs: FIRST_MS + minute * MINUTE_MS,
      }));
    const events = fc.array(told, { maxLength: 8 }).map((some) => [...walk(true, 1, []), ...some]);
    fc.assert(
      fc.property(
        events.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const atMs = FIRST_MS + 10 * MINUTE_MS;
          expect(judgeTicket(shuffled, SHIPPED_AT, atMs)).toEqual(judgeTicket(all, SHIPPED_AT, atMs));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('read what a count of the minutes gives: time used, deadline and state of GTR', () => {
    const isOffice = minuteJudge({
      zone: 'Europe/Paris',
      days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      from: '08:00',
      to: '20:00',
      holidays: 'none',
    });
    fc.assert(
      fc.property(ticket, ({ severity, events, atMs }) => {
        const limitMs = SHIPPED_PROMISES.get(severity)?.gtr?.limitMs ?? 0;
        const expected = slowRecovery(events, limitMs, severity === 3 ? isOffice : () => true, atMs);
        expect(judgeTicket(events, SHIPPED_AT, atMs)).toMatchObject({ gtr: expected });
      }),
      { numRuns: 400 },
    );
  });

  it('read what a count of the minutes gives of GTI, in elapsed and in working time', () => {
    const isOffice = minuteJudge({
      zone: 'Europe/Paris',
      days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      from: '08:00',
      to: '20:00',
      holidays: 'none',
    });
    const working = supportPromises(shippedContract('limit: 1h', 'limit: 1h\n    workingTime: true'));
    fc.assert(
      fc.property(ticket, fc.boolean(), ({ severity, events, atMs }, isWorking) => {
        const promises = isWorking ? working : SHIPPED_PROMISES;
        const limitMs = promises.get(severity)?.gti?.limitMs ?? 0;
        const isWorked = isWorking && severity === 3 ? isOffice : () => true;
        const expected = slowIntervention(events, limitMs, isWorked, atMs);
        expect(judgeTicket(events, () => promises, atMs)).toMatchObject({ gti: expected });
      }),
      { numRuns: 300 },
    );
  });

  it('are tried here in every state, at every severity', () => {
    const seen = fc.sample(ticket, { seed: 1, numRuns: 400 }).map(({ severity, events, atMs }) => {
      const result = judgeTicket(events, SHIPPED_AT, atMs);
      return 'trouble' in result ? result.trouble : `${severity} ${result.gtr?.state}`;
    });
    const states = [1, 2, 3].flatMap((n) => SUPPORT_CLOCK_STATES.map((state) => `${n} ${state}`));
    expect([...new Set(seen)].sort()).toEqual(states.sort());
  });
});
