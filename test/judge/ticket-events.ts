import { readFileSync } from 'node:fs';
import { loadContract } from '../../src/config/former-contracts.ts';
import type { Contract } from '../../src/contract/schema.ts';
import { type PromisesAt, supportPromises } from '../../src/contract/support-promise.ts';
import type { TicketEvent, TicketEventKind, TicketVerdict } from '../../src/core/ticket.ts';
import { judgeTicket } from '../../src/judge/support-clock.ts';

const PATH = 'config/contracts/outscale-secnumcloud.yaml';

/** The shipped contract, with a part of its text replaced. */
export function shippedContract(replaced = '', by = ''): Contract {
  const text = readFileSync(PATH, 'utf8').replace(replaced, by);
  const { contract, problems } = loadContract(PATH, { readFile: () => text });
  if (!contract) throw new Error(JSON.stringify(problems));
  return contract;
}

export const SHIPPED_PROMISES = supportPromises(shippedContract());

/** The same whenever a ticket was opened. */
export const SHIPPED_AT: PromisesAt = () => SHIPPED_PROMISES;

/** An opening, complete unless said otherwise. */
export function opened(at: string, severity: number, complete = true): TicketEvent {
  return { ticket: 'INC-1', atMs: Date.parse(at), event: 'opened', severity, complete };
}

/** Any other event. */
export function told(at: string, event: Exclude<TicketEventKind, 'opened' | 'severity'>): TicketEvent {
  return { ticket: 'INC-1', atMs: Date.parse(at), event };
}

/** A change of the severity. */
export function severity(at: string, to: number): TicketEvent {
  return { ticket: 'INC-1', atMs: Date.parse(at), event: 'severity', severity: to };
}

/** The verdict on events that must be possible, by the shipped contract. */
export function judged(at: string, ...events: readonly TicketEvent[]): TicketVerdict {
  const result = judgeTicket(events, SHIPPED_AT, Date.parse(at));
  if ('trouble' in result) throw new Error(result.trouble);
  return result;
}
