import { bannerFront } from './banner-front.ts';
import type { BoxService } from './service.ts';

/** A port that the security groups leave open, with an SSH server behind it (identification of RFC 4253 §4.2). */
export const firewall = {
  name: 'firewall',
  summary: 'a port that the security groups leave open',
  port: 21_022,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: bannerFront('SSH-2.0-box'),
} as const satisfies BoxService;
