import type { ReportTexts, VerdictWords } from './texts.ts';

const PERIODS = { month: 'du mois', year: 'de l’année' } as const;
const EVENTS: Readonly<Record<string, string>> = {
  declared: 'déclarée',
  confirmed: 'confirmée',
  withdrawn: 'retirée',
  changed: 'modifiée',
  removed: 'supprimée',
};

function verdict({ state, counted, budget, unknown, target }: VerdictWords): string {
  const unseen = unknown === null ? '' : ` ${unknown} n’ont pas été observés.`;
  const against = budget === null ? `${counted} décomptés` : `${counted} décomptés, ${budget} admis`;
  switch (state) {
    case 'breached':
      return `Manqué, quoi que cache ce qui n’a pas été observé : ${against}.${unseen}`;
    case 'met':
      return `Tenu, même si tout ce qui n’a pas été observé était mauvais : ${against}.${unseen}`;
    case 'on-track':
      return `En bonne voie : ${against} à ce jour.${unseen}`;
    case 'undecided':
      return `Indécis : ${against} ; le chiffre se perd dans ce qui n’a pas été observé.${unseen}`;
    case 'not-falsified':
      return `Rien d’observé ne contredit les ${(target ?? '').replace('.', ',')} % promis, qu’un échantillon peut réfuter et jamais prouver.`;
    case 'not-applicable':
      return `Non applicable, le déploiement ne couvrant pas toutes les sous-régions ; mesuré néanmoins : ${against}.${unseen}`;
    case 'no-commitment':
      return 'Rien n’est promis.';
  }
}

/** French. */
export const fr: ReportTexts = {
  language: 'fr',
  title: (contract, period) => `Niveaux de service selon ${contract}, ${period}`,
  provisional: 'Provisoire : cette période n’est pas clôturée, et chaque chiffre peut encore changer.',
  amended: (number) =>
    `Rectificatif ${number} : il se tient à côté de la clôture précédente, qui reste telle quelle.`,
  span: (from, to) => `Du ${from} (inclus) au ${to} (exclu).`,
  judgedAt: (at, version) =>
    `Jugé à la date du ${at} par vigie ${version} ; rien de cet instant ni d’après n’a servi.`,
  states: {
    breached: 'Manqué',
    met: 'Tenu',
    'on-track': 'En bonne voie',
    undecided: 'Indécis',
    'not-falsified': 'Non réfuté',
    'not-applicable': 'Non applicable',
    'no-commitment': 'Sans engagement',
  },
  clockStates: { running: 'En cours', met: 'Tenu', breached: 'Manqué', frozen: 'En attente du client' },
  kinds: {
    maintenance: 'Maintenance',
    attack: 'Attaque',
    'client-action': 'Fait du client',
    'force-majeure': 'Force majeure',
    'provider-agreed': 'Convenue avec le fournisseur',
  },
  afterTheFact: {
    before: 'saisie avant son début',
    begun: 'saisie après son début',
    ended: 'saisie après coup',
    unknown: 'personne n’a noté quand elle fut saisie',
  },
  exclusionStates: { proposed: 'proposée, sans effet', 'in-force': 'en vigueur', withdrawn: 'retirée' },
  verdict,
  otherPeriod: {
    month: 'Jugé par mois : voir les rapports mensuels.',
    year: 'Jugé par année : voir le rapport annuel.',
  },
  ofTickets: (met, breached, going) => `Tickets : ${met} tenus, ${breached} manqués, ${going} en cours.`,
  noTickets: 'Aucun ticket.',
  headings: {
    cover: 'Verdict par clause',
    rows: 'Ligne par ligne',
    measured: 'Mesures',
    incidents: 'Incidents',
    exclusions: 'Exclusions',
    kinds: 'Avec et sans chaque genre d’exclusion',
    tickets: 'Tickets d’assistance',
    penalties: 'Pénalités, selon les termes du fichier de contrat',
    amendment: 'Ce qui a changé, et par qui',
    changedFigures: 'Les deux chiffres',
    method: 'Méthode',
    digests: 'Empreintes (SHA-256)',
  },
  columns: {
    clause: 'Clause',
    promise: 'Engagement',
    scope: 'Objet',
    reading: 'Lecture',
    period: 'Période',
    state: 'Verdict',
    target: 'Promis',
    budget: 'Admis',
    best: 'Panne, au moins',
    estimate: 'Panne, estimation',
    worst: 'Panne, au plus',
    raw: 'Avant franchise',
    excluded: 'Exclu',
    unknown: 'Non observé',
    coverage: 'Couverture',
    availability: 'Disponibilité',
    from: 'Début',
    to: 'Fin',
    duration: 'Durée',
    bad: 'Temps mauvais',
    deducted: 'Franchise',
    outside: 'Hors période',
    counted: 'Décompté',
    causes: 'Causes',
    checks: 'Contrôles',
    id: 'Exclusion',
    kind: 'Genre',
    spans: 'Quand',
    author: 'Auteur',
    reason: 'Motif',
    entered: 'Saisie',
    effect: 'Déduite',
    covers: 'Temps mauvais couvert',
    with: 'Exclue',
    without: 'Décomptée',
    ticket: 'Ticket',
    title: 'Titre',
    severity: 'Gravité',
    clock: 'Délai',
    limit: 'Limite',
    elapsed: 'Écoulé',
    deadline: 'Échéance',
    certain: 'Certain',
    likely: 'Estimation',
    atMost: 'Au plus',
    claimBy: 'À réclamer avant',
    was: 'Avant',
    is: 'Après',
    what: 'De',
    digest: 'Empreinte',
    parameters: 'Paramètres',
  },
  nothing: 'Néant.',
  promised: (target, period) =>
    `Promis : ${target.replace('.', ',')} %${period ? ` ${PERIODS[period]}` : ''}.`,
  limit: (limit) => `Limite : ${limit}.`,
  star: 'Ne vaut que pour un déploiement sur toutes les sous-régions.',
  honoured: { yes: 'oui', no: 'non, elle compte' },
  open: 'en cours',
  changes: {
    observations: (check) => `Des observations de ${check} sont arrivées en retard.`,
    exclusion: (id, event, author, at, reason) =>
      `L’exclusion ${id} a été ${EVENTS[event] ?? event} par ${author}, ${at} : ${reason}`,
    ticket: (ticket, acts) => `Ticket ${ticket} : ${acts}`,
    nobody: 'personne ne l’a noté',
  },
  method: [
    'Chaque contrôle observe sa cible par créneaux de longueur fixe depuis un ou plusieurs points de vue. Un créneau est en panne quand la majorité des points de vue attendus l’a vu mauvais, disponible quand la majorité l’a vu bon, inconnu sinon ; là où un seul point de vue observe, les créneaux mauvais ne sont crus que lorsque plusieurs se suivent.',
    'Trois chronologies encadrent la vérité : au moins (le certain seul), l’estimation, et au plus (tout ce qui n’a pas été observé tenu pour mauvais). Un engagement n’est dit manqué que s’il l’est au moins, et tenu que s’il l’est au plus.',
    'Des pannes que ne sépare pas plus que l’écart de fusion font un seul incident. Un incident plus court que le minimum ne compte pas ; la franchise est retirée du début de chacun ; ce qui sort de la période est coupé. Le reste s’impute sur le budget, qui suit la vraie longueur de la période dans le fuseau du contrat. Tout calcul se fait en millisecondes entières et en fractions exactes.',
    'Ce que le texte du contrat laisse ouvert reçoit plusieurs lectures, côte à côte. Les exclusions sont déclarées par des personnes ; chaque chiffre est donné avec et sans chaque genre d’exclusion.',
  ],
  methodOfRow: ({ length, borne, mergeGap, minimum, deduct }) =>
    `longueur ${length} ; part admise ${borne} ; écart de fusion ${mergeGap} ; minimum ${minimum} ; franchise ${deduct}`,
};
