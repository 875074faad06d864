import { sleep } from '../../src/core/clock.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { decodePacket, encodeRequest, NTP_MODE } from '../wire/ntp.ts';
import type { NtpPacket } from '../wire/ntp.ts';
import type { DatagramOutcome, DatagramSockets } from './datagram.ts';
import { kissOf } from './ntp-sample.ts';
import type { Kiss, NtpReply } from './ntp-sample.ts';
import { type OwnLateness, watchLateness } from './own-lateness.ts';
import { wallBounds } from './wall-bounds.ts';
import type { WallBounds } from './wall-bounds.ts';

/** What is sent, and where to. */
export interface BurstPlan {
  readonly address: string;
  readonly port: number;
  readonly exchanges: number;
  /** From one request to the next. */
  readonly spacingMs: number;
}

/** A kiss-o'-death that refuses us. */
export interface NtpRefusal {
  readonly kiss: Kiss;
  readonly reply: NtpReply;
}

/** What came of a burst. */
export interface Burst {
  /** How many requests left. */
  readonly sent: number;
  /** The replies that carry a server's state, in the order of arrival; no refusals. */
  readonly replies: readonly NtpReply[];
  readonly refusal: NtpRefusal | undefined;
  /** The socket's own error, which ended the burst. */
  readonly failure: Error | undefined;
  /** Datagrams of the server that answered no request. */
  readonly strays: number;
  /** Looks at our own clocks, two for each reply. */
  readonly clocks: readonly WallBounds[];
}

/** How long the replies that are missing are waited for, once there is one and the last request has left. */
export const LINGER_MS = 500;

const HIGHEST_VERSION = 4;

/**
 * Several exchanges with one server, `spacingMs` apart, none waiting for the one before. Ends when all are answered,
 * {@link LINGER_MS} after the last request or the first reply, whichever is later, at a refusal, at an error of the
 * socket, or in the turn of the abort. Without any reply it waits for the abort.
 */
export async function runBurst(
  sockets: DatagramSockets,
  plan: BurstPlan,
  context: ProbeContext,
): Promise<Burst> {
  const over = new AbortController();
  const within = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
  const record = new BurstRecord(over);
  const exchanges: Promise<void>[] = [];
  while (exchanges.length < plan.exchanges && !within.signal.aborted) {
    exchanges.push(exchange(sockets, plan, within, record));
    if (exchanges.length < plan.exchanges) await sleep(context.clock, plan.spacingMs, within.signal);
  }
  const all = Promise.all(exchanges);
  await Promise.race([all, record.firstReply]);
  await Promise.race([all, sleep(context.clock, LINGER_MS, within.signal)]);
  over.abort();
  await all;
  return record.burst(exchanges.length);
}

/** One request, with its own cookie and its own times. */
async function exchange(
  sockets: DatagramSockets,
  { address, port }: BurstPlan,
  context: ProbeContext,
  record: BurstRecord,
): Promise<void> {
  const { clock, random } = context;
  const cookie = (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  let sentMs = 0;
  let lateness = (): OwnLateness | undefined => undefined;
  const clocks: WallBounds[] = [];
  const payload = (): Uint8Array => {
    clocks.push(wallBounds(clock));
    lateness = watchLateness(context);
    sentMs = clock.monotonicMs();
    return encodeRequest(cookie);
  };
  const read = (datagram: Uint8Array): NtpReply | undefined => {
    const arrivedMs = clock.monotonicMs();
    const packet = replyTo(cookie, datagram);
    if (!packet) return undefined;
    clocks.push(wallBounds(clock));
    return { packet, sentMs, arrivedMs, own: lateness() };
  };
  record.add(await sockets.exchange({ address, port, payload, read }, context), clocks);
}

/** The packet, if it is a server's reply to the request with this cookie (RFC 5905 §8, test 2: else it is bogus). */
function replyTo(cookie: bigint, datagram: Uint8Array): NtpPacket | undefined {
  const packet = decodePacket(datagram);
  const ours =
    packet?.origin === cookie &&
    packet.mode === NTP_MODE.server &&
    packet.version >= 1 &&
    packet.version <= HIGHEST_VERSION;
  return ours ? packet : undefined;
}

class BurstRecord {
  readonly firstReply: Promise<void>;
  readonly #first = Promise.withResolvers<void>();
  readonly #over: AbortController;
  readonly #replies: NtpReply[] = [];
  readonly #clocks: WallBounds[] = [];
  #refusal: NtpRefusal | undefined;
  #failure: Error | undefined;
  #strays = 0;

  constructor(over: AbortController) {
    this.#over = over;
    this.firstReply = this.#first.promise;
  }

  add(outcome: DatagramOutcome<NtpReply>, clocks: readonly WallBounds[]): void {
    // Exchanges that overlap have seen the same strays.
    this.#strays = Math.max(this.#strays, outcome.strays);
    if (outcome.kind === 'failed') {
      this.#failure ??= outcome.error;
      this.#over.abort();
    } else if (outcome.kind === 'reply') {
      this.#clocks.push(...clocks);
      this.#take(outcome.reply);
    }
  }

  #take(reply: NtpReply): void {
    const kiss = kissOf(reply.packet);
    if (kiss) {
      this.#refusal ??= { kiss, reply };
      this.#over.abort();
    } else {
      this.#replies.push(reply);
      this.#first.resolve();
    }
  }

  burst(sent: number): Burst {
    return {
      sent,
      replies: this.#replies,
      refusal: this.#refusal,
      failure: this.#failure,
      strays: this.#strays,
      clocks: this.#clocks,
    };
  }
}
