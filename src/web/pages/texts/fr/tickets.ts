import type { Texts } from '../texts.ts';

/** The words of the page of tickets and their clocks, in French. */
export const tickets: Texts['tickets'] = {
  title: 'Tickets',
  caption: 'Les tickets de support et leurs délais',
  none: 'Il n’y a pas de ticket.',
  ticket: 'Ticket',
  severity: 'Sévérité',
  opened: 'Ouvert',
  status: 'Statut',
  open: 'Ouvert',
  resolved: 'Résolu',
  incomplete: 'Il manque des informations',
  gti: 'Première réponse',
  gtr: 'Rétablissement',
  nothingPromised: 'rien n’est promis',
  used: (elapsed, limit) => `${elapsed} sur ${limit}`,
  due: 'échéance',
  dueIn: 'dans',
  overdue: 'dépassé de',
  ifAnswered: 'si la réponse vient maintenant',
  headline: (open, breached) =>
    `${open} ouvert${open > 1 ? 's' : ''}, ${breached} délai${breached > 1 ? 's' : ''} dépassé${breached > 1 ? 's' : ''}`,
  usedLabel: (share) => `${share} du délai consommé`,
};
