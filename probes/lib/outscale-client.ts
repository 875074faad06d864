import { isIP } from 'node:net';
import type { ProbeContext } from '../../src/core/probe.ts';
import { exchange, type HttpRequest } from './http-exchange.ts';
import { Lane } from './http-lane.ts';
import { createLookup } from './lookup.ts';
import type { OutscaleAccess } from './outscale-access.ts';
import type { SignatureFate } from './outscale-gate.ts';
import {
  type OutscaleCall,
  type OutscaleRequest,
  type OutscaleService,
  requestFor,
} from './outscale-request.ts';
import { fateOf, type OutscaleResult, resultOf } from './outscale-result.ts';
import type { OutscaleConnection } from './outscale-settings.ts';
import { createSigner, type Signer } from './outscale-signer.ts';
import { createTrust } from './trust.ts';

/** One call, ready to be sent any number of times. */
export interface PreparedCall {
  /** As {@link ConfiguredProbe.identity}: equal for calls that are identical on the wire. */
  readonly identity: string;
  /**
   * Sends it once: for the call that a run is about, by whose identity the scheduler keeps runs a second apart. Nothing
   * is tried twice; ends at once, with nothing more sent, when the signal is aborted.
   */
  send(context: ProbeContext): Promise<OutscaleResult>;
  /**
   * As {@link send}, for any further call of a run: where an identical one by the same account began less than a second
   * ago, whoever made it, its answer is taken instead.
   */
  share(context: ProbeContext): Promise<OutscaleResult>;
}

/** One service of the provider as one check reaches it. */
export interface OutscaleClient {
  prepare(call: OutscaleCall): PreparedCall;
}

/** The clients of one kind of probe; their connections live and end with it. */
export interface OutscaleClients {
  open(connection: OutscaleConnection, service: OutscaleService): OutscaleClient;
  close(): Promise<void>;
}

/** Makes the clients of one kind of probe. */
export function createOutscaleClients(access: OutscaleAccess): OutscaleClients {
  const trust = createTrust();
  const lookup = createLookup();
  const live = new Set<Lane>();
  return {
    open(connection, service) {
      const origin = originOf(connection, service);
      const { hostname, port, protocol } = new URL(origin);
      const host = hostname.replace(/^\[|\]$/g, '');
      const isSecure = protocol === 'https:';
      const serverName = isIP(host) === 0 ? host : '';
      const tls = isSecure ? { context: trust(connection.ca), verify: true, serverName } : undefined;
      const target = {
        host,
        port: Number(port) || (isSecure ? 443 : 80),
        ipVersion: 'any',
        lookup,
        tls,
      } as const;
      const line: Line = {
        connection,
        signer: createSigner(connection, service, access),
        calls: access.calls,
        idle: [],
        openLane: () => new Lane(origin, target, live),
      };
      return { prepare: (call) => prepared(line, requestFor(service, origin, call)) };
    },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };
}

/** What the calls of one client share. */
interface Line {
  readonly connection: OutscaleConnection;
  readonly signer: Signer;
  readonly calls: OutscaleAccess['calls'];
  readonly idle: Lane[];
  readonly openLane: () => Lane;
}

function originOf({ endpoint, region }: OutscaleConnection, service: OutscaleService): string {
  return new URL(endpoint ?? `https://${service}.${region}.outscale.com`).origin;
}

function prepared(line: Line, request: OutscaleRequest): PreparedCall {
  const { calls, signer } = line;
  const name = `${signer.account} ${request.identity}`;
  const inTurn = (turn: 'own' | 'shared') => async (context: ProbeContext) =>
    (await calls[turn](name, context, () => send(line, request, context))) ?? unsent(request);
  return { identity: request.identity, send: inTurn('own'), share: inTurn('shared') };
}

function unsent({ label }: OutscaleRequest): OutscaleResult {
  const detail = `${label}: timeout before it began`;
  return { kind: 'unanswered', reading: { kind: 'fault', fault: 'timeout', detail } };
}

async function send(
  line: Line,
  request: OutscaleRequest,
  { signal, clock }: ProbeContext,
): Promise<OutscaleResult> {
  const { label } = request;
  const signature = line.signer.sign(request, clock);
  if (signature.kind === 'withheld') {
    const detail = `${label}: ${signature.why}`;
    return { kind: 'unanswered', reading: { kind: 'blind', blind: signature.blind, detail } };
  }
  let fate: SignatureFate = { kind: 'unknown' };
  try {
    const { signed } = signature;
    const lane = line.idle.pop() ?? line.openLane();
    const wire = wireRequest(line.connection, request, signature.headers);
    const result = await exchange(lane, wire, signal, clock, (reusable) => {
      if (reusable) line.idle.push(lane);
    });
    const read = resultOf(result, request, { signed, secrets: line.signer.secrets }, clock.wallMs());
    fate = fateOf(read);
    return read;
  } finally {
    signature.settle(fate);
  }
}

function wireRequest(
  { connection, maxBody }: OutscaleConnection,
  { url, body }: OutscaleRequest,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  const all = { 'user-agent': 'vigie', accept: '*/*', ...headers };
  const options = {
    path: url.pathname,
    method: 'POST' as const,
    headers: Object.entries(all).flat(),
    body,
    reset: connection === 'fresh',
  };
  return { options, maxBody, keepBody: true };
}
