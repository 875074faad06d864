import { describe, expect, it } from 'vitest';
import { firstLastAndBetween, incidentSamples } from '../../src/casework/claim-samples.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FILES, MARCH, T, VANTAGES } from '../closing/staged-month.ts';
import { configOf } from '../replay/config-from.ts';

const [web, mail] = configOf(FILES).checks;
if (!web || !mail) throw new Error('the month has two checks');
const FROM = MARCH.from + 7 * T;

/** Windows in which `web` was bad, by every vantage, from then on; and how many marks were ever handed out at once. */
async function outage(slots: number) {
  const store = memoryStore();
  const from = FROM / T;
  for (const vantage of VANTAGES) {
    const key = { check: web?.id ?? '', intervalMs: T };
    store.putSpan(key, vantage, from - 6, from + slots + 6, 'good');
    store.putSpan(key, vantage, from, from + slots, 'bad', 'timeout');
  }
  let [total, most, turns] = [0, 0, 0];
  const sources = {
    store: {
      read: store.read.bind(store),
      marks: async (range: Parameters<typeof store.marks>[0]) => {
        const marks = await store.marks(range);
        total += marks.length;
        most = Math.max(most, marks.length);
        return marks;
      },
    },
    breathe: () => {
      turns++;
      return Promise.resolve();
    },
  };
  return { ...{ store, from, sources }, read: () => ({ total, most, turns }) };
}

describe('incidentSamples', () => {
  it('of an incident of eight hours: all of its samples, by time, those of every vantage and outcome', async () => {
    const { store, from, sources } = await outage(3_000);
    await store.put([
      { check: web.id, intervalMs: T, vantage: 'a', slot: from - 1, outcome: 'excluded', cause: 'throttled' },
    ]);
    const span = { fromMs: FROM - 3 * T, toMs: FROM + 3_002 * T };
    const { count, lookedAt } = await incidentSamples(span, [mail, web], sources);
    expect(count).toBe(9_001);
    expect(lookedAt.map(({ atMs }) => atMs)).toEqual([
      FROM - T,
      ...Array.from({ length: 9_000 }, (_, i) => FROM + Math.floor(i / 3) * T),
    ]);
    expect(lookedAt[0]).toMatchObject({ vantage: 'a', outcome: 'excluded', cause: 'throttled' });
  });

  it('of one of a month: counts all, looks at the first, the last and some between, and reads no more than that', async () => {
    const slots = 250_000;
    const { sources, read } = await outage(slots);
    const span = { fromMs: FROM, toMs: FROM + slots * T };
    const { count, lookedAt } = await incidentSamples(span, [web], sources);
    expect(count).toBe(3 * slots);
    const at = lookedAt.map(({ atMs }) => (atMs - FROM) / T);
    expect(at.slice(0, 6)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(at.at(-1)).toBe(slots - 1);
    for (let tenth = 0; tenth < 10; tenth++)
      expect(at.some((slot) => Math.floor(slot / (slots / 10)) === tenth)).toBe(true);
    expect(read().total).toBe(lookedAt.length);
    expect(read().total).toBeGreaterThan(15_000);
    expect(read().total).toBeLessThanOrEqual(20_000);
    expect(read().most).toBeLessThanOrEqual(180);
    expect(read().turns).toBeGreaterThan(100);
  });

  it('of several checks: each has its share, and none is crowded out', async () => {
    const { store, sources, read } = await outage(10_000);
    const from = FROM / T;
    store.putSpan({ check: mail.id, intervalMs: T }, 'b', from + 4_000, from + 4_002, 'bad', 'refused');
    const { count, lookedAt } = await incidentSamples(
      { fromMs: FROM, toMs: FROM + 10_000 * T },
      [web, mail],
      sources,
    );
    expect(count).toBe(30_002);
    expect(lookedAt.filter(({ check }) => check === mail.id).map(({ slot }) => slot - from)).toEqual([
      4_000, 4_001,
    ]);
    expect(read().total).toBeLessThanOrEqual(10_002);
  });
});

describe('firstLastAndBetween', () => {
  it.each([
    [3, 8, [0, 1, 2]],
    [8, 8, [0, 1, 2, 3, 4, 5, 6, 7]],
    [100, 8, [0, 1, 2, 34, 65, 97, 98, 99]],
  ])('of %i at most %i', (length, most, expected) => {
    const all = Array.from({ length }, (_, i) => i);
    expect(firstLastAndBetween(all, most)).toEqual(expected);
  });
});
