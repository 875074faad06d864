import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Observation } from '../../src/core/observation.ts';
import { observationLines, type SeenSlots } from '../../src/evidence/observation-lines.ts';
import { seenObservations, seenRecord } from '../../src/evidence/seen-record.ts';
import { memoryStore } from '../../src/window/memory.ts';

const KEY = { check: 'dns', intervalMs: 10_000 };
const BASE = Date.UTC(2026, 2, 1) / KEY.intervalMs;

type Seen = Pick<Observation, 'slot' | 'outcome' | 'cause' | 'evidence'>;

const OUTCOME = fc.constantFrom<Seen>(
  { slot: 0, outcome: 'good' },
  { slot: 0, outcome: 'bad', cause: 'timeout' },
  { slot: 0, outcome: 'bad', cause: 'refused', evidence: { n: 1 } },
  { slot: 0, outcome: 'excluded', cause: 'locked' },
);

async function linesOf(seen: readonly Seen[], slots: number): Promise<readonly string[]> {
  return [...observationLines(await seenSlots(seen, slots), 'a')];
}

async function recordOf(seen: readonly Seen[], slots: number): Promise<readonly string[]> {
  return [...seenRecord(await seenSlots(seen, slots), 'a')];
}

async function seenSlots(seen: readonly Seen[], slots: number): Promise<SeenSlots> {
  const store = memoryStore();
  await store.put(seen.map((one) => ({ ...KEY, vantage: 'a', ...one, slot: BASE + one.slot })));
  const range = { ...KEY, fromSlot: BASE, toSlot: BASE + slots };
  const [bits] = await store.read([range]);
  if (!bits) throw new Error('no bits');
  return { ...range, bits, marks: await store.marks(range) };
}

describe('observationLines', () => {
  it('joins equal slots, gives a slot with evidence its own line, and leaves holes out', async () => {
    const lines = await linesOf(
      [
        { slot: 0, outcome: 'good' },
        { slot: 1, outcome: 'good' },
        { slot: 3, outcome: 'bad', cause: 'timeout' },
        { slot: 4, outcome: 'bad', cause: 'timeout' },
        { slot: 5, outcome: 'bad', cause: 'status', evidence: { status: 503, requestId: 'r-1' } },
        { slot: 6, outcome: 'excluded', cause: 'throttled' },
      ],
      8,
    );
    expect(lines).toEqual([
      '{"check":"dns","vantage":"a","from":"2026-03-01T00:00:00.000Z","to":"2026-03-01T00:00:20.000Z","outcome":"good"}',
      '{"check":"dns","vantage":"a","from":"2026-03-01T00:00:30.000Z","to":"2026-03-01T00:00:50.000Z","outcome":"bad","cause":"timeout"}',
      '{"check":"dns","vantage":"a","slot":"2026-03-01T00:00:50.000Z","outcome":"bad","cause":"status","evidence":{"requestId":"r-1","status":503}}',
      '{"check":"dns","vantage":"a","slot":"2026-03-01T00:01:00.000Z","outcome":"excluded","cause":"throttled"}',
    ]);
  });

  it('has nothing of a vantage that saw nothing', async () => {
    expect(await linesOf([], 8)).toEqual([]);
  });

  it('covers every slot that was seen, once, with its outcome and cause', async () => {
    const slots = fc.array(fc.option(OUTCOME, { nil: undefined }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(slots, async (outcomes) => {
        const seen = outcomes.flatMap((one, slot) => (one ? [{ ...one, slot }] : []));
        const told = (await linesOf(seen, 40)).flatMap(slotsOfLine);
        expect(told).toEqual(
          seen.map(({ slot, outcome: seenAs, cause = null }) => ({ slot, outcome: seenAs, cause })),
        );
      }),
    );
  });
});

describe('seenRecord', () => {
  it('says of whom and from when, then runs; what was not seen too', async () => {
    expect(
      await recordOf(
        [
          { slot: 0, outcome: 'good' },
          { slot: 1, outcome: 'good' },
          { slot: 3, outcome: 'bad', cause: 'timeout' },
          { slot: 4, outcome: 'bad', cause: 'status', evidence: { status: 503, requestId: 'r-1' } },
          { slot: 6, outcome: 'excluded', cause: 'throttled' },
        ],
        8,
      ),
    ).toEqual([
      '{"record":"seen","check":"dns","vantage":"a","intervalMs":10000,"from":"2026-03-01T00:00:00.000Z"}',
      ...['[2]', '[1,"-"]', '[1,"b","timeout"]', '[1,"b","status",{"requestId":"r-1","status":503}]'],
      ...['[1,"-"]', '[1,"x","throttled"]'],
    ]);
  });

  it('holds what the lines hold, to the byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(OUTCOME, { nil: undefined }), { maxLength: 60 }),
        async (outcomes) => {
          const seen = outcomes.flatMap((one, slot) => (one ? [{ ...one, slot }] : []));
          const record = await recordOf(seen, 60);
          expect(await Array.fromAsync(seenObservations(record))).toEqual(await linesOf(seen, 60));
        },
      ),
    );
  });

  it('passes over what is none of its lines', async () => {
    const [head = ''] = await recordOf([{ slot: 0, outcome: 'good' }], 8);
    const odd = ['[5]', head, '[0]', '[1,"b","nonsense"]', '{}', '[1]', 'x'];
    expect(await Array.fromAsync(seenObservations(odd))).toEqual([]);
  });
});

function slotsOfLine(line: string): readonly object[] {
  const { slot, from, to, outcome, cause = null } = JSON.parse(line) as Record<string, string>;
  const first = Date.parse(slot ?? from ?? '') / KEY.intervalMs - BASE;
  const end = slot === undefined ? Date.parse(to ?? '') / KEY.intervalMs - BASE : first + 1;
  return Array.from({ length: end - first }, (_, i) => ({ slot: first + i, outcome, cause }));
}
