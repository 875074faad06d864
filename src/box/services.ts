import { api } from './api.ts';
import { dhcp } from './dhcp.ts';
import { dns } from './dns.ts';
import { firewall } from './firewall.ts';
import { internet } from './internet.ts';
import { latency } from './latency.ts';
import { backend1, backend2, loadBalancer } from './load-balancer.ts';
import { hardware, vm } from './machines.ts';
import { metadata } from './metadata.ts';
import { ntp } from './ntp.ts';
import { objectStorage } from './object-storage.ts';
import type { BoxService } from './service.ts';
import { snapshots } from './snapshots.ts';
import { volume } from './volume.ts';
import { zoneA, zoneB, zoneC } from './zones.ts';

const SERVICES = [
  api,
  zoneA,
  zoneB,
  zoneC,
  latency,
  dns,
  ntp,
  dhcp,
  metadata,
  internet,
  firewall,
  loadBalancer,
  backend1,
  backend2,
  objectStorage,
  volume,
  snapshots,
  vm,
  hardware,
] as const satisfies readonly BoxService[];

/** The name of a service of the box. */
export type BoxServiceName = (typeof SERVICES)[number]['name'];

/** The services of the region in a box, in the order in which they are shown: the only existing file that a new one edits. */
export const BOX_SERVICES: readonly (BoxService & { readonly name: BoxServiceName })[] = SERVICES;
