import type { ClosedPenalty } from '../core/closed-period.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import type { ClaimFacts } from './claim-facts.ts';
import { percentText, type ReportLanguage } from './figures.ts';
import { Telling } from './words.ts';

/** The notice to the provider: plain text, to be signed and sent by a person. */
export function noticeText(facts: ClaimFacts, language: ReportLanguage): string {
  const telling = new Telling(facts.closing, language);
  const lines = NOTICES[language](facts, telling);
  return `${lines.map(oneLine).join('\n')}\n`;
}

/** Nothing that came from elsewhere begins a line of its own. */
function oneLine(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

type Notice = (facts: ClaimFacts, telling: Telling) => readonly string[];

const NOTICES: Readonly<Record<ReportLanguage, Notice>> = { en: englishNotice, fr: frenchNotice };

function englishNotice(facts: ClaimFacts, telling: Telling): readonly string[] {
  const { closing, row, subject } = facts;
  const { id, version, title } = closing.contract;
  const claimed = claimedPenalties(facts);
  return [
    `Subject: claim under ${row.clause}, ${row.title}, ${subject.span.name}`,
    '',
    'Dear Sir or Madam,',
    '',
    `Under ${row.clause} of ${title ?? id} (version ${version}) you promise: ${row.title}` +
      `${row.target === null ? '' : `, ${row.target} %${row.period ? ` of the ${row.period}` : ''}`}.`,
    `Region: ${closing.region}. Period: ${subject.span.name}, from ${telling.instant(subject.span.from)} to ${telling.instant(subject.span.to)}.`,
    '',
    'What we measured, under each reading of the text:',
    ...facts.verdicts.map((verdict) => `- ${verdictLine(verdict, telling)}`),
    ...(closing.number === null ? ['', telling.texts.provisional] : []),
    '',
    'Incidents (all of them, with their request ids, are in incidents.csv):',
    ...incidentLines(facts, telling),
    '',
    ...claimed.map(
      (penalty) =>
        `By the terms agreed we claim ${owedText(penalty)} (${penalty.scope}, ${penalty.reading}, ${penalty.period})` +
        `${penalty.claimBy === null ? '' : `; the term of the claim ends on ${telling.instant(penalty.claimBy)}`}.`,
    ),
    ...(claimed.length > 0 ? [''] : []),
    'Enclosed: the incidents, the raw observations of every vantage (observations.csv), the report with its method and',
    'arithmetic, and the rules that it was judged by. The pack is checked by: vigie verify <this file>.',
    '',
    'Please confirm receipt, and tell us within the term of the contract whether you accept these figures or which of',
    'them you contest, with your own records.',
    '',
    'Yours faithfully,',
  ];
}

function frenchNotice(facts: ClaimFacts, telling: Telling): readonly string[] {
  const { closing, row, subject } = facts;
  const { id, version, title } = closing.contract;
  const claimed = claimedPenalties(facts);
  const periods = { month: 'du mois', year: 'de l’année' } as const;
  return [
    `Objet : réclamation au titre de ${row.clause}, ${row.title}, ${subject.span.name}`,
    '',
    'Madame, Monsieur,',
    '',
    `Au titre de ${row.clause} de ${title ?? id} (version ${version}), vous promettez : ${row.title}` +
      `${row.target === null ? '' : `, ${row.target.replace('.', ',')} %${row.period ? ` ${periods[row.period]}` : ''}`}.`,
    `Région : ${closing.region}. Période : ${subject.span.name}, du ${telling.instant(subject.span.from)} au ${telling.instant(subject.span.to)}.`,
    '',
    'Ce que nous avons mesuré, selon chaque lecture du texte :',
    ...facts.verdicts.map((verdict) => `- ${verdictLine(verdict, telling)}`),
    ...(closing.number === null ? ['', telling.texts.provisional] : []),
    '',
    'Incidents (tous, avec les identifiants de requêtes, sont dans incidents.csv) :',
    ...incidentLines(facts, telling),
    '',
    ...claimed.map(
      (penalty) =>
        `Selon les termes convenus, nous réclamons ${owedText(penalty)} (${penalty.scope}, ${penalty.reading}, ${penalty.period})` +
        `${penalty.claimBy === null ? '' : ` ; le délai de réclamation expire le ${telling.instant(penalty.claimBy)}`}.`,
    ),
    ...(claimed.length > 0 ? [''] : []),
    'Ci-joint : les incidents, les observations brutes de chaque point de vue (observations.csv), le rapport avec sa',
    'méthode et ses calculs, et les règles qui ont servi à juger. L’ensemble se vérifie par : vigie verify <ce fichier>.',
    '',
    'Veuillez en accuser réception et nous dire, dans le délai du contrat, si vous acceptez ces chiffres ou lesquels',
    'vous contestez, relevés à l’appui.',
    '',
    'Veuillez agréer, Madame, Monsieur, l’expression de nos salutations distinguées.',
  ];
}

function verdictLine(verdict: VerdictJson, telling: Telling): string {
  const { scope, reading, period, downtimeMs, availability } = verdict;
  const { texts } = telling;
  const share = availability.final ?? availability.toDate;
  const bounds = `[${telling.duration(downtimeMs.best)} … ${telling.duration(downtimeMs.worst)}]`;
  return `${scope}, ${reading}, ${period.name}: ${telling.sentence(verdict)} ${bounds}${
    share === null ? '' : ` ${texts.columns.availability}: ${percentText(share, texts.language)}`
  }`;
}

const MOST_INCIDENTS_TOLD = 50;

function incidentLines({ incidents, closing }: ClaimFacts, telling: Telling): readonly string[] {
  const [first] = closing.readings;
  const told = incidents.filter(({ reading }) => reading === first?.name);
  const { columns, nothing } = telling.texts;
  if (told.length === 0) return [`- ${nothing}`];
  const lines = told
    .slice(0, MOST_INCIDENTS_TOLD)
    .map(
      (one) =>
        `- ${one.scope}: ${telling.instant(one.from)} – ${telling.instant(one.to)}, ` +
        `${telling.duration(Date.parse(one.to) - Date.parse(one.from))}, ${columns.counted.toLowerCase()} ${telling.duration(one.countedMs)}` +
        one.causes.map((cause) => `, ${cause}`).join(''),
    );
  return told.length > MOST_INCIDENTS_TOLD
    ? [...lines, `- … (+${told.length - MOST_INCIDENTS_TOLD})`]
    : lines;
}

/** Nobody claims what only might be owed. */
function claimedPenalties({ penalties }: ClaimFacts): readonly ClosedPenalty[] {
  return penalties.filter(({ estimate }) => estimate.credit !== '0');
}

function owedText({ estimate }: ClosedPenalty): string {
  return estimate.amount === null ? `${estimate.credit} %` : `${estimate.credit} % (${estimate.amount})`;
}
