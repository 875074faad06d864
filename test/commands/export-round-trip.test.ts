import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromStore } from '../../src/commands/observation-source.ts';
import type { Observation } from '../../src/core/observation.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { judgeFor, takeIn } from '../../src/casework/judging.ts';
import { replay } from '../../src/replay/replay.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FILES, T, VANTAGES } from '../closing/staged-month.ts';
import { configOf } from '../replay/config-from.ts';

const config = configOf(FILES);
const MIDNIGHT = Date.parse('2026-03-10T00:00:00Z') / T;

const seen = fc.record({
  check: fc.constantFrom('web', 'mail'),
  vantage: fc.constantFrom(...VANTAGES),
  // Across a midnight, where lines are cut.
  slot: fc.integer({ min: MIDNIGHT - 60, max: MIDNIGHT + 60 }),
  what: fc.constantFrom<Pick<Observation, 'outcome' | 'cause' | 'evidence'>>(
    { outcome: 'good' },
    { outcome: 'bad', cause: 'timeout' },
    { outcome: 'bad', cause: 'status', evidence: { status: 503, requestId: 'r-1' } },
    { outcome: 'excluded', cause: 'throttled' },
  ),
});

describe('vigie export observations', () => {
  it('what is exported replays to the very verdicts of the windows, and from a midnight on is the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(seen, { maxLength: 300 }), async (all) => {
        const store = memoryStore();
        await store.put(all.map(({ what, ...rest }) => ({ ...rest, ...what, intervalMs: T })));
        const atMs = (MIDNIGHT + 90) * T;
        const wanted = { checks: config.checks, fromMs: undefined, toMs: atMs };
        const lines = await Array.fromAsync(fromStore(wanted, store));
        const judge = judgeFor(config);
        await takeIn(judge, store, atMs);
        const replayed = await replay({ config, lines: linesOf(lines), atMs, periods: {} });
        expect(JSON.stringify(verdictsJson(atMs, replayed))).toBe(
          JSON.stringify(verdictsJson(atMs, [...judge.verdicts(atMs)])),
        );
        const cut = await Array.fromAsync(fromStore({ ...wanted, fromMs: MIDNIGHT * T }, store));
        expect(cut).toEqual(lines.filter((line) => beginsMs(line) >= MIDNIGHT * T));
      }),
      { numRuns: 60 },
    );
  });
});

function beginsMs(line: string): number {
  const { slot, from } = JSON.parse(line) as { readonly slot?: string; readonly from?: string };
  return Date.parse(slot ?? from ?? '');
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
