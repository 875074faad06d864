import { isIP } from 'node:net';
import { Hono, type Context, type Handler, type MiddlewareHandler } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';
import { STATUS_PAGE_STYLE_SOURCE, statusPage } from './status-page.ts';
import type { FaultControl, Sources } from './sources.ts';

/** On every answer: nothing is cached, framed, guessed at or read across origins. */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; style-src ${STATUS_PAGE_STYLE_SOURCE}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const LARGEST_BODY_BYTES = 16_384;

interface Environment {
  readonly Bindings: HttpBindings;
}
type Routes = Hono<Environment>;

/** The routes of the server: what is asked for and what is answered. */
export function createRoutes(sources: Sources): Routes {
  const app: Routes = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
  });
  app.onError((error) => {
    sources.onError(error);
    return problem(500, 'vigie failed to answer; its log says why');
  });
  app.notFound((context) => problem(404, `there is nothing at ${context.req.path}`));

  readOnly(app, '/healthz', (context) => context.text('ok\n'));
  readOnly(app, '/readyz', (context) => {
    const reasons = sources.notReady();
    return context.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });
  readOnly(app, '/metrics', (context) => metrics(context, sources));
  readOnly(app, '/api/verdicts', (context) => context.json(sources.verdicts()));
  readOnly(app, '/api/checks', (context) => context.json({ checks: sources.checks() }));
  readOnly(app, '/', (context) =>
    context.html(
      statusPage({
        ...sources.verdicts(),
        checks: sources.checks(),
        notReady: sources.notReady(),
        refreshes: context.req.query('refresh') !== 'off',
      }),
    ),
  );
  if (sources.faults) addFaults(app, sources.faults);
  return app;
}

function readOnly(app: Routes, path: string, handler: Handler<Environment>): void {
  app.get(path, handler);
  app.all(path, () => methodNotAllowed('GET, HEAD'));
}

function methodNotAllowed(allow: string): Response {
  return problem(405, `only ${allow} here`, { Allow: allow });
}

/** Written to the socket at once: a web Response would copy megabytes through streams, 10 ms of a held loop. */
async function metrics(context: Context<Environment>, sources: Sources): Promise<Response> {
  const answer = await sources.metrics.render(
    context.req.header('Accept'),
    context.req.header('Accept-Encoding'),
  );
  if ('trouble' in answer) return problem(503, `no metrics: ${answer.trouble}`);
  const { contentType, contentEncoding, body } = answer.exposition;
  context.env.outgoing.writeHead(200, {
    ...HEADERS,
    'Content-Type': contentType,
    'Content-Length': body.byteLength,
    Vary: 'Accept, Accept-Encoding',
    ...(contentEncoding !== undefined && { 'Content-Encoding': contentEncoding }),
  });
  context.env.outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

/** A page elsewhere on the web must not be able to set a fault: JSON needs a preflight, which is refused. */
function addFaults(app: Routes, faults: FaultControl): void {
  const path = '/api/faults';
  app.get(path, (context) => context.json(faults.state()));
  const typed: MiddlewareHandler<Environment> = async (context, next) => {
    const type = context.req.header('content-type') ?? '';
    if (/^application\/json\s*(?:;|$)/i.test(type) && hasBody(context)) return next();
    return problem(415, 'expected a body of application/json');
  };
  const limit = bodyLimit({
    maxSize: LARGEST_BODY_BYTES,
    onError: () => problem(413, `expected at most ${LARGEST_BODY_BYTES} bytes`),
  });
  app.post(path, typed, limit, async (context) => {
    const { origin, host = '' } = context.req.header();
    if (!isOwnAddress(host) || (origin !== undefined && origin !== `http://${host}`))
      return problem(403, 'only by address, and from no page of another origin');
    const request = parseJson(await context.req.text());
    if (!request) return problem(400, 'expected a JSON document');
    const answer = faults.set(request.value);
    return answer.ok ? context.json(answer.state) : problem(422, answer.detail);
  });
  app.all(path, () => methodNotAllowed('GET, HEAD, POST'));
}

/** A request without a body has neither of these, and the limit cannot read it. */
function hasBody(context: Context<Environment>): boolean {
  return (
    context.req.header('content-length') !== undefined ||
    context.req.header('transfer-encoding') !== undefined
  );
}

/** A name could be anyone's that was made to resolve to us (DNS rebinding); an address or localhost could not. */
function isOwnAddress(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
