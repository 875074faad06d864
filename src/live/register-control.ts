import { z } from 'zod';
import { type ClaimSources, claimOf } from '../casework/claim.ts';
import type { Config } from '../config/config.ts';
import { ticketJson } from '../core/ticket-json.ts';
import { readExclusion } from '../casework/exclusion-request.ts';
import type { DeskAnswer, DeskRefusal } from '../register/exclusion-desk.ts';
import type { Writer } from '../register/audit.ts';
import { exclusionJson } from '../register/exclusion-json.ts';
import type { RegisterWatch } from './register-watch.ts';
import { readTicketEvents } from '../casework/ticket-request.ts';
import type { RegisterAnswer, RegisterSource, Wisher } from '../web/register-source.ts';

/** What the register is shown and written to by. */
export interface RegisterControlOptions {
  /** Asked for at each request. */
  readonly watch: () => RegisterWatch;
  readonly config: () => Config;
  /** What claims are gathered from; undefined before anything was judged. */
  readonly claimSources: () => ClaimSources | undefined;
}

const decisionSchema = z.strictObject({
  author: z.string().trim().min(1).optional(),
  reason: z.string().trim().min(1),
});
const confirmationSchema = decisionSchema.extend({ reason: z.string().default('') });

/** The register as the web server shows it and writes to it. */
export function registerControl({ watch, config, claimSources }: RegisterControlOptions): RegisterSource {
  const decided = async (answer: Promise<DeskAnswer>): Promise<RegisterAnswer> => {
    const result = answerOf(await answer);
    await watch().look();
    return result;
  };
  return {
    exclusions: () => watch().exclusions.map(exclusionJson),
    tickets: () => watch().tickets.map(ticketJson),
    async claim(id) {
      const ticket = watch().tickets.find((one) => one.ticket === id);
      const sources = claimSources();
      if (!ticket) return refused(422, `there is no ticket ${JSON.stringify(id)}`);
      if (!sources) return refused(422, 'nothing was judged yet');
      return { ok: true, status: 200, body: await claimOf(ticket, watch().ticketLinks(id), sources) };
    },
    async declare(request, by) {
      const read = readExclusion(withAuthor(request, by), config());
      if (!read.ok) return refused(422, read.problems.join('; '));
      return decided(watch().exclusionDesk.declare(read.given, writerOf(by, read.given.statement.author)));
    },
    async confirm(id, request, by) {
      const read = confirmationSchema.safeParse(request).data;
      if (!read) return refused(422, 'expected { "reason": …, "author": … }, either if there is one');
      return decided(watch().exclusionDesk.confirm(id, read.reason, writerOf(by, read.author)));
    },
    async withdraw(id, request, by) {
      const read = decisionSchema.safeParse(request).data;
      if (!read) return refused(422, 'expected { "reason": …, "author": … }, with a reason');
      return decided(watch().exclusionDesk.withdraw(id, read.reason, writerOf(by, read.author)));
    },
    async takeTickets(request, by) {
      const read = readTicketEvents(request, config());
      if (!read.ok) return refused(422, read.detail);
      const answer = await watch().ticketDesk.take(read.events, writerOf(by));
      await watch().look();
      if (!answer.ok) return refused(422, answer.detail);
      return { ok: true, status: answer.written > 0 ? 201 : 200, body: { written: answer.written } };
    },
  };
}

/** Who says nothing of an author is the author. */
function withAuthor(request: unknown, { name }: Wisher): unknown {
  const isMap = typeof request === 'object' && request !== null && !Array.isArray(request);
  return isMap ? { author: name, ...request } : request;
}

function writerOf({ name, from }: Wisher, author = name): Writer {
  return { author, from, provenAs: name };
}

const STATUSES: Readonly<Record<DeskRefusal, 404 | 409>> = { unknown: 404, taken: 409, 'not-possible': 409 };

function answerOf(answer: DeskAnswer): RegisterAnswer {
  if (!answer.ok) return refused(STATUSES[answer.refusal], answer.detail);
  return { ok: true, status: answer.wasThere ? 200 : 201, body: exclusionJson(answer.exclusion) };
}

function refused(status: 404 | 409 | 422, detail: string): RegisterAnswer {
  return { ok: false, status, detail };
}
