import { bannerFront } from './banner-front.ts';
import type { BoxService } from './service.ts';

/** A host beyond the provider, reached through the region's access to the Internet: a mail server's greeting. */
export const internet = {
  name: 'internet',
  summary: 'a host out on the Internet',
  port: 21_179,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: bannerFront('220 beyond.example ESMTP'),
} as const satisfies BoxService;
