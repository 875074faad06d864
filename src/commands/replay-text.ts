import { penaltyTable } from '../console/penalty-table.ts';
import { ticketTable } from '../console/ticket-table.ts';
import { verdictTable } from '../console/verdict-table.ts';
import type { PenaltyDue } from '../contract/penalties.ts';
import { type ContractHistory, versionsOf } from '../contract/rule-history.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { Verdict } from '../core/verdict.ts';
import { instantJson, type VerdictJson, verdictJson, verdictsJson } from '../core/verdict-json.ts';
import type { Owed } from '../replay/penalties.ts';
import { type Io, jsonText, type OutputFormat, styleOf } from './io.ts';

/** What a replay came to. */
export interface ReplayResult {
  readonly atMs: number;
  readonly verdicts: readonly Verdict[];
  readonly owed: Owed;
  /** Undefined when none were asked for. */
  readonly tickets: readonly TicketVerdict[] | undefined;
  readonly contracts: ContractHistory;
}

/** A replay as it is printed: in the shape of interfaces.md, or as tables for people. */
export function replayText(output: OutputFormat, result: ReplayResult, io: Io): string {
  return output === 'json' ? jsonText(replayJson(result)) : `${tables(result, io).join('\n')}\n`;
}

function replayJson({ atMs, verdicts, owed, tickets }: ReplayResult) {
  const json = verdictsJson(atMs, verdicts);
  const due = new Map([...owed].map(([verdict, each]) => [keyOf(verdictJson(verdict)), each.map(dueJson)]));
  const withPenalties = json.verdicts.map((verdict) => {
    const penalties = due.get(keyOf(verdict));
    return penalties ? { ...verdict, penalties } : verdict;
  });
  return { ...json, verdicts: withPenalties, ...(tickets && { tickets: tickets.map(ticketJson) }) };
}

function keyOf({ row, scope, reading, period }: VerdictJson): string {
  return JSON.stringify([row, scope, reading, period.name]);
}

function dueJson({ claimByMs, ...due }: PenaltyDue) {
  return { ...due, claimBy: claimByMs === null ? null : instantJson(claimByMs) };
}

function tables({ verdicts, owed, tickets, contracts }: ReplayResult, io: Io): readonly string[] {
  const style = styleOf(io);
  const penalties = verdicts.flatMap((verdict) => {
    const { row, scope, reading, period } = verdict;
    const due = owed.get(verdict) ?? [];
    return due.map((each) => ({ row, scope, reading, period: period.name, ...dueJson(each) }));
  });
  return [
    ...verdictTable(verdicts.map(verdictJson), style),
    ...(versionsOf(contracts).some(({ contract }) => contract.penalties)
      ? ['', ...penaltyTable(penalties, style)]
      : []),
    ...(tickets ? ['', ...ticketTable(tickets.map(ticketJson), style)] : []),
  ];
}
