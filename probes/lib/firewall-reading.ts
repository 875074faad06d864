import type { Reading } from '../../src/core/reading.ts';
import { faultReading } from './fault-reading.ts';
import type { Knock, PortState } from './knock.ts';

/** What a run of a `firewall` check saw. */
export interface FirewallSeen {
  /** Host and ports as configured, for people. */
  readonly label: string;
  readonly address: string;
  readonly resolveMs: number | undefined;
  readonly allowed: Knock;
  readonly denied: Knock;
  /** Absent when the check has none. */
  readonly heartbeat: Knock | undefined;
}

/**
 * What a run says of the firewall. The allowed port connects: an answer, whose value `denied` says whether the rule
 * holds. It does not: a fault, unless nothing else shows that the peer lives; then blind, for a peer of ours that is
 * dead and a firewall that lets nothing through look alike. Not excluded: that would take a total failure of the
 * firewall out of the figure; as a hole it stays in the worst case.
 */
export function firewallReading(seen: FirewallSeen): Reading {
  const { label, allowed, denied, heartbeat } = seen;
  if (denied.kind === 'blind') {
    return faultReading({ label, phases: {}, evidence: {} }, { kind: 'failed', error: denied.error });
  }
  const reading = readingOf(seen);
  const showsLife = !heartbeat || [allowed, denied, heartbeat].some((each) => each.kind === 'open');
  if (reading.kind !== 'fault' || showsLife) return reading;
  const detail = `${label}: the peer does not answer its heartbeat either, so the rules were not seen`;
  return { kind: 'blind', blind: 'local-resource', detail };
}

function readingOf(seen: FirewallSeen): Reading {
  const { label, address, allowed, resolveMs } = seen;
  const phases = resolveMs === undefined ? {} : { resolve: resolveMs };
  const states = { ...statesOf(seen), address };
  switch (allowed.kind) {
    case 'open': {
      const latencyMs = allowed.ms;
      const seenPhases = { ...phases, connect: latencyMs };
      return { kind: 'answer', latencyMs, phases: seenPhases, values: states, evidence: states };
    }
    case 'closed': {
      const attempt = {
        label: `${label}: the allowed port`,
        latencyMs: allowed.ms,
        phases,
        evidence: states,
      };
      return faultReading(attempt, allowed.trouble);
    }
    case 'blind':
      return faultReading({ label, phases, evidence: states }, { kind: 'failed', error: allowed.error });
  }
}

function statesOf({ allowed, denied, heartbeat }: FirewallSeen): Readonly<Record<string, string>> {
  return {
    allowed: stateOf(allowed),
    denied: stateOf(denied),
    ...(heartbeat ? { heartbeat: stateOf(heartbeat) } : {}),
  };
}

function stateOf(port: Knock): PortState | 'unseen' {
  switch (port.kind) {
    case 'open':
      return 'open';
    case 'closed':
      return port.state;
    case 'blind':
      return 'unseen';
  }
}
