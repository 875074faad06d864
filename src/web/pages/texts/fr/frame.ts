import type { Texts } from '../texts.ts';

/** The words around every page, in French. */
export const frame: Texts['frame'] = {
  skip: 'Aller au contenu',
  navigation: 'Pages',
  contract: 'Contrat',
  tickets: 'Tickets',
  health: 'Santé',
  language: 'Langue',
  theme: 'Thème',
  themes: { auto: 'Thème : automatique', light: 'Thème : clair', dark: 'Thème : sombre' },
  asOf: 'Au',
  offline: 'La connexion à vigie est perdue : on voit ce qui était connu en dernier.',
  live: 'En direct',
  paused: 'Non connecté',
  loading: 'Connexion',
  zone: (zone) => `Les heures sont celles de ${zone}.`,
  json: 'La même chose en JSON',
  notReady: 'Pas encore prêt',
};
