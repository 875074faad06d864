import type { ProbeContext } from '../../src/core/probe.ts';
import { addressesOption, DHCP_OPTION } from '../wire/dhcp-options.ts';
import type { DhcpMessageType } from '../wire/dhcp-options.ts';
import { readReply } from '../wire/dhcp-reply.ts';
import type { DhcpReply, DhcpTransaction } from '../wire/dhcp-reply.ts';
import type { BoundEnd, Endpoint } from './bound-exchange.ts';
import type { BoundPort } from './bound-port.ts';
import { dhcpRequest } from './dhcp-request.ts';
import type { DhcpClient, DhcpSettled } from './dhcp-request.ts';

/** What is asked of a server. */
export interface DhcpAsking {
  readonly client: DhcpClient;
  readonly hardwareAddress: string;
  readonly server: Endpoint;
  /** Whether a reply of another address than the server's is taken. */
  readonly fromAnyone: boolean;
  /** Whether an address that is offered is taken and given back. */
  readonly lease: boolean;
}

/** The phases of a conversation, by the message that begins each. */
export const DHCP_PHASES = ['discover', 'request', 'inform'] as const;
export type DhcpPhase = (typeof DHCP_PHASES)[number];

/** A conversation that is over: how its last exchange ended, and what it took. */
export interface DhcpConversation {
  readonly end: BoundEnd<DhcpReply | 'malformed'>;
  /** The phase that it ended in. */
  readonly phase: DhcpPhase;
  /** Milliseconds of the exchanges, without what is between them. */
  readonly latencyMs: number;
  /** Milliseconds of those that were answered. */
  readonly phases: Readonly<Partial<Record<DhcpPhase, number>>>;
  readonly strays: number;
}

/**
 * Talks to a server (RFC 2131 §3.1, §3.4): INFORM → ACK, or DISCOVER → OFFER, and where a lease is wanted REQUEST →
 * ACK or NAK, and RELEASE. A lease whose ACK came after the deadline is not given back: it ends by its time.
 */
export async function converse(
  port: BoundPort,
  asking: DhcpAsking,
  context: ProbeContext,
): Promise<DhcpConversation> {
  const xid = Math.floor(context.random() * 2 ** 32);
  const talk = new Talk(port, asking, { xid, hardwareAddress: asking.hardwareAddress }, context);
  if (asking.client.mode === 'inform') return talk.ask('inform', 'INFORM', () => true);
  const offered = await talk.ask('discover', 'DISCOVER', () => true);
  const offer = replyIn(offered);
  if (!asking.lease || offer?.type !== 'OFFER') return offered;
  const { offeredAddress, serverId } = offer;
  if (offeredAddress === undefined || serverId === undefined) {
    return { ...offered, end: { kind: 'reply', reply: 'malformed' } };
  }
  const answered = await talk.take(offeredAddress, serverId);
  return {
    ...answered,
    latencyMs: offered.latencyMs + answered.latencyMs,
    phases: { ...offered.phases, ...answered.phases },
    strays: offered.strays + answered.strays,
  };
}

function replyIn({ end }: DhcpConversation): DhcpReply | undefined {
  return end.kind === 'reply' && end.reply !== 'malformed' ? end.reply : undefined;
}

class Talk {
  readonly #port: BoundPort;
  readonly #asking: DhcpAsking;
  readonly #transaction: DhcpTransaction;
  readonly #context: ProbeContext;

  constructor(port: BoundPort, asking: DhcpAsking, transaction: DhcpTransaction, context: ProbeContext) {
    this.#port = port;
    this.#asking = asking;
    this.#transaction = transaction;
    this.#context = context;
  }

  async ask(
    phase: DhcpPhase,
    type: DhcpMessageType,
    belongs: (reply: DhcpReply) => boolean,
    settled?: Partial<DhcpSettled>,
  ): Promise<DhcpConversation> {
    const { server, fromAnyone } = this.#asking;
    const outcome = await this.#port.exchange<DhcpReply | 'malformed'>(
      {
        to: server,
        fromAnyone,
        payload: this.#message(type, settled),
        read: (datagram) => {
          const reply = readReply(datagram, this.#transaction);
          if (reply === 'stray' || reply === 'malformed') return reply === 'stray' ? undefined : reply;
          return belongs(reply) ? reply : undefined;
        },
      },
      this.#context,
    );
    const phases = outcome.end.kind === 'reply' ? { [phase]: outcome.latencyMs } : {};
    return { ...outcome, phase, phases };
  }

  /** Takes an address and gives it back. Offers of others that come late are no answer to a REQUEST. */
  async take(address: string, serverId: string): Promise<DhcpConversation> {
    const server = [DHCP_OPTION.serverId, addressesOption(serverId)] as const;
    const chosen = [[DHCP_OPTION.requestedAddress, addressesOption(address)] as const, server];
    const belongs = (reply: DhcpReply): boolean => reply.type !== 'OFFER' && reply.serverId === serverId;
    const answered = await this.ask('request', 'REQUEST', belongs, { chosen });
    if (replyIn(answered)?.type === 'ACK') {
      const to = { ...this.#asking.server, ...(this.#asking.fromAnyone ? { address: serverId } : {}) };
      await this.#port.tell(to, this.#message('RELEASE', { chosen: [server], leased: address }));
    }
    return answered;
  }

  #message(type: DhcpMessageType, settled?: Partial<DhcpSettled>): Buffer {
    return dhcpRequest(this.#asking.client, this.#transaction, type, settled);
  }
}
