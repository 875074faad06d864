import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elapsedTime, type SupportCalendar, workingTime } from '../../src/contract/working-calendar.ts';
import { MINUTE_MS, minuteJudge } from './working-minutes.ts';

const HOUR_MS = 60 * MINUTE_MS;
const OFFICE: SupportCalendar = {
  zone: 'Europe/Paris',
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '20:00',
  holidays: 'none',
};
const SUNDAYS: SupportCalendar = { ...OFFICE, days: ['sun'] };

const minutes = (calendar: SupportCalendar, from: string, to: string): number =>
  workingTime(calendar).work(Date.parse(from), Date.parse(to)) / MINUTE_MS;

describe('working time', () => {
  it.each([
    ['a day', '2026-03-02T00:00:00+01:00', '2026-03-03T00:00:00+01:00', 720],
    ['the first minute', '2026-03-02T07:59:00+01:00', '2026-03-02T08:01:00+01:00', 1],
    ['the last minute', '2026-03-02T19:59:00+01:00', '2026-03-02T20:01:00+01:00', 1],
    ['a night', '2026-03-02T20:00:00+01:00', '2026-03-03T08:00:00+01:00', 0],
    ['a weekend', '2026-03-06T20:00:00+01:00', '2026-03-09T08:00:00+01:00', 0],
    ['a week', '2026-03-02T00:00:00+01:00', '2026-03-09T00:00:00+01:00', 3_600],
    ['nothing', '2026-03-02T12:00:00+01:00', '2026-03-02T12:00:00+01:00', 0],
    ['a span that ends before it begins', '2026-03-03T12:00:00+01:00', '2026-03-02T12:00:00+01:00', 0],
  ])('counts %s', (_, from, to, expected) => {
    expect(minutes(OFFICE, from, to)).toBe(expected);
  });

  it('leaves out public holidays, and those of a list', () => {
    const week = ['2026-05-11T00:00:00+02:00', '2026-05-18T00:00:00+02:00'] as const;
    expect(minutes({ ...OFFICE, holidays: 'fr' }, ...week)).toBe(4 * 720);
    expect(minutes({ ...OFFICE, holidays: ['2026-05-12', '2026-05-13'] }, ...week)).toBe(3 * 720);
  });

  it.each([
    ['the hour that is skipped', '02:00', '03:00', 0],
    ['hours that begin inside it', '02:30', '04:00', 60],
    ['hours that end inside it', '01:00', '02:30', 60],
    ['the whole day', '00:00', '24:00', 23 * 60],
  ])('on the day the clocks go forward, counts %s as it was lived', (_, from, to, expected) => {
    const night = ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'] as const;
    expect(minutes({ ...SUNDAYS, from, to }, ...night)).toBe(expected);
  });

  it.each([
    ['the hour that is repeated', '02:00', '03:00', 120],
    ['hours that begin inside it, from the first time they are shown', '02:30', '04:00', 150],
    ['hours that end inside it, until the first time they are shown', '01:00', '02:30', 90],
    ['the whole day', '00:00', '24:00', 25 * 60],
  ])('on the day the clocks go back, counts %s', (_, from, to, expected) => {
    const night = ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'] as const;
    expect(minutes({ ...SUNDAYS, from, to }, ...night)).toBe(expected);
  });

  it('knows no hours of a day that a zone left out', () => {
    const apia: SupportCalendar = { ...OFFICE, zone: 'Pacific/Apia', days: ['thu', 'fri', 'sat'] };
    expect(minutes(apia, '2011-12-29T00:00:00-10:00', '2012-01-01T00:00:00+14:00')).toBe(2 * 720);
  });

  it('adds up to the end of a working day, not to the start of the next', () => {
    const due = workingTime(OFFICE).addWork(Date.parse('2026-03-06T08:00:00+01:00'), 12 * HOUR_MS);
    expect(due).toBe(Date.parse('2026-03-06T20:00:00+01:00'));
  });

  it('adds nothing without waiting for working hours', () => {
    const saturday = Date.parse('2026-03-07T03:00:00+01:00');
    expect(workingTime(OFFICE).addWork(saturday, 0)).toBe(saturday);
  });

  it('gives up where a deadline would be more than a hundred years away', () => {
    expect(workingTime(OFFICE).addWork(0, Number.MAX_SAFE_INTEGER)).toBeNull();
    expect(elapsedTime.addWork(0, Number.MAX_SAFE_INTEGER)).toBeNull();
  });
});

/** Midnights before a change of the clocks: Paris, New York, and Lord Howe, where it is half an hour. */
const CHANGES = [
  ['Europe/Paris', '2026-03-28'],
  ['Europe/Paris', '2026-10-24'],
  ['America/New_York', '2026-03-07'],
  ['America/New_York', '2026-10-31'],
  ['Australia/Lord_Howe', '2026-04-04'],
  ['Australia/Lord_Howe', '2026-10-03'],
] as const;

const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** Hours whose edges are whole: then no edge lies inside an hour that is repeated. */
const calendarAndSpan = fc
  .record({
    change: fc.constantFrom(...CHANGES),
    days: fc.uniqueArray(fc.constantFrom('mon', 'tue', 'fri', 'sat', 'sun'), { minLength: 1 }),
    hours: fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 2, maxLength: 2 }),
    fromMinute: fc.integer({ min: -1_440, max: 2_880 }),
    minutes: fc.integer({ min: 0, max: 5_000 }),
    isHoliday: fc.boolean(),
  })
  .map(({ change: [zone, eve], days, hours, fromMinute, minutes, isHoliday }) => {
    const [from = 0, to = 0] = hours.toSorted((a, b) => a - b);
    const holidays = isHoliday ? [eve] : [];
    const calendar: SupportCalendar = { zone, days, from: hourText(from), to: hourText(to), holidays };
    const fromMs = Date.parse(`${eve}T00:00:00Z`) + fromMinute * MINUTE_MS;
    return { calendar, fromMs, toMs: fromMs + minutes * MINUTE_MS };
  });

describe('working time, past the edge of a day', () => {
  it('a millisecond more than a day of work is a millisecond into the next, across the end of a year', () => {
    const { addWork } = workingTime(OFFICE);
    const day = 12 * 3_600_000;
    const thursday = Date.parse('2026-12-31T08:00:00+01:00');
    expect(addWork(thursday, day)).toBe(Date.parse('2026-12-31T20:00:00+01:00'));
    expect(addWork(thursday, day + 1)).toBe(Date.parse('2027-01-01T08:00:00.001+01:00'));
  });
});

describe('working time, as a measure', () => {
  it('is what a look at the wall clock in every minute counts, across changes of the clocks', () => {
    fc.assert(
      fc.property(calendarAndSpan, ({ calendar, fromMs, toMs }) => {
        const isWorked = minuteJudge(calendar);
        let expected = 0;
        for (let at = fromMs; at < toMs; at += MINUTE_MS) if (isWorked(at)) expected += MINUTE_MS;
        expect(workingTime(calendar).work(fromMs, toMs)).toBe(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('is additive, to the millisecond', () => {
    const part = fc.integer({ min: 0, max: 3 * 86_400_000 });
    fc.assert(
      fc.property(calendarAndSpan, part, part, ({ calendar, fromMs }, first, second) => {
        const { work } = workingTime(calendar);
        const [middle, end] = [fromMs + first, fromMs + first + second];
        expect(work(fromMs, middle) + work(middle, end)).toBe(work(fromMs, end));
      }),
    );
  });

  it('is undone by addWork, which gives the earliest instant', () => {
    fc.assert(
      fc.property(
        calendarAndSpan,
        fc.integer({ min: 1, max: 100 * HOUR_MS }),
        ({ calendar, fromMs }, added) => {
          const { work, addWork } = workingTime(calendar);
          const due = addWork(fromMs, added) ?? Number.NaN;
          expect(work(fromMs, due)).toBe(added);
          expect(work(fromMs, due - 1)).toBe(added - 1);
        },
      ),
    );
  });
});
