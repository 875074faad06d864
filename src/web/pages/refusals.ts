import type { MiddlewareHandler } from 'hono';
import type { Asked, Environment } from '../environment.ts';
import type { AssetStore } from './asset-store.ts';
import { viewOf } from './asked-view.ts';
import { REFUSALS_MET, refusalDocument, type RefusalMet } from './refusal-page.ts';
import { PAGE_POLICY, tight } from './written-page.ts';

/** What programs ask for: they are refused as RFC 9457 has it, whatever they accept. */
const FOR_PROGRAMS = /^\/(?:api|metrics|healthz|readyz)(?:\/|$)/;

/**
 * Says no to a person in the words, the language and the look of the pages, where a program would be given problem+json: to
 * GET, outside of what is for programs, where text/html is preferred. The headers of the refusal stay as they are.
 */
export function refusalsForPeople(assets: AssetStore): MiddlewareHandler<Environment> {
  return async (context, next) => {
    await next();
    const status = metBy(context);
    if (status === undefined) return;
    const view = viewOf(context, assets, 'UTC');
    const { lang: _, ...query } = context.req.query();
    const retryAfter = context.res.headers.get('Retry-After');
    const document = refusalDocument(view, {
      status,
      // One slash: two of them would lead to another host.
      path: new URL(context.req.url).pathname.replace(/^\/+/, '/'),
      query,
      ...(retryAfter !== null && { retryAfter }),
    });
    context.res = new Response(tight(String(await document)), { status });
    context.header('Content-Type', 'text/html; charset=utf-8');
    context.header('Content-Language', view.language);
    context.header('Content-Security-Policy', PAGE_POLICY);
    context.header('Vary', 'Accept, Accept-Language');
  };
}

/** The status that is to be told to a person; undefined where the answer is to stay as it is. */
function metBy({ req, res }: Asked): RefusalMet | undefined {
  const isRefused = res.headers.get('Content-Type') === 'application/problem+json';
  if (!isRefused || (req.method !== 'GET' && req.method !== 'HEAD')) return undefined;
  if (FOR_PROGRAMS.test(req.path) || !prefersPages(req.header('Accept'))) return undefined;
  return REFUSALS_MET.find((status) => status === res.status);
}

/** Whether an Accept header names text/html, and nothing of JSON before it (RFC 9110 §12.5.1). */
export function prefersPages(accept: string | undefined): boolean {
  const page = qualityOf(accept, /^text\/html$/);
  return page > 0 && page >= qualityOf(accept, /^application\/(?:problem\+)?json$/);
}

/** The highest quality that is given to the media types of a kind, named in full; 0 where none is named. */
function qualityOf(accept = '', kind: RegExp): number {
  const qualities = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    if (!kind.test(type)) return 0;
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
  });
  return Math.max(...qualities);
}
