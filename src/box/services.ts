import { api } from './api.ts';
import { dhcp } from './dhcp.ts';
import { dns } from './dns.ts';
import { firewall } from './firewall.ts';
import { internet } from './internet.ts';
import { latency } from './latency.ts';
import { loadBalancer } from './load-balancer.ts';
import { metadata } from './metadata.ts';
import { ntp } from './ntp.ts';
import { objectStorage } from './object-storage.ts';
import type { BoxService } from './service.ts';

/** The services of the region in a box: the only existing file that a new one edits. */
export const BOX_SERVICES = [
  api,
  metadata,
  loadBalancer,
  objectStorage,
  dns,
  ntp,
  internet,
  firewall,
  dhcp,
  latency,
] as const satisfies readonly BoxService[];

/** The name of a service of the box. */
export type BoxServiceName = (typeof BOX_SERVICES)[number]['name'];
