import type { Fault } from '../../src/core/cause.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { closedEarly, timedOut, type Trouble } from './fault-reading.ts';
import { faultOf } from './faults.ts';
import { exchangeOverStream } from './stream.ts';

/**
 * How a TCP port receives a connection. `open`: it stands. `refused`: a reset, an end without a word where
 * one is wanted, or a router's word that the port cannot be reached. `unreachable`: a router's word that the host or the network cannot be reached, or that it is prohibited.
 * `silent`: nothing at all.
 */
export type PortState = 'open' | ClosedState;
type ClosedState = 'refused' | 'unreachable' | 'silent';

/** What came of one connection attempt. `blind`: this machine did not let it leave. */
export type Knock =
  | { readonly kind: 'open'; readonly ms: number }
  | {
      readonly kind: 'closed';
      readonly state: ClosedState;
      readonly ms: number;
      readonly trouble: Trouble;
    }
  | { readonly kind: 'blind'; readonly error: Error };

/** Where and how to knock. */
export interface Door {
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Whether it counts as open only when it has said something, too. */
  readonly greeting: boolean;
  /** After which it counts as silent. */
  readonly patienceMs: number;
}

/** Tries to connect, and ends the connection at once. Silent in the turn of the abort. */
export async function knock(door: Door, context: ProbeContext): Promise<Knock> {
  const patience = new AbortController();
  const cancel = context.clock.after(door.patienceMs, () => patience.abort());
  const wanted = door.greeting ? 1 : 0;
  const { end, timing } = await exchangeOverStream(
    {
      address: door.address,
      port: door.port,
      read: (received) => (received.length >= wanted ? 'open' : undefined),
      limit: Number.POSITIVE_INFINITY,
    },
    { ...context, signal: AbortSignal.any([context.signal, patience.signal]) },
  );
  cancel();
  const { latencyMs: ms, connectMs } = timing;
  switch (end.kind) {
    case 'reply':
      return { kind: 'open', ms };
    case 'failed':
      return failed(end.error, ms);
    case 'closed':
      return { kind: 'closed', state: 'refused', ms, trouble: closedEarly(end.received) };
    case 'oversized':
    case 'aborted': {
      const trouble = timedOut(connectMs === undefined ? 'in connect' : 'in greeting');
      return { kind: 'closed', state: 'silent', ms, trouble };
    }
  }
}

function failed(error: Error, ms: number): Knock {
  const state = stateOf(error);
  return state ? { kind: 'closed', state, ms, trouble: { kind: 'failed', error } } : { kind: 'blind', error };
}

/**
 * What an error says of the port; undefined when it speaks of this machine alone. A network that cannot be reached may
 * be either a router's word or the lack of a route of our own: the fault table takes it for the latter.
 */
function stateOf(error: Error): ClosedState | undefined {
  const trouble = faultOf(error);
  if (!trouble) throw error;
  if (trouble.code === 'ENETUNREACH') return 'unreachable';
  if (trouble.kind === 'blind') return undefined;
  return STATES[trouble.fault] ?? 'unreachable';
}

const STATES: Readonly<Partial<Record<Fault, ClosedState>>> = {
  timeout: 'silent',
  refused: 'refused',
  reset: 'refused',
};
