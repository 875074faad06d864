import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observationPage } from '../../src/live/observation-page.ts';
import type { Outcome } from '../../src/core/observation.ts';
import { parseObservationLine } from '../../src/replay/observation-line.ts';
import type { ObservationQuery } from '../../src/web/record-source.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { configOf } from '../replay/config-from.ts';
import { join } from 'node:path';

const CONTRACT = join(import.meta.dirname, '../../config/contracts/outscale-secnumcloud.yaml');
const { checks } = configOf({
  'vigie.yaml': `
contract: ${CONTRACT}
region: cloudgouv-eu-west-1
vantages: [a, b]
checks:
  - { id: one, probe: tcp, row: sla3.dns, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: two, probe: tcp, row: sla3.ntp, interval: 1m, timeout: 3s, vantages: [a], with: { host: 127.0.0.1, port: 2 } }
`,
});
const FROM = Date.parse('2026-03-01T00:00:00Z');
const byId = new Map(checks.map((check) => [check.id, check]));

interface Put {
  readonly check: string;
  readonly vantage: string;
  readonly slot: number;
  readonly outcome: Outcome;
  readonly noted: boolean;
}

async function storeOf(puts: readonly Put[]) {
  const store = memoryStore();
  for (const { check, vantage, slot, outcome, noted } of puts) {
    const intervalMs = byId.get(check)?.intervalMs ?? 1;
    const why =
      outcome === 'good' ? {} : { cause: 'timeout' as const, ...(noted && { evidence: { code: slot } }) };
    await store.put([{ check, vantage, intervalMs, slot: FROM / intervalMs + slot, outcome, ...why }]);
  }
  return store;
}

async function allPages(store: Awaited<ReturnType<typeof storeOf>>, query: Partial<ObservationQuery>) {
  const lines: string[] = [];
  const whole = { checks: [], vantages: [], fromMs: FROM, toMs: FROM + 86_400_000, limit: 100, ...query };
  let pages = 0;
  for (let after: string | undefined; ;) {
    const page = await observationPage(
      { ...whole, ...(after !== undefined && { after }) },
      { checks, store, breathe: () => Promise.resolve() },
    );
    if (!page.ok) throw new Error(page.detail);
    expect(page.lines.length).toBeLessThanOrEqual(whole.limit);
    lines.push(...page.lines);
    pages++;
    if (page.next === null) return { lines, pages };
    after = page.next;
  }
}

/** Every slot that lines stand for. */
function slotsIn(lines: readonly string[]): readonly string[] {
  return lines
    .flatMap((line) => {
      const { check, vantage, fromSlot, toSlot, outcome } = parseObservationLine(line, byId);
      const slots = Array.from({ length: toSlot - fromSlot }, (_, i) => fromSlot + i);
      return slots.map((slot) => `${check.id} ${vantage} ${slot - FROM / check.intervalMs} ${outcome}`);
    })
    .sort();
}

const putArbitrary = fc.record({
  check: fc.constantFrom('one', 'two'),
  vantage: fc.constant('a'),
  slot: fc.integer({ min: 0, max: 200 }),
  outcome: fc.constantFrom<Outcome>('good', 'bad', 'excluded'),
  noted: fc.boolean(),
});

describe('observationPage', () => {
  it('pages of any size hold each slot once, as it was put', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(putArbitrary, { selector: ({ check, slot }) => `${check} ${slot}`, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (puts, limit) => {
          const { lines } = await allPages(await storeOf(puts), { limit });
          const put = puts.map(
            ({ check, vantage, slot, outcome }) => `${check} ${vantage} ${slot} ${outcome}`,
          );
          expect(slotsIn(lines)).toEqual(put.sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('by check, then time, then vantage; equal slots in one line, with evidence in their own', async () => {
    const good = (check: string, vantage: string, slot: number): Put => ({
      ...{ check, vantage, slot, outcome: 'good', noted: false },
    });
    const store = await storeOf([
      ...['b', 'a'].flatMap((vantage) => [0, 1, 2].map((slot) => good('one', vantage, slot))),
      { check: 'one', vantage: 'b', slot: 3, outcome: 'bad', noted: true },
      good('two', 'a', 0),
    ]);
    const { lines } = await allPages(store, {});
    expect(lines).toEqual([
      '{"check":"one","vantage":"a","from":"2026-03-01T00:00:00.000Z","to":"2026-03-01T00:00:30.000Z","outcome":"good"}',
      '{"check":"one","vantage":"b","from":"2026-03-01T00:00:00.000Z","to":"2026-03-01T00:00:30.000Z","outcome":"good"}',
      '{"check":"one","vantage":"b","slot":"2026-03-01T00:00:30.000Z","outcome":"bad","cause":"timeout","evidence":{"code":3}}',
      '{"check":"two","vantage":"a","slot":"2026-03-01T00:00:00.000Z","outcome":"good"}',
    ]);
  });

  it('only the checks, vantages and slots that are asked for', async () => {
    const puts = ['a', 'b'].flatMap((vantage) =>
      [0, 1, 2, 3].map((slot): Put => ({ check: 'one', vantage, slot, outcome: 'good', noted: false })),
    );
    const store = await storeOf(puts);
    const asked = { vantages: ['b'], fromMs: FROM + 10_000, toMs: FROM + 30_000 };
    expect(slotsIn((await allPages(store, asked)).lines)).toEqual(['one b 1 good', 'one b 2 good']);
    expect((await allPages(store, { checks: ['two'] })).lines).toEqual([]);
  });

  it('a page that has read enough ends without lines, and the next goes on from there', async () => {
    const slot = 8_640 * 400;
    const store = await storeOf([{ check: 'one', vantage: 'a', slot, outcome: 'good', noted: false }]);
    const { lines, pages } = await allPages(store, { checks: ['one'], toMs: FROM + (slot + 1) * 10_000 });
    expect(slotsIn(lines)).toEqual([`one a ${slot} good`]);
    expect(pages).toBe(2);
  });

  it.each([
    [{ checks: ['none'] }, 'there is no check "none"'],
    [{ fromMs: 1, toMs: 0 }, 'to is before from'],
    [{ after: 'nonsense' }, 'after is no cursor of this list; begin anew'],
    [
      { after: Buffer.from('{"check":"one","slot":-1,"vantage":"a"}').toString('base64url') },
      'after is no cursor of this list; begin anew',
    ],
  ])('%o is refused', async (query, detail) => {
    const whole = { checks: [], vantages: [], fromMs: 0, toMs: 1, limit: 1, ...query };
    const store = memoryStore();
    expect(await observationPage(whole, { checks, store, breathe: () => Promise.resolve() })).toEqual({
      ok: false,
      detail,
    });
  });
});
