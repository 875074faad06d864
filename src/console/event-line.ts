import { compactDuration, timeOfDay } from './figures.ts';
import type { LiveEvent } from './live-state.ts';
import { type Piece, renderLine, type ScreenStyle } from './style.ts';

/** An event in one line, with its time of day. */
export function eventLine(event: LiveEvent, style: ScreenStyle): string {
  const { text, tone = 'plain' } = eventPiece(event);
  return renderLine(
    [
      { text: `${timeOfDay(event.atMs)}  `, tone: 'quiet' },
      { text, tone },
    ],
    style,
  );
}

function eventPiece(event: LiveEvent): Piece {
  switch (event.kind) {
    case 'incident-opened': {
      const causes = event.causes.join(', ');
      return { text: `${event.member}: incident since ${timeOfDay(event.fromMs)} (${causes})`, tone: 'bad' };
    }
    case 'incident-goes-on':
      return {
        text: `${event.member}: unseen for a while, and still bad (${event.causes.join(', ')})`,
        tone: 'bad',
      };
    case 'incident-closed': {
      const figures = `${compactDuration(event.badMs)} bad, ${compactDuration(event.countedMs)} counted`;
      return { text: `${event.member}: incident over, ${figures}`, tone: 'good' };
    }
    case 'state-changed':
      return { text: `${event.member}: ${event.from} → ${event.to}`, tone: 'strong' };
    case 'fault-set':
      return { text: event.fault ? `${event.service} is ${event.fault}` : `${event.service} is mended` };
    case 'note':
      return { text: event.text };
  }
}
