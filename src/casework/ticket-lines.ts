import { createReadStream } from 'node:fs';
import type { ContractHistory } from '../contract/rule-history.ts';
import { supportHistory } from '../contract/support-promise.ts';
import type { TicketEvent } from '../core/ticket.ts';
import type { Writer } from '../register/audit.ts';
import { ReplayError, readLines } from '../replay/read-lines.ts';
import { parseTicketLine } from '../replay/ticket-line.ts';
import type { TicketDesk } from './ticket-desk.ts';

/** Lines of a ticket file and where they go. */
export interface TicketLines {
  readonly lines: AsyncIterable<string>;
  readonly contracts: ContractHistory;
  readonly desk: TicketDesk;
  readonly by: Writer;
}

/**
 * Enters all events of a ticket file (interfaces.md), or none; how many of them were new. Throws {@link ReplayError} for
 * the first line that cannot be read or cannot be true.
 */
export async function enterLines({ lines, contracts, desk, by }: TicketLines): Promise<number> {
  const promised = supportHistory(contracts);
  const lineOf = new Map<TicketEvent, number>();
  const events = await readLines(lines, (text, line) => {
    const event = parseTicketLine(text, promised);
    lineOf.set(event, line);
    return event;
  });
  const answer = await desk.take(events, by);
  if (answer.ok) return answer.written;
  throw new ReplayError((answer.event && lineOf.get(answer.event)) ?? 0, answer.detail);
}

/** The largest file that is followed, in bytes. */
const MOST_BYTES = 64 * 1_024 * 1_024;

/** The lines of a file, split at line feeds alone; cut at 64 MiB. Rejects with the system's error. */
export async function* fileLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, {
    encoding: 'utf8',
    end: MOST_BYTES - 1,
  }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest;
}
