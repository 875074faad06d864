import { httpFront } from './http-front.ts';
import type { BoxService } from './service.ts';

/** A virtual load balancer with a web site behind it. */
export const loadBalancer = {
  name: 'load-balancer',
  summary: 'load balancer with a site behind it',
  port: 21_081,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: httpFront(({ path }) =>
    path === '/'
      ? { status: 200, type: 'text/plain', body: 'ok from backend 1\n' }
      : { status: 404, type: 'text/plain', body: 'not found\n' },
  ),
} as const satisfies BoxService;
