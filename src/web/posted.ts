import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Guard } from './access/guard.ts';
import { hasWriters } from './access/rules.ts';
import type { Asked, Environment } from './environment.ts';
import { problem } from './problem.ts';

type Filter = MiddlewareHandler<Environment>;

/**
 * Lets only JSON of a limited size through. A page elsewhere on the web must not be able to post: JSON needs a preflight,
 * which is refused.
 */
export function jsonOnly(largestBytes: number): readonly [Filter, Filter] {
  const typed: Filter = async (context, next) => {
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

const HOW_TO_ALLOW =
  'nobody may write here: set access.token in the configuration, by reference: { env: NAME } or { file: /path }, ' +
  'or access.tokens, or access.writers';

/** Lets those through who may write; nobody where nobody may. */
export function mayWrite(guard: Guard): Filter {
  return async (context, next) => {
    if (!hasWriters(guard.rules)) return problem(403, HOW_TO_ALLOW);
    const refusal = foreign(context, guard);
    if (refusal) return refusal;
    const { name, rights } = context.get('requester');
    if (rights.has('write')) return next();
    if (name === null) return guard.challenge('expected one who may write');
    return problem(403, `${name} may read and not write`);
  };
}

/** Why a request cannot be ours to obey, by the address it was made to and the page it was made from; undefined when it is. */
export function foreign(context: Asked, { rules }: Guard): Response | undefined {
  const { scheme, host } = context.get('requester');
  const { origin } = context.req.header();
  const isOurs = isOwnAddress(host) || rules.hosts.has(host.replace(/:\d+$/, '').toLowerCase());
  if (isOurs && (origin === undefined || origin === `${scheme}://${host}`)) return undefined;
  return problem(403, 'only by an address or a name of access.hosts, and from no page of another origin');
}

/** A name could be anyone's that was made to resolve to us (DNS rebinding); an address or localhost could not. */
function isOwnAddress(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

/** The JSON document of a request, or the answer that there is none. */
export async function postedJson(context: Asked): Promise<{ readonly value: unknown } | Response> {
  try {
    const value: unknown = JSON.parse(await context.req.text());
    return { value };
  } catch {
    return problem(400, 'expected a JSON document');
  }
}
