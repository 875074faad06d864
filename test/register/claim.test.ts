import { describe, expect, it } from 'vitest';
import { claimOf } from '../../src/casework/claim.ts';
import type { PeriodKind } from '../../src/contract/periods.ts';
import type { TicketVerdict } from '../../src/core/ticket.ts';
import type { Incident, Verdict } from '../../src/core/verdict.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { REPLACED_AT, TWO_CONTRACTS } from '../contract/replaced-contracts.ts';
import { makeVerdict } from '../export/make-verdict.ts';
import { configOf } from '../replay/config-from.ts';
import { contract } from '../closing/staged-month.ts';

const YEAR = { fromMs: Date.parse('2025-12-31T23:00:00Z'), toMs: Date.parse('2026-12-31T23:00:00Z') };
const PARTS = [
  {
    name: '2026@2026-01-01',
    fromMs: YEAR.fromMs,
    toMs: REPLACED_AT,
    part: { of: '2026', index: 1, count: 2 },
  },
  { name: '2026@2026-07-01', fromMs: REPLACED_AT, toMs: YEAR.toMs, part: { of: '2026', index: 2, count: 2 } },
] as const;
const JUNE = Date.parse('2026-06-10T12:00:00Z');
const AUGUST = Date.parse('2026-08-10T12:00:00Z');

const incident = (fromMs: number, countedMs: number): Incident => ({
  ...{ fromMs, toMs: fromMs + 60_000, badMs: 60_000, countedMs },
  causes: ['timeout'],
});

/** Readings count otherwise: by the first contract's `client` and the second's `provider`, 1 and 4 ms. */
const verdicts: readonly Verdict[] = PARTS.flatMap((period, part) =>
  ['provider', 'client'].map((reading, i) =>
    makeVerdict({
      ...{ row: 'web', reading, period },
      incidents: [incident(part === 0 ? JUNE : AUGUST, part === 0 ? 2 - i : 4 - i)],
    }),
  ),
);

const config = {
  ...configOf({
    'contract.yaml': contract(),
    'vigie.yaml': 'contract: contract.yaml\nregion: r\nvantages: [a]\nchecks: []\n',
  }),
  ...TWO_CONTRACTS,
};
const ticket: TicketVerdict = {
  ...{ ticket: 'INC-1', title: null, severity: 1, openedMs: JUNE, completeMs: null },
  ...{ answeredMs: null, resolvedMs: null, gti: null, gtr: null },
};
const sourcesOf = (all: readonly Verdict[]) => ({
  config,
  store: memoryStore(),
  breathe: () => Promise.resolve(),
  verdictsOf: (kind: PeriodKind) => Promise.resolve(kind === 'year' ? all : []),
});
const link = (fromMs: number) =>
  ({ ticket: 'INC-1', event: 'linked', row: 'web', scope: 'region', fromMs }) as const;

describe('claimOf', () => {
  it.each([
    ['the first part, under the first reading and clause of then', JUNE, 'old 4', 1],
    ['the second part, under those of the second contract', AUGUST, 'new 4', 4],
  ])('finds an incident in %s', async (_, fromMs, clause, countedMs) => {
    for (const all of [verdicts, verdicts.toReversed()]) {
      const { incidents } = await claimOf(ticket, [link(fromMs)], sourcesOf(all));
      const from = new Date(fromMs).toISOString();
      expect(incidents).toMatchObject([{ clause, incident: { from, countedMs } }]);
    }
  });

  it('finds the incident that goes on at the instant of the link, and none where there is none', async () => {
    const { incidents } = await claimOf(
      ticket,
      [link(AUGUST + 59_999), link(AUGUST + 60_000)],
      sourcesOf(verdicts),
    );
    expect(incidents.map((each) => each.incident?.countedMs ?? null)).toEqual([4, null]);
  });
});
