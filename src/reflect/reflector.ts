import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { createReflection, type Ignored, type ReflectionOptions } from '../../probes/lib/stamp-reflection.ts';

/** Where a reflector listens, whom it answers and how. */
export interface ReflectorOptions extends ReflectionOptions {
  /** An IP address of this machine. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** Datagrams so far: those that were answered, and those that were not, by the reason. */
export type ReflectorCounts = Readonly<Record<'reflected' | Ignored, number>>;

/** The other end of `latency` checks: a Session-Reflector of STAMP (RFC 8762) that listens. */
export interface Reflector {
  readonly port: number;
  counts(): ReflectorCounts;
  /** Afterwards nothing is answered and no handle is open. */
  close(): Promise<void>;
}

/** Begins to listen. Rejects with the system's error when it cannot; then nothing is left open. */
export async function startReflector({ host, port, ...options }: ReflectorOptions): Promise<Reflector> {
  const reflect = createReflection(options);
  const counts = { reflected: 0, stranger: 0, malformed: 0, 'too-often': 0 };
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    const reflection = reflect(datagram, from);
    counts[reflection.kind === 'reply' ? 'reflected' : reflection.because]++;
    // Whether a reply can be sent is for the sender to see.
    if (reflection.kind === 'reply') socket.send(reflection.reply, from.port, from.address, () => {});
  });
  const bound = once(socket, 'listening');
  socket.bind({ address: host, port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => {});
  return {
    port: socket.address().port,
    counts: () => ({ ...counts }),
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
