import type { ProbeKind } from '../src/core/probe.ts';
import { dhcpProbe } from './dhcp.ts';
import { dnsProbe } from './dns.ts';
import { firewallProbe } from './firewall.ts';
import { httpProbe } from './http.ts';
import { internetProbe } from './internet.ts';
import { iopsProbe } from './iops.ts';
import { latencyProbe } from './latency.ts';
import { loadBalancerProbe } from './load-balancer.ts';
import { metadataProbe } from './metadata.ts';
import { ntpProbe } from './ntp.ts';
import { objectDurabilityProbe } from './object-durability.ts';
import { objectStorageProbe } from './object-storage.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { outscaleApiProbe } from './outscale-api.ts';
import { snapshotProbe } from './snapshot.ts';
import { tcpProbe } from './tcp.ts';
import { vmProbe } from './vm.ts';
import { volumeProbe } from './volume.ts';

const FACTORIES: readonly ((outscale: OutscaleAccess) => ProbeKind)[] = [
  httpProbe,
  tcpProbe,
  dnsProbe,
  dhcpProbe,
  ntpProbe,
  metadataProbe,
  latencyProbe,
  firewallProbe,
  internetProbe,
  loadBalancerProbe,
  outscaleApiProbe,
  vmProbe,
  objectStorageProbe,
  objectDurabilityProbe,
  volumeProbe,
  iopsProbe,
  snapshotProbe,
];

/** One of every kind of probe, by the word in `probe:`. Each owns what its probes share until it is closed. */
export function probeKinds(): ReadonlyMap<string, ProbeKind> {
  const outscale = openOutscaleAccess();
  return new Map(FACTORIES.map((make) => make(outscale)).map((kind) => [kind.kind, kind]));
}
