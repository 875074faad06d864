import { contractAt, type ContractVersion, versionsOf } from '../contract/rule-history.ts';
import type { Contract, ContractRow } from '../contract/schema.ts';
import {
  type ClosedExclusion,
  type ClosedExplanation,
  type ClosedPeriod,
  type ClosedRow,
  type ClosedSpan,
  CLOSING_FORMAT,
} from '../core/closed-period.ts';
import type { Explanation } from '../core/explanation.ts';
import { ticketJson, type TicketJson } from '../core/ticket-json.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import type { Transition } from '../core/timeline.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { Period } from '../core/verdict.ts';
import { declaredOf } from './closed-exclusions.ts';
import { penaltiesOf } from './closed-penalties.ts';
import { digestOf } from './digest.ts';
import type { JudgedBy } from './judged-by.ts';
import { timelineDigest } from './judged-timeline.ts';

/** All that a closing is made of. */
export interface ClosingParts {
  readonly kind: 'month' | 'year';
  /** The whole period, or the part of one that was closed. */
  readonly period: Period;
  /** Null while the period is not closed. */
  readonly number: number | null;
  readonly madeAtMs: number;
  readonly atMs: number;
  readonly vigie: string;
  readonly rules: JudgedBy;
  readonly rulesDigest: string;
  readonly contract: Contract;
  /** The contracts that it replaced, the latest first. */
  readonly formerContracts: readonly Contract[];
  /** By check, within what a closing looks at. */
  readonly timelines: ReadonlyMap<string, readonly Transition[]>;
  /** Of every verdict, in any order. */
  readonly explanations: readonly Explanation[];
  readonly exclusions: readonly ClosedExclusion[];
  /** As they stood at `atMs`. */
  readonly tickets: readonly TicketVerdict[];
  readonly ledgers: ClosedPeriod['ledgers'];
}

/** What a period came to. The same parts give the same document, and the document the same text. */
export function closedPeriod(parts: ClosingParts): ClosedPeriod {
  const { period, rules } = parts;
  const versions = versionsOf(parts);
  const contracts = contractsOf(versions, parts);
  const [contract] = contracts;
  const sorted = [...parts.explanations].sort(byVerdict);
  const penalties = penaltiesOf(versions, sorted, period);
  return {
    record: 'closing',
    format: CLOSING_FORMAT,
    period: spanOf(parts),
    number: parts.number,
    madeAt: instantJson(parts.madeAtMs),
    at: instantJson(parts.atMs),
    vigie: parts.vigie,
    region: rules.region,
    contract: {
      id: contract.id,
      version: contract.version,
      title: contract.title ?? null,
      timezone: contract.timezone,
    },
    rules: {
      judged: parts.rulesDigest,
      contracts: rules.contracts,
      configuration: rules.configuration,
    },
    inputs: inputsOf(parts),
    seenFrom: seenFrom(parts),
    ledgers: parts.ledgers,
    readings: readingsOf(contracts),
    rows: rowsOf(contracts),
    verdicts: sorted.map(({ verdict }) => verdict),
    explanations: sorted.map(closedExplanation),
    tickets: openIn(parts.tickets, period),
    exclusions: parts.exclusions,
    ...(penalties && { penalties }),
  };
}

/** What names all that the figures of a closing were made from: by it a later look tells whether anything has changed. */
export function inputsOf({
  timelines,
  exclusions,
  tickets,
  period,
}: Pick<ClosingParts, 'timelines' | 'exclusions' | 'tickets' | 'period'>): ClosedPeriod['inputs'] {
  return {
    checks: Object.fromEntries(
      [...timelines].map(([check, timeline]) => [check, timelineDigest(check, timeline)]),
    ),
    exclusions: digestOf(declaredOf(exclusions)),
    tickets: digestOf(openIn(tickets, period)),
  };
}

/** The text of a closing: what is stored, archived, signed and printed. */
export function closingText(closing: ClosedPeriod): string {
  return JSON.stringify(closing);
}

function seenFrom({ timelines }: ClosingParts): string | null {
  const firsts = [...timelines.values()].flatMap(([first]) => (first ? [first.atMs] : []));
  return firsts.length === 0 ? null : instantJson(firsts.reduce((a, b) => Math.min(a, b)));
}

/** Those that held in the period, or when one of its tickets was opened; the latest first, that of the end of the period. */
function contractsOf(
  versions: readonly ContractVersion[],
  { period, tickets }: ClosingParts,
): readonly [Contract, ...Contract[]] {
  const held = contractAt(versions, period.toMs - 1);
  const judgedBy = new Set(ticketsIn(tickets, period).map(({ openedMs }) => contractAt(versions, openedMs)));
  const others = versions.filter(
    ({ contract, fromMs }, i) =>
      judgedBy.has(contract) ||
      (fromMs < period.toMs && (versions[i + 1]?.fromMs ?? Infinity) > period.fromMs),
  );
  return [held, ...others.toReversed().flatMap(({ contract }) => (contract === held ? [] : contract))];
}

function readingsOf(contracts: readonly Contract[]): ClosedPeriod['readings'] {
  const readings = new Map<string, string | null>();
  for (const [name, { title = null }] of contracts.flatMap((contract) => Object.entries(contract.readings)))
    if (!readings.has(name)) readings.set(name, title);
  return [...readings].map(([name, title]) => ({ name, title }));
}

function spanOf({ kind, period: { name, fromMs, toMs, part } }: ClosingParts): ClosedSpan {
  return { name, kind, from: instantJson(fromMs), to: instantJson(toMs), ...(part && { part }) };
}

function rowsOf(contracts: readonly Contract[]): readonly ClosedRow[] {
  const rows = new Map<string, ClosedRow>();
  for (const row of contracts.flatMap((contract) => contract.rows))
    if (!rows.has(row.id)) rows.set(row.id, closedRow(row));
  return [...rows.values()];
}

function closedRow(row: ContractRow): ClosedRow {
  return {
    row: row.id,
    clause: row.clause,
    title: row.title,
    type: row.type,
    target: 'target' in row ? row.target : null,
    period: 'period' in row ? (row.period ?? null) : null,
    starred: row.requires !== undefined,
    limitMs: limitOf(row),
    rules: row.rules ?? [],
  };
}

function limitOf(row: ContractRow): number | null {
  if (row.type === 'support') return row.limit;
  return row.type === 'latency-bound' ? row.bound : null;
}

function ticketsIn(tickets: readonly TicketVerdict[], { fromMs, toMs }: Period): readonly TicketVerdict[] {
  return tickets.filter(
    ({ openedMs, resolvedMs }) =>
      openedMs < toMs && (openedMs >= fromMs || (resolvedMs ?? Infinity) > fromMs),
  );
}

function openIn(tickets: readonly TicketVerdict[], period: Period): readonly TicketJson[] {
  return ticketsIn(tickets, period)
    .map(ticketJson)
    .sort((a, b) => compareText(a.ticket, b.ticket));
}

function closedExplanation(explanation: Explanation): ClosedExplanation {
  const { verdict, samples: _, ...told } = explanation;
  const { row, scope, reading, period } = verdict;
  return { row, scope, reading, period: period.name, ...told };
}

/** The order of interfaces.md. */
function byVerdict({ verdict: a }: Explanation, { verdict: b }: Explanation): number {
  return (
    compareText(a.row, b.row) ||
    compareText(a.scope, b.scope) ||
    compareText(a.reading, b.reading) ||
    compareText(a.period.from, b.period.from)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
