import { describe, expect, it } from 'vitest';
import { exclusionStatementSchema } from '../../src/contract/exclusion-schema.ts';
import { supportHistory } from '../../src/contract/support-promise.ts';
import type { Observation, Outcome } from '../../src/core/observation.ts';
import type { TicketVerdict } from '../../src/core/ticket.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import { type DeskAnswer, ExclusionDesk } from '../../src/register/exclusion-desk.ts';
import { foldExclusions, inForce } from '../../src/register/exclusions.ts';
import { replayExclusions } from '../../src/replay/exclusions.ts';
import { replay } from '../../src/replay/replay.ts';
import { parseTicketLine } from '../../src/replay/ticket-line.ts';
import { replayTickets } from '../../src/replay/tickets.ts';
import { TicketBook } from '../../src/casework/ticket-book.ts';
import { TicketDesk } from '../../src/casework/ticket-desk.ts';
import { memoryLedger } from '../../src/window/ledger-memory.ts';
import type { LedgerEntry } from '../../src/window/ledger.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FakeClock } from '../fake-clock.ts';
import { loneJudge } from '../live/lone-judge.ts';
import { configOf } from './config-from.ts';

const ROWS = {
  web: 'type: availability, target: "99.9", period: month, incident: { deduct: 30s, mergeGap: 40s }',
  disk: 'type: sampled-share, target: "90", period: month',
  keep: 'type: durability, target: "99.9999", period: year',
  mail: 'type: availability, target: "99", period: year',
  path: 'type: latency-bound, bound: 10ms, allowedShare: "20", period: month, incident: { minimum: 20s }',
  free: 'type: none',
};
const SUPPORT = `
  - { id: gti, clause: C, title: T, type: support, severity: 1, clock: gti, limit: 3m }
  - { id: gtr, clause: C, title: T, type: support, severity: 1, clock: gtr, limit: 10m }
`;
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
  .join('\n')}${SUPPORT}`;
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
  .filter((row) => row !== 'free')
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

/** What is entered by people while it runs, in seconds from the start: what is excluded, and what is not after all. */
const ENTERED: readonly (readonly [number, (desk: ExclusionDesk) => Promise<DeskAnswer>])[] = [
  [100, (desk) => desk.declare(given('flood', 'attack', 40, 160, { rows: ['web', 'path'] }), BY)],
  [130, (desk) => desk.declare(given('overlapping', 'attack', 90, 300, { checks: ['web', 'disk'] }), BY)],
  [200, (desk) => desk.propose(given('announced', 'maintenance', 400, 500), 'feed', BY)],
  [390, (desk) => desk.withdraw('flood', 'was none', BY)],
  [450, (desk) => desk.confirm('announced', 'seen', BY)],
  [700, (desk) => desk.declare(given('late', 'client-action', 250, 420, { rows: ['mail', 'keep'] }), BY)],
  [900, (desk) => desk.withdraw('overlapping', 'typed twice', BY)],
];
const BY = { author: 'ann', from: 'cli' };

function given(id: string, kind: string, fromS: number, toS: number, more: object = {}) {
  const [from, to] = [fromS, toS].map((s) => new Date(START + s * 1_000).toISOString());
  const exclusion = { id, kind, from, to, reason: 'r', author: 'ann', ...more };
  return { exclusion, statement: exclusionStatementSchema.parse(exclusion) };
}

/** Of two tickets, in seconds from the start. */
const TICKET_EVENTS: readonly (readonly [number, object])[] = [
  [30, { ticket: 'b', event: 'opened', severity: 1, complete: true }],
  [60, { ticket: 'a', event: 'opened', severity: 1 }],
  [200, { ticket: 'a', event: 'responded' }],
  [260, { ticket: 'a', event: 'completed' }],
  [300, { ticket: 'b', event: 'waiting' }],
  [640, { ticket: 'b', event: 'resumed' }],
  [700, { ticket: 'a', event: 'resolved' }],
  [800, { ticket: 'a', event: 'reopened' }],
];
const TICKETS = TICKET_EVENTS.map(([second, event]) => {
  const text = JSON.stringify({ ...event, at: new Date(START + second * 1_000).toISOString() });
  return { second, text };
});

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
  it('give the same verdicts to the byte, whatever came late, was excluded or withdrawn, and wherever the contract changed', async () => {
    const clock = new FakeClock(START);
    const store = memoryStore();
    let latest: { readonly atMs: number; readonly verdicts: readonly Verdict[] } | undefined;
    const loop = loneJudge(config, {
      ...{ clock, store },
      onVerdicts: (atMs, verdicts) => (latest = { atMs, verdicts }),
    });
    const ledger = memoryLedger();
    const [nowMs, nonce] = [() => clock.wallMs(), () => String(clock.wallMs())];
    const configured = () => config.exclusions;
    const desk = new ExclusionDesk({ ledger, nowMs, nonce, configured });
    const book = new TicketBook(config);
    const tickets = new TicketDesk({ ledger, book, nowMs, nonce });
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
      for (const [, enter] of ENTERED.filter(([at]) => at === second)) {
        expect(await enter(desk)).toMatchObject({ ok: true });
        const { exclusions } = foldExclusions(await ledger.entries('exclusions', 0));
        loop.declare([...config.exclusions, ...inForce(exclusions.values())]);
      }
      for (const { text } of TICKETS.filter((ticket) => ticket.second === second))
        expect(await tickets.take([parseTicketLine(text, supportHistory(config))], BY)).toMatchObject({
          ok: true,
        });
      await clock.advance(1_000);
      if (second % 97 !== 0 || !latest) continue;
      const { atMs, verdicts } = latest;
      const entered = await ledger.entries('exclusions', 0);
      const exclusions = await replayExclusions({ config, lines: eventsOf(entered), atMs });
      const lines = linesOf(arrived);
      const replayed = await replay({ config: { ...config, exclusions }, lines, atMs, periods: {} });
      const told = TICKETS.map(({ text }) => text);
      expect(byTicket(book.verdicts(atMs))).toEqual(
        await replayTickets({ contracts: config, lines: textsOf(told), atMs }),
      );
      expect(JSON.stringify(verdictsJson(atMs, verdicts))).toBe(JSON.stringify(verdictsJson(atMs, replayed)));
      compared++;
    }
    await loop.stop();
    expect(compared).toBeGreaterThan(10);
    const ofClient = latest?.verdicts.filter(({ reading }) => reading === 'client') ?? [];
    expect(ofClient.map(({ row, state }) => `${row} ${state}`).sort()).toEqual([
      'disk breached',
      'free no-commitment',
      'keep breached',
      'mail on-track',
      'path undecided',
      'web undecided',
    ]);
    expect(latest?.verdicts.find(({ row }) => row === 'mail')?.period.name).toBe('2026@2026-03-10');
  });
});

async function* linesOf(seen: readonly Observation[]): AsyncGenerator<string> {
  for (const { intervalMs, slot, ...rest } of seen)
    yield JSON.stringify({ ...rest, slot: new Date(slot * intervalMs).toISOString() });
}

/** What the ledger holds, as a file of events. */
async function* eventsOf(entries: readonly LedgerEntry[]): AsyncGenerator<string> {
  for (const { json, atMs } of entries)
    yield JSON.stringify({ ...(JSON.parse(json) as object), at: new Date(atMs).toISOString() });
}

async function* textsOf(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

function byTicket(verdicts: readonly TicketVerdict[]): readonly TicketVerdict[] {
  return [...verdicts].sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
}
