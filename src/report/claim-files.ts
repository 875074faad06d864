import {
  type ClaimedObservation,
  claimedObservation,
  claimFacts,
  type ClaimFacts,
  type ClaimSubject,
} from './claim-facts.ts';
import { csvText } from './csv.ts';
import { noticeText } from './notice.ts';
import { reportPage } from './page.ts';
import type { KeptClosing } from './report.ts';

/** What a claim pack is made of; all texts. */
export interface ClaimMaterial extends KeptClosing {
  readonly subject: ClaimSubject;
  /** Lines of observations (interfaces.md) of the row's checks, as far back as they are kept. */
  readonly observations: readonly string[];
  /** Lines of transitions of the row's checks, within what the closing was judged from. */
  readonly timelines: readonly string[];
  /** The rules that the closing was judged by, and the contract files that they name, the latest first. */
  readonly rules: string;
  readonly contracts: readonly string[];
}

/** The files of a pack that hold what everything else in it follows from. */
export const GIVEN_FILES = {
  subject: 'claim.json',
  closing: 'closing.json',
  observations: 'observations.jsonl',
  timelines: 'timelines.jsonl',
  rules: 'rules.json',
} as const;

/** The name of a contract file in a pack; 0 is the latest. */
export function contractFile(index: number): string {
  return index === 0 ? 'contract.yaml' : `contract.${index}.yaml`;
}

/**
 * The files of a claim by name: notice and report in both languages, incidents, raw observations, and what they follow
 * from. The same material gives the same bytes. Undefined when the closing has no verdict on the row.
 */
export function claimFiles(material: ClaimMaterial): ReadonlyMap<string, string> | undefined {
  const { closing, subject, text } = material;
  const observations = material.observations.map(claimedObservation);
  const facts = claimFacts(closing, subject, observations);
  if (!facts) return undefined;
  const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
  return new Map([
    ['notice.en.txt', noticeText(facts, 'en')],
    ['notice.fr.txt', noticeText(facts, 'fr')],
    ['report.en.html', reportPage(closing, 'en')],
    ['report.fr.html', reportPage(closing, 'fr')],
    ['incidents.csv', incidentsCsv(facts)],
    ['observations.csv', observationsCsv(observations)],
    [GIVEN_FILES.subject, `${JSON.stringify(subject)}\n`],
    [GIVEN_FILES.closing, `${text}\n`],
    [GIVEN_FILES.observations, lines(material.observations)],
    [GIVEN_FILES.timelines, lines(material.timelines)],
    [GIVEN_FILES.rules, material.rules],
    ...material.contracts.map((contract, i) => [contractFile(i), contract] as const),
  ]);
}

function incidentsCsv({ row, incidents }: ClaimFacts): string {
  return csvText(
    [
      ...['row', 'clause', 'scope', 'reading', 'period', 'start', 'end', 'duration_s', 'bad_s', 'deducted_s'],
      ...['outside_period_s', 'counted_s', 'causes', 'checks', 'request_ids'],
    ],
    incidents.map((one) => [
      ...[row.row, row.clause, one.scope, one.reading, one.period, one.from, one.to],
      (Date.parse(one.to) - Date.parse(one.from)) / 1_000,
      ...[one.badMs, one.deductedMs, one.outsideMs, one.countedMs].map((ms) => ms / 1_000),
      ...[one.causes.join(' '), one.checks.join(' '), one.requestIds.join(' ')],
    ]),
  );
}

function observationsCsv(observations: readonly ClaimedObservation[]): string {
  return csvText(
    ['check', 'vantage', 'from', 'to', 'outcome', 'cause', 'evidence'],
    observations.map(({ check, vantage, from, to, outcome, cause, evidence }) => [
      ...[check, vantage, from, to, outcome, cause],
      evidence === null ? null : JSON.stringify(evidence),
    ]),
  );
}
