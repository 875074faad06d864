import { expect, test } from 'vitest';
import type { VerdictEvent } from '../../src/core/verdict-events.ts';
import { eventLevel } from '../../src/live/event-level.ts';

const ABOUT = { atMs: 60_000, row: 'sla3.dns', scope: 'region' } as const;
const CAUSES = ['refused'];

test.each<readonly [level: 'info' | 'warn', event: VerdictEvent]>([
  ['warn', { ...ABOUT, kind: 'incident-opened', fromMs: 0, causes: CAUSES }],
  ['warn', { ...ABOUT, kind: 'incident-goes-on', fromMs: 0, causes: CAUSES }],
  ['info', { ...ABOUT, kind: 'incident-closed', fromMs: 0, badMs: 1, countedMs: 1, causes: CAUSES }],
  ['warn', { ...ABOUT, kind: 'state-changed', from: 'undecided', to: 'breached' }],
  ['warn', { ...ABOUT, kind: 'state-changed', from: 'on-track', to: 'undecided' }],
  ['info', { ...ABOUT, kind: 'state-changed', from: 'breached', to: 'undecided' }],
  ['info', { ...ABOUT, kind: 'state-changed', from: 'undecided', to: 'met' }],
])('eventLevel is %s for new trouble or the end of it: %o', (level, event) => {
  expect(eventLevel(event)).toBe(level);
});
