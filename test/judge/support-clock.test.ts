import { describe, expect, it } from 'vitest';
import { supportPromises } from '../../src/contract/support-promise.ts';
import type { TicketEvent } from '../../src/core/ticket.ts';
import { judgeTicket } from '../../src/judge/support-clock.ts';
import {
  judged,
  opened,
  severity,
  SHIPPED_AT,
  SHIPPED_PROMISES,
  shippedContract,
  told,
} from './ticket-events.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An instant of Monday, 2 March 2026. */
const at = (time: string): string => `2026-03-02T${time}:00Z`;
const ms = (time: string): number => Date.parse(at(time));

describe('GTI', () => {
  it('runs from the opening, due at its limit', () => {
    const { gti } = judged(at('10:05'), opened(at('10:00'), 1));
    expect(gti).toEqual({
      row: 'sla10.gti1',
      limitMs: 15 * MINUTE_MS,
      elapsedMs: 5 * MINUTE_MS,
      deadlineMs: ms('10:15'),
      state: 'running',
    });
  });

  it('is met by an answer exactly at the deadline, and not a millisecond later', () => {
    const open = opened(at('10:00'), 1);
    expect(judged(at('12:00'), open, told(at('10:15'), 'responded')).gti?.state).toBe('met');
    const late = { ...told(at('10:15'), 'responded'), atMs: ms('10:15') + 1 };
    expect(judged(at('12:00'), open, late).gti).toMatchObject({ state: 'breached', elapsedMs: 900_001 });
  });

  it('is still running at the deadline, and breached a millisecond later', () => {
    expect(judged(at('10:15'), opened(at('10:00'), 1)).gti?.state).toBe('running');
    expect(judged('2026-03-02T10:15:00.001Z', opened(at('10:00'), 1)).gti?.state).toBe('breached');
  });

  it('takes no wait out, and is never frozen', () => {
    const waits = [told(at('10:05'), 'waiting'), told(at('10:25'), 'resumed')];
    expect(judged(at('10:10'), opened(at('10:00'), 1), ...waits.slice(0, 1)).gti?.state).toBe('running');
    const answered = judged(at('12:00'), opened(at('10:00'), 1), ...waits, told(at('10:30'), 'responded'));
    expect(answered.gti).toMatchObject({ elapsedMs: 30 * MINUTE_MS, state: 'breached' });
  });

  it('does not wait for the information to be complete', () => {
    expect(judged(at('10:20'), opened(at('10:00'), 1, false)).gti?.state).toBe('breached');
  });

  it('takes the first of several answers, and a resolution where there was none', () => {
    const open = opened(at('10:00'), 1);
    const answers = [told(at('10:40'), 'responded'), told(at('10:10'), 'responded')];
    expect(judged(at('12:00'), open, ...answers).answeredMs).toBe(ms('10:10'));
    expect(judged(at('12:00'), open, told(at('10:12'), 'resolved')).gti).toMatchObject({
      elapsedMs: 12 * MINUTE_MS,
      state: 'met',
    });
  });

  it('counts time as it passes for severity 3 as well', () => {
    const saturday = opened('2026-03-07T03:00:00Z', 3);
    expect(judged('2026-03-07T05:00:00Z', saturday).gti).toMatchObject({
      elapsedMs: 2 * HOUR_MS,
      deadlineMs: Date.parse('2026-03-07T04:00:00Z'),
      state: 'breached',
    });
  });
});

describe('GTR', () => {
  it('has not begun before the ticket is complete', () => {
    expect(judged(at('20:00'), opened(at('10:00'), 1, false)).gtr).toMatchObject({
      elapsedMs: 0,
      deadlineMs: null,
      state: 'running',
    });
  });

  it('runs from the completion, the first one', () => {
    const open = opened(at('10:00'), 1, false);
    const completions = [told(at('12:00'), 'completed'), told(at('11:00'), 'completed')];
    expect(judged(at('12:30'), open, ...completions).gtr).toMatchObject({
      elapsedMs: 90 * MINUTE_MS,
      deadlineMs: ms('13:00'),
    });
  });

  it('is met by a resolution before the ticket was ever complete', () => {
    const open = opened(at('10:00'), 1, false);
    expect(judged(at('20:00'), open, told(at('18:00'), 'resolved')).gtr).toMatchObject({
      elapsedMs: 0,
      deadlineMs: null,
      state: 'met',
    });
  });

  it('is met by a resolution exactly at the deadline, and not a millisecond later', () => {
    const open = opened(at('10:00'), 1);
    expect(judged(at('20:00'), open, told(at('12:00'), 'resolved')).gtr?.state).toBe('met');
    const late = { ...told(at('12:00'), 'resolved'), atMs: ms('12:00') + 1 };
    expect(judged(at('20:00'), open, late).gtr?.state).toBe('breached');
  });

  it('is frozen by an open wait, due as if the wait ended now', () => {
    const events = [opened(at('10:00'), 1), told(at('10:30'), 'waiting')];
    expect(judged(at('15:00'), ...events).gtr).toMatchObject({
      elapsedMs: 30 * MINUTE_MS,
      deadlineMs: ms('16:30'),
      state: 'frozen',
    });
    const resumed = judged(at('15:00'), ...events, told(at('12:30'), 'resumed'));
    expect(resumed.gtr).toMatchObject({ deadlineMs: ms('14:00'), elapsedMs: 3 * HOUR_MS, state: 'breached' });
  });

  it('counts waits only from the completion on, and only once', () => {
    const events = [
      opened(at('10:00'), 1, false),
      told(at('10:10'), 'waiting'),
      told(at('11:00'), 'completed'),
      told(at('11:10'), 'waiting'),
      told(at('11:30'), 'resumed'),
    ];
    expect(judged(at('12:00'), ...events).gtr).toMatchObject({
      elapsedMs: 30 * MINUTE_MS,
      deadlineMs: ms('13:30'),
    });
  });

  it('takes no wait past the resolution, which ends it', () => {
    const events = [
      opened(at('10:00'), 1),
      told(at('11:00'), 'waiting'),
      told(at('11:30'), 'resolved'),
      told(at('18:00'), 'resumed'),
    ];
    expect(judged(at('20:00'), ...events).gtr).toMatchObject({ elapsedMs: HOUR_MS, state: 'met' });
  });

  it('does not mend a missed deadline by a wait that begins after it', () => {
    const events = [opened(at('10:00'), 1), told(at('12:30'), 'waiting')];
    expect(judged(at('19:00'), ...events).gtr).toMatchObject({ deadlineMs: ms('12:00'), state: 'breached' });
  });

  it('is frozen by a wait that begins exactly at the deadline, which moves with it', () => {
    const events = [opened(at('10:00'), 1), told(at('12:00'), 'waiting')];
    expect(judged(at('19:00'), ...events).gtr).toMatchObject({ deadlineMs: ms('19:00'), state: 'frozen' });
  });

  it('has never begun where the information came after the resolution, until it is reopened', () => {
    const events = [
      opened(at('10:00'), 1, false),
      told(at('18:00'), 'resolved'),
      told(at('18:30'), 'completed'),
    ];
    expect(judged(at('20:00'), ...events).gtr).toMatchObject({ deadlineMs: null, state: 'met' });
    expect(judged(at('20:00'), ...events, told(at('19:00'), 'reopened')).gtr).toMatchObject({
      elapsedMs: HOUR_MS,
      deadlineMs: ms('21:00'),
      state: 'running',
    });
  });

  it('is not frozen by a wait that was told of while resolved, once it is reopened', () => {
    const events = [
      opened(at('10:00'), 1),
      told(at('10:30'), 'resolved'),
      told(at('11:00'), 'waiting'),
      told(at('15:00'), 'reopened'),
    ];
    expect(judged(at('15:30'), ...events).gtr).toMatchObject({ elapsedMs: HOUR_MS, state: 'running' });
  });

  it('takes what begins and ends at one instant for nothing', () => {
    const events = [
      opened(at('10:00'), 1),
      told(at('10:30'), 'resumed'),
      told(at('10:30'), 'waiting'),
      told(at('10:40'), 'reopened'),
      told(at('10:40'), 'resolved'),
    ];
    expect(judged(at('11:00'), ...events).gtr).toMatchObject({ elapsedMs: HOUR_MS, state: 'running' });
  });

  it('stands still between a resolution and a reopening, and goes on', () => {
    const events = [opened(at('10:00'), 1), told(at('11:00'), 'resolved'), told(at('15:00'), 'reopened')];
    expect(judged(at('15:30'), ...events).gtr).toMatchObject({
      elapsedMs: 90 * MINUTE_MS,
      deadlineMs: ms('16:00'),
      state: 'running',
    });
    expect(judged(at('20:00'), ...events, told(at('16:30'), 'resolved')).gtr?.state).toBe('breached');
  });

  it('is no longer frozen once reopened: the question was answered by then', () => {
    const events = [
      opened(at('10:00'), 1),
      told(at('10:30'), 'waiting'),
      told(at('11:00'), 'resolved'),
      told(at('15:00'), 'reopened'),
    ];
    expect(judged(at('15:30'), ...events).gtr).toMatchObject({ elapsedMs: HOUR_MS, state: 'running' });
  });

  it('of a ticket resolved twice ends with the first resolution', () => {
    const events = [opened(at('10:00'), 1), told(at('11:00'), 'resolved'), told(at('15:00'), 'resolved')];
    expect(judged(at('20:00'), ...events).gtr).toMatchObject({ elapsedMs: HOUR_MS, state: 'met' });
  });
});

describe('the severity', () => {
  it('in force now judges a running clock from its start, in its own kind of time', () => {
    const events = [opened(at('10:00'), 3), severity(at('12:00'), 2)];
    const before = judged(at('12:00'), ...events.slice(0, 1));
    expect(before).toMatchObject({ severity: 3, gtr: { row: 'sla10.gtr3', limitMs: 48 * HOUR_MS } });
    expect(judged(at('14:30'), ...events)).toMatchObject({
      severity: 2,
      gtr: { row: 'sla10.gtr2', limitMs: 4 * HOUR_MS, deadlineMs: ms('14:00'), state: 'breached' },
    });
  });

  it('given after a clock ended changes nothing of it', () => {
    const events = [
      opened(at('10:00'), 2),
      told(at('10:25'), 'responded'),
      severity(at('11:00'), 1),
      told(at('12:30'), 'resolved'),
      severity(at('13:00'), 3),
    ];
    expect(judged(at('20:00'), ...events)).toMatchObject({
      severity: 3,
      gti: { row: 'sla10.gti2', state: 'met' },
      gtr: { row: 'sla10.gtr1', state: 'breached' },
    });
  });

  it('given at the instant at which a clock ends is in force for it', () => {
    const events = [opened(at('10:00'), 2), told(at('10:20'), 'responded'), severity(at('10:20'), 1)];
    expect(judged(at('11:00'), ...events).gti).toMatchObject({ row: 'sla10.gti1', state: 'breached' });
  });

  it('given at the very opening replaces that of the opening, in any order', () => {
    const events = [opened(at('10:00'), 3), severity(at('10:00'), 1)];
    expect(judged(at('10:01'), ...events).severity).toBe(1);
    expect(judged(at('10:01'), ...events.toReversed()).severity).toBe(1);
  });

  it('of which only one clock is promised has no other', () => {
    const promises = new Map([[1, { ...SHIPPED_PROMISES.get(1), gtr: null, gti: null }]]);
    expect(judgeTicket([opened(at('10:00'), 1)], () => promises, ms('11:00'))).toMatchObject({
      gti: null,
      gtr: null,
    });
  });
});

describe('an event that cannot have happened', () => {
  const open = opened(at('10:00'), 1);
  const cases: readonly (readonly [string, string, readonly TicketEvent[], number])[] = [
    ['of a ticket never opened', 'never-opened', [told(at('11:00'), 'responded')], 0],
    ['resolved before opened', 'before-opened', [open, told(at('09:00'), 'resolved')], 1],
    ['responded before opened', 'before-opened', [told(at('09:59'), 'responded'), open], 0],
    ['opened at two instants', 'opened-twice', [open, opened(at('11:00'), 1)], 1],
    ['opened complete and not', 'opened-twice', [open, opened(at('10:00'), 1, false)], 1],
    ['resumed without waiting', 'not-waiting', [open, told(at('11:00'), 'resumed')], 1],
    [
      'resumed twice',
      'not-waiting',
      [open, told(at('10:30'), 'waiting'), told(at('11:00'), 'resumed'), told(at('12:00'), 'resumed')],
      3,
    ],
    ['reopened without being resolved', 'not-resolved', [open, told(at('11:00'), 'reopened')], 1],
    [
      'of two severities at one instant',
      'two-severities',
      [open, severity(at('11:00'), 2), severity(at('11:00'), 3)],
      2,
    ],
  ];

  it.each(cases)('%s is trouble %s, named', (_, trouble, events, index) => {
    const first = trouble === 'opened-twice' ? { first: open } : {};
    expect(judgeTicket(events, SHIPPED_AT, ms('20:00'))).toEqual({ trouble, event: events[index], ...first });
  });
});

describe('supportPromises', () => {
  it('holds every severity of SLA10, working time for recovery from severity 3 alone', () => {
    const weekend = [Date.parse('2026-03-07T00:00:00Z'), Date.parse('2026-03-08T00:00:00Z')] as const;
    const limits = [...SHIPPED_PROMISES].map(([number, { gti, gtr }]) => [
      number,
      (gti?.limitMs ?? 0) / MINUTE_MS,
      (gtr?.limitMs ?? 0) / HOUR_MS,
      gti?.measure.work(...weekend),
      gtr?.measure.work(...weekend),
    ]);
    expect(limits).toEqual([
      [1, 15, 2, 86_400_000, 86_400_000],
      [2, 30, 4, 86_400_000, 86_400_000],
      [3, 60, 48, 86_400_000, 0],
    ]);
  });

  it('reads a time to intervene that counts in working time as it is written', () => {
    const promises = supportPromises(shippedContract('limit: 1h', 'limit: 1h\n    workingTime: true'));
    const saturday = opened('2026-03-07T03:00:00Z', 3);
    expect(judgeTicket([saturday], () => promises, Date.parse('2026-03-08T00:00:00Z'))).toMatchObject({
      gti: { elapsedMs: 0, deadlineMs: Date.parse('2026-03-09T09:00:00+01:00'), state: 'running' },
    });
  });
});
