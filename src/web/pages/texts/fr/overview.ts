import type { Texts } from '../texts.ts';

/** The words of the overview of all promises, in French. */
export const overview: Texts['overview'] = {
  title: 'Contrat',
  headline: (breached, open) =>
    `${breached === 0 ? 'Aucun engagement rompu' : `${breached} rompu${breached === 1 ? '' : 's'}`}, ${
      open === 0 ? 'aucun incident en cours' : `${open} incident${open === 1 ? '' : 's'} en cours`
    }`,
  under: (reading) => `Les chiffres sont ceux de la lecture « ${reading} », qui déclenche les alertes.`,
  search: 'Chercher',
  show: 'Montrer',
  filters: {
    all: 'Tous les engagements',
    attention: 'Ce qui demande attention',
    open: 'Incidents en cours',
    watched: 'Ce qui est surveillé',
  },
  apply: 'Appliquer',
  nothing: 'Aucun engagement ne correspond à ce filtre.',
  shown: (count, all) => `${count} engagements sur ${all}.`,
  caption: 'Les engagements du contrat et leur état',
  promise: 'Engagement',
  member: 'Membre',
  state: 'État',
  stateUnder: (reading) => `Selon la lecture « ${reading} »`,
  availability: 'Disponibilité à ce jour',
  budget: 'Budget consommé',
  timeToBreach: 'Temps avant rupture',
  coverage: 'Couverture',
  incidentSince: 'Incident depuis',
  target: (target, period) => `${target} par ${period}`,
  bound: (limit) => `au plus ${limit}`,
  periods: { month: 'mois', year: 'an' },
  starred: 'seulement pour un déploiement sur toutes les sous-régions',
  more: (count) =>
    `${count} autre${count === 1 ? '' : 's'} membre${count === 1 ? '' : 's'}, aucun en pire état`,
  noCheck: 'Aucun contrôle ne mesure cet engagement.',
  noTickets: 'Aucun ticket.',
  ticketsOf: (running, breached) => `${running} en cours, ${breached} dépassé${breached > 1 ? 's' : ''}`,
  noBudget: 'pas de budget de temps',
  usedOf: (used, budget) => `${used} sur ${budget}`,
  budgetLabel: (used, worst) => `${used} du budget consommé ; ${worst} au pire`,
  samples: (met, tests) => `${met} essais réussis sur ${tests}`,
};
