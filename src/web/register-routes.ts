import type { Guard } from './access/guard.ts';
import type { Asked, Routes } from './environment.ts';
import { jsonOnly, mayWrite, postedJson } from './posted.ts';
import { problem } from './problem.ts';
import type { RegisterAnswer, RegisterSource, Wisher } from './register-source.ts';

type Take = (context: Asked, body: unknown, by: Wisher) => Promise<RegisterAnswer>;

const LARGEST_BODY_BYTES = 262_144;

/** The routes by which the register is written to. `onWritten` is called before the answer goes out. */
export function addRegister(
  app: Routes,
  register: RegisterSource,
  guard: Guard,
  onWritten: () => void,
): void {
  const post = (path: string, take: Take) => {
    // In this order, so that one who may not write learns nothing of what would be taken.
    app.post(path, mayWrite(guard), ...jsonOnly(LARGEST_BODY_BYTES), async (context) => {
      const request = await postedJson(context);
      if (request instanceof Response) return request;
      const answer = await take(context, request.value, wisherOf(context));
      onWritten();
      return answered(answer);
    });
  };
  post('/api/exclusions', (_, body, by) => register.declare(body, by));
  post('/api/exclusions/:id/confirm', (context, body, by) =>
    register.confirm(context.req.param('id') ?? '', body, by),
  );
  post('/api/exclusions/:id/withdraw', (context, body, by) =>
    register.withdraw(context.req.param('id') ?? '', body, by),
  );
  post('/api/tickets', (_, body, by) => register.takeTickets(body, by));
}

function answered(answer: RegisterAnswer): Response {
  return answer.ok
    ? Response.json(answer.body, { status: answer.status })
    : problem(answer.status, answer.detail);
}

function wisherOf(context: Asked): Wisher {
  const { name, address } = context.get('requester');
  if (name === null) throw new Error('somebody who is not known was let through to write');
  return { name, from: `http ${address === '' ? 'unknown' : address}` };
}
