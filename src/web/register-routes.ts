import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { foreign, jsonOnly, postedJson } from './posted.ts';
import { problem } from './problem.ts';
import type { RegisterAnswer, RegisterSource } from './register-source.ts';

interface Environment {
  readonly Bindings: HttpBindings;
}
type Take = (context: Context<Environment>, body: unknown) => Promise<RegisterAnswer>;

const LARGEST_BODY_BYTES = 262_144;

const HOW_TO_ALLOW =
  'nobody may write here: set access.token in the configuration, by reference: { env: NAME } or { file: /path }';

/** The routes of the register: anyone may read who reaches us, and those write who show the token. */
export function addRegister(app: Hono<Environment>, register: RegisterSource): void {
  app.get('/api/exclusions', (context) => context.json({ exclusions: register.exclusions() }));
  app.get('/api/tickets', (context) => context.json({ tickets: register.tickets() }));
  app.get('/api/tickets/:id/claim', async (context) =>
    answered(await register.claim(context.req.param('id'))),
  );
  const post = (path: string, take: Take) => {
    // In this order, so that one who may not write learns nothing of what would be taken.
    app.post(path, mayWrite(register), ...jsonOnly(LARGEST_BODY_BYTES), async (context) => {
      const request = await postedJson(context);
      return request instanceof Response ? request : answered(await take(context, request.value));
    });
  };
  post('/api/exclusions', (context, body) => register.declare(body, fromOf(context)));
  post('/api/exclusions/:id/confirm', (context, body) =>
    register.confirm(context.req.param('id') ?? '', body, fromOf(context)),
  );
  post('/api/exclusions/:id/withdraw', (context, body) =>
    register.withdraw(context.req.param('id') ?? '', body, fromOf(context)),
  );
  post('/api/tickets', (context, body) => register.takeTickets(body, fromOf(context)));
  for (const path of ['/api/exclusions', '/api/tickets'])
    app.all(path, () => problem(405, 'only GET, HEAD, POST here', { Allow: 'GET, HEAD, POST' }));
}

/** Lets those through who show the token (RFC 6750); nobody where none is configured. */
function mayWrite(register: RegisterSource): MiddlewareHandler<Environment> {
  return async (context, next) => {
    const isToken = register.mayWrite();
    if (!isToken) return problem(403, HOW_TO_ALLOW);
    const refusal = foreign(context);
    if (refusal) return refusal;
    const token = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (token !== undefined && isToken(token)) return next();
    const challenge = token === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
    const detail = 'expected the token of access.token: Authorization: Bearer …';
    return problem(401, detail, { 'WWW-Authenticate': challenge });
  };
}

function answered(answer: RegisterAnswer): Response {
  return answer.ok
    ? Response.json(answer.body, { status: answer.status })
    : problem(answer.status, answer.detail);
}

function fromOf(context: Context<Environment>): string {
  return `http ${context.env.incoming.socket.remoteAddress ?? 'unknown'}`;
}
