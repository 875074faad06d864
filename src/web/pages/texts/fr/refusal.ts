import type { Texts } from '../texts.ts';

/** The words where somebody is turned away, or nothing could be answered, in French. */
export const refusal: Texts['refusal'] = {
  401: {
    title: 'Qui demande ?',
    text: 'Seules les personnes connues peuvent lire ici. Qui exploite cette vigie peut vous donner un nom et un mot de passe.',
  },
  403: {
    title: 'Accès non ouvert',
    text: 'Seules les personnes connues peuvent lire ici : par le proxy placé devant cette vigie, ou par un certificat client.',
  },
  429: {
    title: 'Trop de tentatives',
    text: 'Trop de connexions ont échoué depuis cette adresse.',
    again: (seconds) => `Réessayez dans ${seconds} s.`,
  },
  500: { title: 'vigie n’a pas pu répondre', text: 'Son journal dit pourquoi.' },
};
