import { feed } from './en/feed.ts';
import { frame } from './en/frame.ts';
import { health } from './en/health.ts';
import { incident } from './en/incident.ts';
import { missing } from './en/missing.ts';
import { overview } from './en/overview.ts';
import { refusal } from './en/refusal.ts';
import { row } from './en/row.ts';
import { terms } from './en/terms.ts';
import { tickets } from './en/tickets.ts';

/** Every word of the pages in English. */
export const en = {
  languageName: 'English',
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
