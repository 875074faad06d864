import type { VerdictEvent } from '../core/verdict-events.ts';
import { isWorse } from '../core/verdict-order.ts';

/** How loudly an event is logged: new trouble is a warning, good news is not. */
type EventLevel = 'info' | 'warn';

const LEVELS: Readonly<Record<VerdictEvent['kind'], EventLevel | 'by-state'>> = {
  'incident-opened': 'warn',
  'incident-goes-on': 'warn',
  'incident-closed': 'info',
  'state-changed': 'by-state',
};

/** The level of an event in the log; a change of state is a warning where the new one is worse. */
export function eventLevel(event: VerdictEvent): EventLevel {
  const level = LEVELS[event.kind];
  if (level !== 'by-state') return level;
  return event.kind === 'state-changed' && isWorse(event.to, event.from) ? 'warn' : 'info';
}
