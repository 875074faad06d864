import { isIP } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

interface Environment {
  readonly Bindings: HttpBindings;
}
type Guard = MiddlewareHandler<Environment>;

/**
 * Lets only JSON of a limited size through. A page elsewhere on the web must not be able to post: JSON needs a preflight,
 * which is refused.
 */
export function jsonOnly(largestBytes: number): readonly [Guard, Guard] {
  const typed: Guard = async (context, next) => {
    const {
      'content-type': type = '',
      'content-length': length,
      'transfer-encoding': coding,
    } = context.req.header();
    // A request without a body has neither of these, and the limit cannot read it.
    const hasBody = length !== undefined || coding !== undefined;
    if (hasBody && /^application\/json\s*(?:;|$)/i.test(type)) return next();
    return problem(415, 'expected a body of application/json');
  };
  const limit = bodyLimit({
    maxSize: largestBytes,
    onError: () => problem(413, `expected at most ${largestBytes} bytes`),
  });
  return [typed, limit];
}

/** Why a request cannot be ours to obey, by the address it was made to and the page it was made from; undefined when it is. */
export function foreign(context: Context<Environment>): Response | undefined {
  const { origin, host = '' } = context.req.header();
  if (isOwnAddress(host) && (origin === undefined || origin === `http://${host}`)) return undefined;
  return problem(403, 'only by address, and from no page of another origin');
}

/** A name could be anyone's that was made to resolve to us (DNS rebinding); an address or localhost could not. */
function isOwnAddress(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

/** The JSON document of a request, or the answer that there is none. */
export async function postedJson(
  context: Context<Environment>,
): Promise<{ readonly value: unknown } | Response> {
  try {
    const value: unknown = JSON.parse(await context.req.text());
    return { value };
  } catch {
    return problem(400, 'expected a JSON document');
  }
}
