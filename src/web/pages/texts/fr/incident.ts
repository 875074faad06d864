import type { Texts } from '../texts.ts';

/** The words of the page of an incident, in French. */
export const incident: Texts['incident'] = {
  title: 'Incident',
  began: 'Début',
  ended: 'Fin',
  perReading: 'Ce qui en compte',
  counting: 'Comment il est compté',
  sum: (bad, deducted, outside, counted) =>
    `${bad} mauvais − ${deducted} déduit − ${outside} hors de la période = ${counted} compté`,
  tooShort: (bad) => `${bad} mauvais : trop court pour compter`,
  notUnder: 'pas d’incident selon cette lecture',
  samples: 'Échantillons',
  samplesNote: 'Ce que chaque point de vue a noté des créneaux qui n’étaient pas bons.',
  notWhole: 'Il y a plus d’échantillons que ceux montrés ici.',
  noSamples: 'Aucun échantillon n’en est encore conservé.',
  at: 'Créneau',
  outcome: 'Résultat',
  cause: 'Cause',
  evidence: 'Preuve',
  requestId: 'Requête',
  exclusions: 'Exclusions déclarées qui le touchent',
  back: 'L’engagement',
  gone: 'Aucun incident ne commence à présent à cet instant. Des données tardives l’ont peut-être déplacé ; voici les incidents de l’engagement.',
};
