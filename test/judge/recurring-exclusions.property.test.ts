import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredBy, exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import { WEEKDAYS } from '../../src/core/recurrence.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { Judge } from '../../src/judge/judge.ts';
import { contractWith, judgedCheck } from './make-judge.ts';
import { SlotTable } from './slot-table.ts';

const MINUTE_MS = 60_000;
const SLOT_MINUTES = 15;
const DAYS = 12;

/** Weeks in which the clocks change, forth or back, by an hour or by half of one. */
const WEEKS = [
  { zone: 'Europe/Paris', from: '2026-03-23' },
  { zone: 'Europe/Paris', from: '2026-10-19' },
  { zone: 'America/New_York', from: '2026-03-04' },
  { zone: 'America/New_York', from: '2026-10-28' },
  { zone: 'Australia/Lord_Howe', from: '2026-04-01' },
] as const;

const recurring = fc.record({
  week: fc.constantFrom(...WEEKS),
  days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  // Most clocks change between one and three in the morning.
  at: fc.oneof(fc.integer({ min: 0, max: 24 * 60 - 1 }), fc.integer({ min: 55, max: 215 })),
  forMinutes: fc.integer({ min: 1, max: 40 * 60 }),
});

/** What the clocks on the wall show at each minute: day of the week, date, minute of the day. */
function wallClock(zone: string, fromMs: number, minutes: number) {
  const wall = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return Array.from({ length: minutes }, (_, i) => {
    const part = Object.fromEntries(
      wall.formatToParts(fromMs + i * MINUTE_MS).map(({ type, value }) => [type, value]),
    );
    const date = `${part['year']}-${part['month']}-${part['day']}`;
    return { date, minute: Number(part['hour']) * 60 + Number(part['minute']) };
  });
}
type Shown = ReturnType<typeof wallClock>[number];

const watched = new Map<string, readonly Shown[]>();

/** The same, watched once for each week. */
function shownIn(zone: string, fromMs: number, minutes: number): readonly Shown[] {
  const key = `${zone} ${fromMs}`;
  const shown = watched.get(key) ?? wallClock(zone, fromMs, minutes);
  watched.set(key, shown);
  return shown;
}

/** Minutes that are excluded, found by watching the clocks: it begins when they first show, or pass, its time of day. */
function excludedMinutes(
  shown: readonly Shown[],
  wanted: {
    readonly days: readonly string[];
    readonly at: number;
    readonly forMinutes: number;
    readonly from: string;
    readonly until: string;
  },
): readonly boolean[] {
  const excluded = new Array<boolean>(shown.length).fill(false);
  const begun = new Set<string>();
  for (const [i, { date, minute }] of shown.entries()) {
    const weekday = WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? '';
    const isMeant = wanted.days.includes(weekday) && date >= wanted.from && date <= wanted.until;
    if (!isMeant || begun.has(date) || minute < wanted.at) continue;
    begun.add(date);
    // Where its time of day is skipped, it begins as long after the gap as it would have after the gap's beginning.
    const skipped = minute > wanted.at && i > 0 ? wanted.at - ((shown[i - 1]?.minute ?? 0) + 1) : 0;
    for (let j = i + skipped; j < Math.min(shown.length, i + skipped + wanted.forMinutes); j++)
      excluded[j] = true;
  }
  return excluded;
}

describe('an exclusion that comes back, across the change of the clocks (fast-check)', () => {
  it('takes out of the verdict what a watch on the clocks of its zone, minute by minute, takes out', () => {
    fc.assert(
      fc.property(recurring, fc.infiniteStream(fc.nat(2)), ({ week, days, at, forMinutes }, states) => {
        const { zone, from } = week;
        const startMs = Temporal.PlainDate.from(from).toZonedDateTime(zone).epochMilliseconds;
        const first = Math.ceil(startMs / (SLOT_MINUTES * MINUTE_MS));
        const slots = (DAYS * 24 * 60) / SLOT_MINUTES;
        const isBad = Array.from({ length: slots }, () => states.next().value === 0);
        const until = Temporal.PlainDate.from(from).add({ days: DAYS }).toString();
        const clock = { hour: Math.floor(at / 60), minute: at % 60 };
        const exclusion = {
          id: 'x',
          kind: 'attack',
          recurs: {
            every: 'week',
            on: days,
            at: Temporal.PlainTime.from(clock).toString({ smallestUnit: 'minute' }),
            for: `${forMinutes}m`,
            ...{ zone, from, until },
          },
          reason: 'r',
          author: 'a',
        };
        const shown = shownIn(zone, first * SLOT_MINUTES * MINUTE_MS, slots * SLOT_MINUTES);
        const excluded = excludedMinutes(shown, { days, at, forMinutes, from, until });
        const bad = shown.map((_, i) => isBad[Math.floor(i / SLOT_MINUTES)] ?? false);
        const minutesWhere = (isExcluded: boolean): number =>
          bad.filter((isDown, i) => isDown && excluded[i] === isExcluded).length;
        const verdict = judged(isBad, first, exclusion);
        expect([verdict.downtimeMs.estimate, verdict.excludedMs]).toEqual(
          [minutesWhere(false), minutesWhere(true)].map((minutes) => minutes * MINUTE_MS),
        );
        const begins = bad.filter(
          (isDown, i) => isDown && !excluded[i] && !(i > 0 && bad[i - 1] && !excluded[i - 1]),
        );
        expect(verdict.incidents).toHaveLength(begins.length);
      }),
      { numRuns: 60 },
    );
  });
});

function judged(isBad: readonly boolean[], firstSlot: number, exclusion: object): Verdict {
  const intervalMs = SLOT_MINUTES * MINUTE_MS;
  const table = new SlotTable('c', intervalMs);
  for (const [i, isDown] of isBad.entries())
    table.put('a', firstSlot + i, isDown ? 'bad' : 'good', isDown ? 'timeout' : undefined);
  const judge = new Judge({
    contract: contractWith({}),
    checks: [judgedCheck({ id: 'c', intervalMs, timeoutMs: 1_000 })],
    compositions: [],
    exclusions: declaredBy(exclusionStatementSchema.parse(exclusion)),
    coversRegion: null,
  });
  const [fromMs, toMs] = [firstSlot * intervalMs, (firstSlot + isBad.length) * intervalMs];
  const nowMs = toMs + 2 * intervalMs;
  judge.rewind('c', fromMs);
  judge.advance(table.bits(firstSlot, nowMs / intervalMs), nowMs);
  const [verdict] = [...judge.verdicts(nowMs, () => ({ name: 'p', fromMs, toMs }))];
  if (!verdict) throw new Error('no verdict');
  return verdict;
}
