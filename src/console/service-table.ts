import type { LiveService } from './live-state.ts';
import { pad, renderLine, type ScreenStyle, widthOf } from './style.ts';

/** The services of the box, a line each: the key, the name, how it is broken or what it is. */
export function serviceTable(services: readonly LiveService[], style: ScreenStyle): readonly string[] {
  const nameWidth = Math.max(0, ...services.map(({ name }) => widthOf(name)));
  return services.map(({ key, name, summary, fault }) =>
    renderLine(
      [
        { text: `${key}  `, tone: 'strong' },
        { text: `${pad(name, nameWidth)}  `, tone: fault === undefined ? 'plain' : 'bad' },
        fault === undefined ? { text: summary, tone: 'quiet' } : { text: fault, tone: 'bad' },
      ],
      style,
    ),
  );
}

/** The services of the box in one text: `a api, b zone-a`. */
export function serviceKeys(services: readonly LiveService[]): string {
  return services.map(({ key, name }) => `${key} ${name}`).join(', ');
}
