import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_OCCURRENCES, occurrences, type Recurrence, WEEKDAYS } from '../../src/core/recurrence.ts';
import { parseRule } from '../../src/core/rrule.ts';

const HOUR_MS = 3_600_000;
const BASE: Recurrence = {
  every: 'week',
  interval: 1,
  days: [{ day: 'tue' }],
  monthDays: [],
  at: '22:00',
  forMs: 2 * HOUR_MS,
  zone: 'Europe/Paris',
  from: '2026-03-01',
  until: '2026-04-15',
  untilMs: null,
  count: null,
};

const begins = (recurrence: Partial<Recurrence>): readonly string[] =>
  occurrences({ ...BASE, ...recurrence }).map(({ from }) =>
    Temporal.Instant.fromEpochMilliseconds(from)
      .toZonedDateTimeISO(recurrence.zone ?? BASE.zone)
      .toPlainDateTime()
      .toString({ smallestUnit: 'minute' }),
  );

/** The occurrences of a rule that begins on a date. */
const ruled = (rrule: string, from: string): readonly string[] => {
  const rule = parseRule(rrule);
  if ('wrong' in rule) throw new Error(rule.wrong);
  return begins({ ...rule, from, at: '09:00', zone: 'America/New_York' }).map((at) => at.slice(0, 10));
};

describe('occurrences: clocks that are changed', () => {
  it('keeps its time of day across both changes, and its length in real time', () => {
    const spring = occurrences({ ...BASE, from: '2026-03-24', until: '2026-03-31' });
    expect(spring.map(({ from, to }) => [new Date(from).toISOString(), (to - from) / HOUR_MS])).toEqual([
      ['2026-03-24T21:00:00.000Z', 2],
      ['2026-03-31T20:00:00.000Z', 2],
    ]);
    const autumn = occurrences({ ...BASE, from: '2026-10-20', until: '2026-10-27' });
    expect(autumn.map(({ from }) => new Date(from).toISOString())).toEqual([
      '2026-10-20T20:00:00.000Z',
      '2026-10-27T21:00:00.000Z',
    ]);
  });

  it('reads a time of day that is skipped by the offset before the gap: 02:30 begins at 03:30', () => {
    const [night] = occurrences({ ...BASE, days: [], every: 'day', at: '02:30', from: '2026-03-29' });
    expect(new Date(night?.from ?? 0).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect((night?.to ?? 0) - (night?.from ?? 0)).toBe(2 * HOUR_MS);
  });

  it('takes the first of a time of day that is shown twice', () => {
    const [night] = occurrences({
      ...BASE,
      days: [],
      every: 'day',
      at: '02:30',
      from: '2026-10-25',
      until: '2026-10-25',
    });
    expect(new Date(night?.from ?? 0).toISOString()).toBe('2026-10-25T00:30:00.000Z');
  });

  it('begins before and ends after a change with its real length: an hour more or less by the clocks', () => {
    const over = (date: string) =>
      occurrences({
        ...BASE,
        every: 'day',
        days: [],
        at: '01:00',
        forMs: 3 * HOUR_MS,
        from: date,
        until: date,
      })[0];
    expect(new Date(over('2026-03-29')?.to ?? 0).toISOString()).toBe('2026-03-29T03:00:00.000Z');
    expect(new Date(over('2026-10-25')?.to ?? 0).toISOString()).toBe('2026-10-25T02:00:00.000Z');
  });
});

describe('occurrences: which dates', () => {
  it('both ends are included, and nothing before the first', () => {
    expect(begins({ from: '2026-03-03', until: '2026-03-17' })).toEqual([
      '2026-03-03T22:00',
      '2026-03-10T22:00',
      '2026-03-17T22:00',
    ]);
  });

  it('an instant as its end is included, and counts by the instant, not the date', () => {
    const last = Date.parse('2026-03-10T21:00:00Z');
    expect(begins({ until: null, untilMs: last })).toHaveLength(2);
    expect(begins({ until: null, untilMs: last - 1 })).toHaveLength(1);
  });

  it('without days it is the weekday, or the day of the month, that it begins on', () => {
    expect(begins({ days: [], from: '2026-03-05', until: '2026-03-20' })).toEqual([
      '2026-03-05T22:00',
      '2026-03-12T22:00',
      '2026-03-19T22:00',
    ]);
    expect(begins({ every: 'month', days: [], from: '2026-01-31', until: '2026-06-30' })).toEqual([
      '2026-01-31T22:00',
      '2026-03-31T22:00',
      '2026-05-31T22:00',
    ]);
  });

  it('stops where there are too many, and where nothing comes in fifty years', () => {
    expect(begins({ every: 'day', days: [], until: '2099-01-01' })).toHaveLength(MOST_OCCURRENCES + 1);
    expect(
      begins({
        every: 'month',
        interval: 12,
        days: [],
        monthDays: [30],
        from: '2026-02-01',
        until: null,
        count: 2,
      }),
    ).toEqual([]);
  });
});

/** The examples of RFC 5545 §3.8.5.3 that the subset can say, with the results that it prints. */
describe('parseRule: the examples of RFC 5545 §3.8.5.3', () => {
  it.each([
    ['FREQ=DAILY;COUNT=10', '1997-09-02', '1997-09-11', 10],
    ['FREQ=DAILY;UNTIL=19971224T000000Z', '1997-09-02', '1997-12-23', 113],
    ['FREQ=DAILY;INTERVAL=10;COUNT=5', '1997-09-02', '1997-10-12', 5],
    ['FREQ=WEEKLY;COUNT=10', '1997-09-02', '1997-11-04', 10],
    ['FREQ=WEEKLY;COUNT=10;BYDAY=TU,TH', '1997-09-02', '1997-10-02', 10],
    ['FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;BYDAY=MO,WE,FR', '1997-09-01', '1997-12-22', 25],
    ['FREQ=WEEKLY;INTERVAL=2;COUNT=8;BYDAY=TU,TH', '1997-09-02', '1997-10-16', 8],
    ['FREQ=MONTHLY;COUNT=10;BYDAY=1FR', '1997-09-05', '1998-06-05', 10],
    ['FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU', '1997-09-07', '1998-05-31', 10],
    ['FREQ=MONTHLY;COUNT=6;BYDAY=-2MO', '1997-09-22', '1998-02-16', 6],
    ['FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6', '1997-09-28', '1998-02-26', 6],
    ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15', '1997-09-02', '1998-01-15', 10],
    ['FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1', '1997-09-30', '1998-02-01', 10],
    ['FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15', '1997-09-10', '1999-03-13', 10],
  ])('%s from %s ends on %s after %i', (rrule, from, last, count) => {
    const dates = ruled(rrule, from);
    expect([dates[0], dates.at(-1), dates.length]).toEqual([from, last, count]);
  });

  it('FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13: every Friday the 13th', () => {
    expect(ruled('RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=5', '1997-09-02')).toEqual([
      '1998-02-13',
      '1998-03-13',
      '1998-11-13',
      '1999-08-13',
      '2000-10-13',
    ]);
  });

  it.each([
    ['FREQ=YEARLY;COUNT=1', 'FREQ of DAILY, WEEKLY or MONTHLY, got YEARLY'],
    ['COUNT=1', 'got none'],
    ['FREQ=DAILY', 'either COUNT or UNTIL: nothing is declared for ever'],
    ['FREQ=DAILY;COUNT=1;UNTIL=20260101', 'either COUNT or UNTIL'],
    ['FREQ=DAILY;COUNT=0', 'COUNT to be a whole number of 1 or more, got 0'],
    ['FREQ=DAILY;COUNT=1;COUNT=2', 'COUNT only once'],
    ['FREQ=DAILY;INTERVAL=0;COUNT=1', 'INTERVAL to be a whole number'],
    ['FREQ=WEEKLY;COUNT=1;WKST=SU', 'WKST=SU is not understood'],
    ['FREQ=MONTHLY;COUNT=1;BYSETPOS=-1', 'BYSETPOS=-1 is not understood'],
    ['FREQ=DAILY;COUNT=1;BYHOUR=9', 'BYHOUR=9 is not understood'],
    ['FREQ=DAILY;COUNT=1;', 'an empty part is not understood'],
    ['FREQ=WEEKLY;COUNT=1;BYDAY=2TU', 'BYDAY without a number where FREQ is not MONTHLY, got 2TU'],
    ['FREQ=MONTHLY;COUNT=1;BYDAY=6TU', 'got 6TU'],
    ['FREQ=WEEKLY;COUNT=1;BYMONTHDAY=2', 'no BYMONTHDAY where FREQ is WEEKLY'],
    ['FREQ=MONTHLY;COUNT=1;BYMONTHDAY=32', 'from 1 to 31 or from -31 to -1, got 32'],
    ['FREQ=DAILY;UNTIL=20260231', 'got 20260231'],
    ['FREQ=DAILY;UNTIL=20260101T000000', 'in UTC like 20261231T220000Z, got 20260101T000000'],
  ])('%s is refused: %s', (rrule, message) => {
    expect(parseRule(rrule)).toEqual({ wrong: expect.stringContaining(message) });
  });
});

/** Slow and obvious: looks at every minute of the wall clock of a zone. */
function minutesShown(zone: string, from: string, days: number): ReadonlyMap<string, number> {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const first = Date.parse(`${from}T00:00:00Z`) - 86_400_000;
  const shown = new Map<string, number>();
  for (let minute = 0; minute < (days + 2) * 1_440; minute++) {
    const atMs = first + minute * 60_000;
    const text = format.format(atMs);
    // The first of a time that is shown twice.
    if (!shown.has(text)) shown.set(text, atMs);
  }
  return shown;
}

describe('occurrences, by a look at every minute of the wall clock (fast-check)', () => {
  const around = fc.constantFrom(
    ['Europe/Paris', '2026-03-20'],
    ['Europe/Paris', '2026-10-16'],
    ['America/New_York', '2026-03-01'],
    ['Australia/Lord_Howe', '2026-03-28'],
    ['Etc/UTC', '2026-02-20'],
  );
  it('begin when the clocks first show their time of day, on the days that are meant', () => {
    fc.assert(
      fc.property(
        around,
        fc.subarray([...WEEKDAYS], { minLength: 1 }),
        fc.integer({ min: 0, max: 1_439 }),
        ([zone, from], days, minute) => {
          const at = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
          const until = Temporal.PlainDate.from(from).add({ days: 15 }).toString();
          const shown = minutesShown(zone, from, 16);
          const expected = Array.from({ length: 16 }, (_, i) =>
            Temporal.PlainDate.from(from).add({ days: i }),
          )
            .filter((date) => days.some((day) => WEEKDAYS.indexOf(day) === date.dayOfWeek - 1))
            .map((date) => shown.get(`${date.toString()} ${at}`));
          const found = occurrences({ ...BASE, zone, from, until, at, days: days.map((day) => ({ day })) });
          expect(found.map((span) => span.to - span.from)).toEqual(found.map(() => BASE.forMs));
          // A time of day that is skipped is the matter of a test above.
          expect(found.map((span, i) => (expected[i] === undefined ? undefined : span.from))).toEqual(
            expected,
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
