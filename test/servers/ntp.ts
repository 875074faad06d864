import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodePacket, encodePacket, NTP_MODE, timestampOf } from '../../probes/wire/ntp.ts';
import type { NtpPacket } from '../../probes/wire/ntp.ts';

/** A request as the server got it. */
export interface NtpRequest {
  readonly packet: NtpPacket;
  readonly bytes: Buffer;
  /** Counts from 0. */
  readonly number: number;
  readonly from: RemoteInfo;
  /** The wire timestamp of the arrival, by the server's clock. */
  readonly receive: bigint;
}

/** What a script may do with a request, as often and as late as it likes. */
export interface NtpAnswering {
  /** Sends a reply of a good server of stratum 2, with the fields that are to differ. */
  readonly reply: (fields?: Partial<NtpPacket>) => void;
  /** Sends any bytes. */
  readonly raw: (bytes: Uint8Array) => void;
}

/** What a server does with one request. */
export type NtpScript = (request: NtpRequest, answering: NtpAnswering) => void;

/** A scriptable NTP server on loopback. */
export interface NtpServer {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly NtpRequest[];
  readonly close: () => Promise<void>;
}

const STRATUM_2: Omit<NtpPacket, 'origin' | 'receive' | 'transmit'> = {
  leap: 0,
  version: 4,
  mode: NTP_MODE.server,
  stratum: 2,
  poll: 0,
  precision: -20,
  rootDelayMs: 15.625,
  rootDispersionMs: 31.25,
  referenceId: 0xc0000201,
  reference: 1n,
};

/** The four letters of a kiss code or a source as the wire has them. */
export function referenceIdOf(letters: string): number {
  return Buffer.from(letters.padEnd(4, '\0'), 'latin1').readUInt32BE();
}

/** Starts a server whose clock is `aheadMs` ahead of this machine's and that runs the script for every request. */
export async function startNtpServer(
  script: NtpScript = (_, { reply }) => reply(),
  { host = '127.0.0.1', aheadMs = 0 }: { readonly host?: string; readonly aheadMs?: number } = {},
): Promise<NtpServer> {
  const requests: NtpRequest[] = [];
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const now = (): bigint => timestampOf(performance.timeOrigin + performance.now() + aheadMs);
  socket.on('message', (bytes, from) => {
    const receive = now();
    const packet = decodePacket(bytes);
    if (!packet) return;
    const request = { packet, bytes, number: requests.length, from, receive };
    requests.push(request);
    const raw = (reply: Uint8Array): void => send(socket, reply, from);
    script(request, {
      raw,
      reply: (fields = {}) =>
        raw(encodePacket({ ...STRATUM_2, origin: packet.transmit, receive, transmit: now(), ...fields })),
    });
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  const close = async (): Promise<void> => {
    socket.close();
    await once(socket, 'close');
  };
  return { host, port: socket.address().port, requests, close };
}

function send(socket: Socket, bytes: Uint8Array, { address, port }: RemoteInfo): void {
  // A script may answer late, when its test is over.
  try {
    socket.send(bytes, port, address);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SOCKET_DGRAM_NOT_RUNNING'))
      throw error;
  }
}
