import type { Asked, Routes } from '../environment.ts';
import { problem } from '../problem.ts';
import type { AnswerCache } from './answer-cache.ts';
import { type Format, isRefusal, type Refusal, type Written, written } from './answer.ts';
import type { Operation } from './operation.ts';
import { formatAsked, send } from './send.ts';

/** May be kept by who asked, and by nobody else; asked again before it is shown again (RFC 9111 §5.2.2). */
const REVALIDATED = 'private, no-cache';
const NEVER_KEPT = 'no-store';

/** Adds the routes of operations: what is asked for more than once is made once. */
export function addOperations(
  app: Routes,
  operations: readonly Operation[],
  cache: AnswerCache,
  headers: Readonly<Record<string, string>>,
): void {
  for (const each of operations) {
    app.get(routePath(each.path), async (context) => {
      const format = formatAsked(context, named(context, each), each.formats);
      if (!format) return problem(406, `expected one of ${each.formats.join(', ')}`);
      const { pathname, search } = new URL(context.req.url);
      const key = JSON.stringify([pathname, search, format]);
      const answer = await cache.answer(key, () => made(each, context, format));
      const kept = each.isPrivate ? NEVER_KEPT : REVALIDATED;
      return send(context, answer, { ...headers, 'Cache-Control': kept });
    });
  }
}

/** A path as the router writes it, from what OpenAPI does: `/api/rows/:row`. */
export function routePath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** A format that the operation does not have is for the query's schema to refuse. */
function named(context: Asked, { formats }: Operation): Format | undefined {
  const name = context.req.query('format');
  return name === undefined ? undefined : (formats.find((format) => format === name) ?? formats[0]);
}

async function made(each: Operation, context: Asked, format: Format): Promise<Written | Refusal> {
  const answer = await each.ask(context);
  if (isRefusal(answer)) return answer;
  const { next } = answer;
  const body = written(answer, format);
  if (next === undefined || next === null) return body;
  return { ...body, headers: { ...body.headers, Link: `<${nextPage(context, next)}>; rel="next"` } };
}

function nextPage(context: Asked, next: string): string {
  const { pathname, searchParams } = new URL(context.req.url);
  searchParams.set('after', next);
  return `${pathname}?${searchParams.toString()}`;
}
