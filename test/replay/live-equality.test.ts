import { describe, expect, it } from 'vitest';
import type { Observation, Outcome } from '../../src/core/observation.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { JudgeLoop } from '../../src/judge-loop.ts';
import { replay } from '../../src/replay/replay.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FakeClock } from '../fake-clock.ts';
import { configOf } from './config-from.ts';

const ROWS = {
  web: 'type: availability, target: "99.9", period: month, incident: { deduct: 30s, mergeGap: 40s }',
  disk: 'type: sampled-share, target: "90", period: month',
  keep: 'type: durability, target: "99.9999", period: year',
  mail: 'type: availability, target: "99", period: year',
};
const contract = (more: string, mail: string) => `
id: hosting
version: "1"
timezone: UTC
period: {}
${more}
readings: { client: { maintenance: counts }, provider: { maintenance: excluded, causes: { timeout: excluded } } }
rows:
${Object.entries({ ...ROWS, mail: ROWS.mail.replace('"99"', `"${mail}"`) })
  .map(([id, terms]) => `  - { id: ${id}, clause: C, title: T, ${terms} }`)
  .join('\n')}
`;
const VANTAGES = ['a', 'b', 'c'];
const config = configOf({
  'contract.yaml': contract('effective: { from: "2026-03-10", replaces: former.yaml }', '99'),
  'former.yaml': contract('', '99.9'),
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [${VANTAGES.join(', ')}]
checks:
${Object.keys(ROWS)
  .map(
    (row, i) =>
      `  - { id: ${row}, probe: tcp, row: ${row}, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: ${i + 1} } }`,
  )
  .join('\n')}
exclusions:
  - { id: mw, kind: maintenance, from: "2026-03-10T00:05:00Z", to: "2026-03-10T00:06:00Z", reason: r, author: a }
`,
});

/** Across the midnight on which the contract changes. */
const START = Date.parse('2026-03-09T23:50:00Z');
const SLOTS = 120;
const T = 10_000;

/** Mostly good; outages, blips, blind and refused slots in between, and every seventh arrives half a minute late. */
function observations(): readonly { readonly seen: Observation; readonly atMs: number }[] {
  let state = 11;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state >> 8;
  };
  return config.checks.flatMap(({ id, intervalMs }) =>
    Array.from({ length: SLOTS }, (_, i) => START / T + i).flatMap((slot, i) =>
      VANTAGES.flatMap((vantage) => {
        const outcomes: readonly (Outcome | undefined)[] = [
          'bad',
          'excluded',
          undefined,
          'good',
          'good',
          'good',
        ];
        const outcome = i % 40 > 30 ? 'bad' : outcomes[next() % outcomes.length];
        if (!outcome) return [];
        const cause = id === 'keep' && i > 60 ? 'lost' : 'timeout';
        const seen: Observation = { check: id, intervalMs, vantage, slot, outcome };
        const late = next() % 7 === 0 ? 30_000 : 0;
        return [
          {
            seen: outcome === 'good' ? seen : { ...seen, cause: outcome === 'bad' ? cause : 'throttled' },
            atMs: slot * T + 2_000 + late,
          },
        ];
      }),
    ),
  );
}

describe('the same observations, judged live every second and replayed', () => {
  it('give the same verdicts to the byte, whatever came late and wherever the contract changed', async () => {
    const clock = new FakeClock(START);
    const store = memoryStore();
    let latest: { readonly atMs: number; readonly verdicts: readonly Verdict[] } | undefined;
    const loop = new JudgeLoop(
      {
        clock,
        store,
        epoch: 1,
        breathe: () => Promise.resolve(),
        onVerdicts: (atMs, verdicts) => (latest = { atMs, verdicts }),
        onFailure: (error) => {
          throw error;
        },
        onCommit: () => undefined,
      },
      config,
    );
    const waiting = [...observations()].sort((a, b) => a.atMs - b.atMs);
    const arrived: Observation[] = [];
    await loop.start();
    let compared = 0;
    for (let second = 0; second <= SLOTS * 10 + 60; second++) {
      const due = waiting.splice(
        0,
        waiting.findIndex(({ atMs }) => atMs > clock.wallMs()),
      );
      if (waiting.every(({ atMs }) => atMs <= clock.wallMs())) due.push(...waiting.splice(0));
      arrived.push(...due.map(({ seen }) => seen));
      await store.put(due.map(({ seen }) => seen));
      await clock.advance(1_000);
      if (second % 97 !== 0 || !latest) continue;
      const { atMs, verdicts } = latest;
      const replayed = await replay({ config, lines: linesOf(arrived), atMs, periods: {} });
      expect(JSON.stringify(verdictsJson(atMs, verdicts))).toBe(JSON.stringify(verdictsJson(atMs, replayed)));
      compared++;
    }
    await loop.stop();
    expect(compared).toBeGreaterThan(10);
    const ofClient = latest?.verdicts.filter(({ reading }) => reading === 'client') ?? [];
    expect(ofClient.map(({ row, state }) => `${row} ${state}`).sort()).toEqual([
      'disk breached',
      'keep breached',
      'mail on-track',
      'web undecided',
    ]);
    expect(latest?.verdicts.find(({ row }) => row === 'mail')?.period.name).toBe('2026@2026-03-10');
  });
});

async function* linesOf(seen: readonly Observation[]): AsyncGenerator<string> {
  for (const { intervalMs, slot, ...rest } of seen)
    yield JSON.stringify({ ...rest, slot: new Date(slot * intervalMs).toISOString() });
}
