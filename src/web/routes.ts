import { Hono, type Handler } from 'hono';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Clock } from '../core/clock.ts';
import type { Guard } from './access/guard.ts';
import { addApi } from './api/api-routes.ts';
import type { Asked, Environment, Routes } from './environment.ts';
import type { EventStream } from './event-stream.ts';
import { methodNotAllowed, problem } from './problem.ts';
import { readAssets } from './pages/asset-store.ts';
import { addPages } from './pages/page-routes.ts';
import { pagedSources } from './pages/paged-sources.ts';
import { refusalsForPeople } from './pages/refusals.ts';
import type { Sources } from './sources.ts';

/** On every answer: nothing is cached, framed, guessed at or read across origins. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** What the routes are made of. */
export interface RouteOptions {
  readonly clock: Clock;
  readonly sources: Sources;
  readonly guard: Guard;
  readonly stream: EventStream;
  /** On every answer beside our own, or in the place of one of them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The routes of the server: what is asked for and what is answered. */
export function createRoutes(options: RouteOptions): Routes {
  const { sources, guard } = options;
  const headers = { ...HEADERS, ...options.headers };
  const app: Routes = new Hono<Environment>();
  const assets = pagedSources(sources) && readAssets();
  if (assets) app.use(refusalsForPeople(assets));
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.header(name, value);
  });
  app.use(guard.middleware);
  app.onError((error) => {
    sources.onError(error);
    return problem(500, 'vigie failed to answer; its log says why');
  });
  app.notFound((context) => problem(404, `there is nothing at ${context.req.path}`));

  readOnly(app, '/healthz', (context) => context.text('ok\n'));
  readOnly(app, '/readyz', (context) => {
    const reasons = sources.notReady();
    // Why is for those who may read.
    const mayRead = context.get('requester').rights.has('read');
    const told = mayRead ? reasons : [];
    const warnings = (mayRead && sources.health?.().warnings) || [];
    return context.json(
      { ready: reasons.length === 0, reasons: told, ...(warnings.length > 0 && { warnings }) },
      reasons.length === 0 ? 200 : 503,
    );
  });
  readOnly(app, '/metrics', (context) => metrics(context, sources, headers));
  addApi(app, { ...options, headers });
  addPages(app, sources, { ...options, headers, events: '/api/events', assets });
  return app;
}

function readOnly(app: Routes, path: string, handler: Handler<Environment>): void {
  app.get(path, handler);
  app.all(path, () => methodNotAllowed('GET, HEAD'));
}

/** Written to the socket at once: a web Response would copy megabytes through streams, 10 ms of a held loop. */
async function metrics(
  context: Asked,
  sources: Sources,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const answer = await sources.metrics.render(
    context.req.header('Accept'),
    context.req.header('Accept-Encoding'),
  );
  if ('trouble' in answer) return problem(503, `no metrics: ${answer.trouble}`);
  const { contentType, contentEncoding, body } = answer.exposition;
  context.env.outgoing.writeHead(200, {
    ...headers,
    'Content-Type': contentType,
    'Content-Length': body.byteLength,
    Vary: 'Accept, Accept-Encoding',
    ...(contentEncoding !== undefined && { 'Content-Encoding': contentEncoding }),
  });
  context.env.outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}
