import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket as TcpSocket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { Credentials } from './certificate.ts';
import { startStreamServer } from './tcp.ts';
import type { StreamServer } from './tcp.ts';

/** Sends a message to whoever asked; `from` another socket than the one that was asked when given. */
export type SendReply = (message: Buffer, from?: UdpSocket) => void;

/** What a server does with a query that came over UDP. */
export type UdpScript = (query: Buffer, reply: SendReply) => void;

/** What a server does with a whole query that came over a stream. */
export type TcpScript = (query: Buffer, socket: TcpSocket) => void;

/** A DNS server on loopback, over UDP and TCP at one port, that does to each query what its scripts say. */
export interface DnsServer {
  readonly address: string;
  readonly port: number;
  /** The queries over UDP so far, in order, with the port that each came from. */
  readonly datagrams: readonly { readonly query: Buffer; readonly fromPort: number }[];
  /** The stream side, which is there when it has a script. */
  readonly stream: StreamServer;
  /** Datagrams, connections and chunks so far, counted together. */
  received(): number;
  close(): Promise<void>;
}

/** How a server answers; without a script it takes the query and is silent. */
export interface DnsScripts {
  readonly udp?: UdpScript;
  readonly tcp?: TcpScript;
  /** Speaks TLS on the stream side. */
  readonly tls?: Credentials;
}

const ADDRESS = '127.0.0.1';

/** Starts a server at a port that is free for UDP and TCP. */
export async function startDnsServer(scripts: DnsScripts): Promise<DnsServer> {
  const { udp, stream } = await listenAtOnePort(scripts);
  const datagrams: { query: Buffer; fromPort: number }[] = [];
  udp.on('message', (query, from) => {
    datagrams.push({ query, fromPort: from.port });
    scripts.udp?.(query, (message, socket = udp) => socket.send(message, from.port, from.address));
  });
  return {
    address: ADDRESS,
    port: stream.port,
    datagrams,
    stream,
    received: () => datagrams.length + stream.received(),
    close: async () => {
      udp.close();
      await Promise.all([once(udp, 'close'), stream.close()]);
    },
  };
}

async function listenAtOnePort({ tcp, tls }: DnsScripts): Promise<{ udp: UdpSocket; stream: StreamServer }> {
  for (;;) {
    const options = { host: ADDRESS, ...(tls ? { tls } : {}) };
    const stream = await startStreamServer((socket) => serveQueries(socket, tcp), options);
    const udp = createSocket('udp4').bind(stream.port, ADDRESS);
    const taken = await once(udp, 'listening').then(
      () => false,
      () => true,
    );
    if (!taken) return { udp, stream };
    udp.close();
    await stream.close();
  }
}

function serveQueries(socket: TcpSocket, script: TcpScript | undefined): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, Buffer.from(chunk)]);
    const end = received.length < 2 ? Infinity : 2 + received.readUInt16BE(0);
    if (received.length < end) return;
    const query = received.subarray(2, end);
    received = received.subarray(end);
    script?.(query, socket);
  });
}

/** What a reply is to say. */
export interface ReplyFacts {
  readonly answers?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  readonly rcode?: number;
  /** Flags of the header, besides that of a response; authoritative when absent. */
  readonly flags?: number;
  /** Sent instead of the question of the query. */
  readonly questions?: DecodedPacket['questions'];
}

/** A reply to a query: its id and question, and the facts. */
export function replyTo(query: Buffer, facts: ReplyFacts): Buffer {
  const { id, questions } = decode(query);
  return encode({
    type: 'response',
    ...(id === undefined ? {} : { id }),
    flags: (facts.flags ?? AUTHORITATIVE_ANSWER) | (facts.rcode ?? 0),
    questions: [...(facts.questions ?? questions ?? [])],
    answers: [...(facts.answers ?? [])],
    additionals: [...(facts.additionals ?? [])],
  });
}

/** The message behind its length, as streams carry it. */
export function frame(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
