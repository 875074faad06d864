import type { ProbeKind } from '../src/core/probe.ts';
import { dnsProbe } from './dns.ts';
import { httpProbe } from './http.ts';
import { ntpProbe } from './ntp.ts';
import { tcpProbe } from './tcp.ts';

const FACTORIES: readonly (() => ProbeKind)[] = [httpProbe, tcpProbe, dnsProbe, ntpProbe];

/** One of every kind of probe, by the word in `probe:`. Each owns what its probes share until it is closed. */
export function probeKinds(): ReadonlyMap<string, ProbeKind> {
  return new Map(FACTORIES.map((make) => make()).map((kind) => [kind.kind, kind]));
}
