import type { Estate } from './estate.ts';
import type { BoxFault } from './fault.ts';
import { type HttpAnswer, httpFront, NO_SERVER } from './http-front.ts';
import { BOX_BACKENDS } from './region.ts';
import type { BoxServer, BoxService } from './service.ts';

const FAULTS = ['down', 'silent', 'slow', 'wrong'] as const;

/** A virtual load balancer with a web site on two machines behind it; it passes over those that are broken. */
export const loadBalancer = {
  name: 'load-balancer',
  summary: 'load balancer with two machines behind it',
  port: 21_081,
  faults: FAULTS,
  listen: (port, conduct, estate) => httpFront(({ path }) => balanced(path, estate))(port, conduct),
} as const satisfies BoxService;

/** The machines behind the load balancer: when both are broken the site is down, and that is ours. */
export const backend1 = backend('backend-1', 21_083);
export const backend2 = backend('backend-2', 21_084);

function balanced(path: string, { faultOf }: Estate): HttpAnswer {
  const serving = Object.keys(BOX_BACKENDS).find((name) => isServing(faultOf(name)));
  return serving === undefined ? NO_SERVER : site(path, serving);
}

/** Whether a machine with this fault still serves, however slowly. */
export function isServing(fault: BoxFault | undefined): boolean {
  return fault === undefined || fault === 'slow';
}

function site(path: string, machine: string): HttpAnswer {
  return path === '/'
    ? { status: 200, type: 'text/plain', body: `ok from ${machine}\n` }
    : { status: 404, type: 'text/plain', body: 'not found\n' };
}

function backend<Name extends keyof typeof BOX_BACKENDS>(
  name: Name,
  port: number,
): BoxServer & { readonly name: Name } {
  return {
    name,
    summary: 'a machine of ours behind the load balancer',
    port,
    faults: FAULTS,
    listen: httpFront(({ path }) => site(path, name)),
  };
}
