import { describe, expect, it } from 'vitest';
import { verdictEvents } from '../../src/core/verdict-events.ts';
import type { Incident } from '../../src/core/verdict.ts';
import { makeVerdict } from '../export/make-verdict.ts';

const incident: Incident = {
  fromMs: 5_000,
  toMs: 65_000,
  badMs: 60_000,
  countedMs: 60_000,
  causes: ['refused'],
};
const calm = makeVerdict();
const open = makeVerdict({ openIncident: incident, incidents: [incident] });
const about = { atMs: calm.atMs, row: 'sla4.api', scope: 'region' };

describe('verdictEvents', () => {
  it('tells an incident that opens', () => {
    expect(verdictEvents([calm], [open])).toEqual([
      { ...about, kind: 'incident-opened', fromMs: 5_000, causes: ['refused'] },
    ]);
  });

  it('tells an incident that closes, by its last figures', () => {
    const closed = makeVerdict({ incidents: [{ ...incident, badMs: 80_000, countedMs: 79_000 }] });
    expect(verdictEvents([open], [closed])).toEqual([
      {
        ...about,
        kind: 'incident-closed',
        fromMs: 5_000,
        badMs: 80_000,
        countedMs: 79_000,
        causes: ['refused'],
      },
    ]);
  });

  it('tells no end where one open incident gives way to another, and nothing where it lasts', () => {
    const other = makeVerdict({ openIncident: { ...incident, fromMs: 90_000 } });
    expect(verdictEvents([open], [other])).toEqual([
      { ...about, kind: 'incident-goes-on', fromMs: 90_000, causes: ['refused'] },
    ]);
    expect(verdictEvents([open], [open])).toEqual([]);
  });

  it('tells a state that changes', () => {
    expect(verdictEvents([calm], [makeVerdict({ state: 'breached' })])).toEqual([
      { ...about, kind: 'state-changed', from: 'on-track', to: 'breached' },
    ]);
  });

  it('is silent on other readings, new members and new periods', () => {
    const provider = makeVerdict({ reading: 'provider' });
    const period = { name: '2026-04', fromMs: 0, toMs: 1 };
    expect(verdictEvents([calm, provider], [calm, { ...provider, state: 'breached' }])).toEqual([]);
    expect(verdictEvents([], [open])).toEqual([]);
    expect(verdictEvents([calm], [makeVerdict({ period, state: 'breached' })])).toEqual([]);
  });
});
