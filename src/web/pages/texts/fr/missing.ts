import type { Texts } from '../texts.ts';

/** The words where there is no page, or none could be made, in French. */
export const missing: Texts['missing'] = {
  title: 'Rien ici',
  text: (path) => `Il n’y a rien à ${path}.`,
  back: 'Vers le contrat',
  failed: 'vigie n’a pas pu faire cette page',
};
