import type { Texts } from '../texts.ts';

/** The words about the provider’s own status feed, in French. */
export const feed: Texts['feed'] = {
  title: 'Ce que le fournisseur dit de lui-même',
  entry: 'Annonce',
  kind: 'Nature',
  status: 'Statut',
  from: 'Du',
  to: 'Au',
  nothing: 'Le fournisseur n’annonce rien.',
  notRead: (url) => `Pas encore lu : ${url}.`,
  read: (url) => `Lu de ${url} ; aucun verdict n’en est tiré.`,
  trouble: 'Illisible en ce moment :',
};
