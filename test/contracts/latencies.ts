import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LatencyDay, LatencyRange, LatencyStore } from '../../src/window/latency-store.ts';

const DAY = 20_500;

/** Latencies under test, empty at first. */
export interface LatencySubject {
  /** One more handle on the same ones. */
  open(): Promise<LatencyStore>;
  /** Closes every handle and opens what they left behind; absent where nothing is left. */
  readonly reopen?: () => Promise<LatencyStore>;
  /** Has the windows beside them pruned of transitions before an instant (ms); absent where there are none. */
  readonly prune?: (beforeMs: number) => Promise<number>;
  /** Ends whatever is open, and cleans up. */
  dispose(): Promise<void>;
}

/** A day with as little said as possible. */
export const latencyDay = (
  day: number,
  text = 'body',
  { check = 'dns', vantage = 'a' }: { readonly check?: string; readonly vantage?: string } = {},
): LatencyDay => ({ check, vantage, day, body: new TextEncoder().encode(text) });

/** What there is, as `check day vantage body`. */
async function told(store: LatencyStore, range: Partial<LatencyRange> = {}): Promise<readonly string[]> {
  const days = await store.read({ checks: ['dns'], fromDay: DAY - 1_000, toDay: DAY + 1_000, ...range });
  return days.map(
    ({ check, day, vantage, body }) =>
      `${check} ${day - DAY} ${vantage} ${new TextDecoder('utf-8', { fatal: true }).decode(body)}`,
  );
}

/** What every store of latencies must do. */
export function latencyContract(name: string, make: () => Promise<LatencySubject>): void {
  describe(`LatencyStore contract: ${name}`, () => {
    let subject: LatencySubject;
    let store: LatencyStore;
    beforeEach(async () => {
      subject = await make();
      store = await subject.open();
    });
    afterEach(() => subject.dispose());

    it('read gives what was put by the order of the checks, then by day, then by vantage', async () => {
      await store.put([
        latencyDay(DAY + 1, 'new'),
        latencyDay(DAY, 'b', { vantage: 'b' }),
        latencyDay(DAY, 'a'),
        latencyDay(DAY, 'x', { check: 'web' }),
      ]);
      expect(await told(store, { checks: ['web', 'none', 'dns'] })).toEqual([
        'web 0 a x',
        'dns 0 a a',
        'dns 0 b b',
        'dns 1 a new',
      ]);
    });

    it('read is half-open in days, over ends of months and years', async () => {
      const days = [-400, -62, -61, -1, 0, 1, 30, 31, 400];
      await store.put(days.map((day) => latencyDay(DAY + day, String(day))));
      expect(await told(store)).toEqual(days.map((day) => `dns ${day} a ${day}`));
      expect(await told(store, { fromDay: DAY - 61, toDay: DAY + 30 })).toEqual(
        [-61, -1, 0, 1].map((day) => `dns ${day} a ${day}`),
      );
      expect(await told(store, { fromDay: DAY, toDay: DAY + 1 })).toEqual(['dns 0 a 0']);
      expect(await told(store, { fromDay: DAY, toDay: DAY })).toEqual([]);
      expect(await told(store, { checks: [] })).toEqual([]);
    });

    it('put stores a day over what was there; again changes nothing', async () => {
      await store.put([latencyDay(DAY, 'first, and longer'), latencyDay(DAY + 1, 'other')]);
      await store.put([latencyDay(DAY, 'second')]);
      await store.put([latencyDay(DAY, 'second')]);
      await store.put([]);
      expect(await told(store)).toEqual(['dns 0 a second', 'dns 1 a other']);
    });

    it('keeps bytes of any value and names of any kind', async () => {
      const body = Uint8Array.from({ length: 2_000 }, (_, i) => (i * 7) % 256);
      const names = ['', '%', 'a:b', '{x}', 'é.2', '\u0000'];
      await store.put(names.map((one) => ({ check: one, vantage: one, day: DAY, body })));
      const days = await store.read({ checks: names, fromDay: DAY, toDay: DAY + 1 });
      expect(days.map(({ check, vantage }) => [check, vantage])).toEqual(names.map((one) => [one, one]));
      for (const day of days) expect(Buffer.compare(day.body, body)).toBe(0);
    });

    it('put and read take hundreds of days in one call', async () => {
      const many = Array.from({ length: 600 }, (_, i) =>
        latencyDay(DAY + (i % 200), `${i}`, { vantage: `v${Math.floor(i / 200)}` }),
      );
      await store.put(many);
      expect(await told(store)).toHaveLength(600);
    });

    it('another handle sees at once what was put', async () => {
      const other = await subject.open();
      await store.put([latencyDay(DAY, 'one')]);
      expect(await told(other)).toEqual(['dns 0 a one']);
    });

    it('what was put is there for the next process', async (context) => {
      if (!subject.reopen) return context.skip('nothing outlives this one');
      await store.put([latencyDay(DAY, 'kept')]);
      expect(await told(await subject.reopen())).toEqual(['dns 0 a kept']);
    });

    it('prune drops months that ended before the one of the oldest transition kept, of every check', async (context) => {
      if (!subject.prune) return context.skip('nothing is pruned here');
      const at = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
      const dates = ['2024-12-31', '2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01'];
      await store.put(
        dates.flatMap((date) => [
          latencyDay(at(date), date),
          latencyDay(at(date), date, { check: 'web', vantage: 'b' }),
        ]),
      );
      expect(await subject.prune(Date.parse('2026-01-31T23:59:59Z'))).toBeGreaterThan(0);
      const left = await store.read({ checks: ['dns', 'web'], fromDay: 0, toDay: 30_000 });
      expect(left.map(({ check, body }) => `${check} ${new TextDecoder().decode(body)}`)).toEqual(
        ['dns', 'web'].flatMap((check) => dates.slice(2).map((date) => `${check} ${date}`)),
      );
    });
  });
}
