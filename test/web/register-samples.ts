import type { TicketJson } from '../../src/core/ticket-json.ts';
import type { ExclusionJson } from '../../src/web/register-source.ts';

/** An exclusion with everything that one may have. */
export const EXCLUSION: ExclusionJson = {
  id: 'a',
  state: 'withdrawn',
  kind: 'attack',
  rows: ['sla4.api'],
  checks: ['web'],
  scopes: ['region'],
  reason: 'flood',
  author: 'ann',
  evidence: 'https://e.example/1',
  source: 'person',
  from: '2026-03-10T21:00:00.000Z',
  to: '2026-03-10T23:00:00.000Z',
  spans: [{ from: '2026-03-10T21:00:00.000Z', to: '2026-03-10T23:00:00.000Z' }],
  enteredAt: '2026-03-11T00:00:00.000Z',
  afterTheFact: 'ended',
  history: [
    { event: 'declared', at: '2026-03-11T00:00:00.000Z', author: 'ann', reason: null },
    { event: 'withdrawn', at: '2026-03-11T00:01:00.000Z', author: 'bob', reason: 'typed wrong' },
  ],
};

/** A ticket with one clock that has stopped and one that runs. */
export const TICKET: TicketJson = {
  ticket: 'INC-1',
  title: 'nothing resolves',
  severity: 2,
  opened: '2026-03-10T08:00:00.000Z',
  complete: '2026-03-10T08:00:00.000Z',
  answered: '2026-03-10T08:10:00.000Z',
  resolved: null,
  gti: {
    row: 'sla10.gti2',
    limitMs: 1_800_000,
    elapsedMs: 600_000,
    deadline: '2026-03-10T08:30:00.000Z',
    state: 'met',
  },
  gtr: { row: 'sla10.gtr2', limitMs: 14_400_000, elapsedMs: 900_000, deadline: null, state: 'frozen' },
};
