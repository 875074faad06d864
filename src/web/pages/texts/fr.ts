import { feed } from './fr/feed.ts';
import { frame } from './fr/frame.ts';
import { health } from './fr/health.ts';
import { incident } from './fr/incident.ts';
import { missing } from './fr/missing.ts';
import { overview } from './fr/overview.ts';
import { refusal } from './fr/refusal.ts';
import { row } from './fr/row.ts';
import { terms } from './fr/terms.ts';
import { tickets } from './fr/tickets.ts';
import type { Texts } from './texts.ts';

/** Every word of the pages in French. */
export const fr: Texts = {
  languageName: 'Français',
  ...terms,
  frame,
  overview,
  feed,
  row,
  incident,
  tickets,
  health,
  missing,
  refusal,
};
