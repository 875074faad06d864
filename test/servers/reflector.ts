import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { peerList } from '../../probes/lib/peer-list.ts';
import { createReflection } from '../../probes/lib/stamp-reflection.ts';
import type { ReflectionOptions } from '../../probes/lib/stamp-reflection.ts';
import { systemClock } from '../../src/clock.ts';

/** A request that reached a server, with its right reply and how to send anything. */
export interface Reflecting {
  readonly datagram: Buffer;
  /** Counts from 0. */
  readonly number: number;
  /** What a good reflector answers; nothing where it would not. */
  readonly reply: Uint8Array | undefined;
  readonly send: (bytes: Uint8Array) => void;
}

/** A scriptable STAMP reflector on loopback. */
export interface ScriptedReflector {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly Buffer[];
  close(): Promise<void>;
}

/** Sends the right reply. */
export const reflected = ({ reply, send }: Reflecting): void => {
  if (reply) send(reply);
};

/** Starts a server that runs the script for every datagram. */
export async function startScriptedReflector(
  script: (reflecting: Reflecting) => void,
  options: Partial<ReflectionOptions> = {},
): Promise<ScriptedReflector> {
  const host = '127.0.0.1';
  const { known } = peerList([host]);
  const reflect = createReflection({
    ...{ clock: systemClock, peers: known, mode: 'stateless', perSecond: 100_000 },
    ...options,
  });
  const requests: Buffer[] = [];
  const socket = createSocket('udp4');
  let open = true;
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    const reflection = reflect(datagram, from);
    const reply = reflection.kind === 'reply' ? reflection.reply : undefined;
    const send = (bytes: Uint8Array): void => {
      // A script may answer late, when its test is over.
      if (open) socket.send(bytes, from.port, from.address);
    };
    script({ datagram, number: requests.push(datagram) - 1, reply, send });
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    host,
    port: socket.address().port,
    requests,
    async close() {
      open = false;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
