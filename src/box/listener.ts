import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** The only address that the box listens on. */
export const BOX_HOST = '127.0.0.1';

/** Something that listens. */
export interface Listener {
  /** Ends it with all its connections. Afterwards nothing is answered and no handle is open. */
  close(): Promise<void>;
}

/** A connection on which nothing happens for so long is ended. */
const IDLE_MS = 30_000;
const MOST_CONNECTIONS = 256;

/** Lets a server (of TCP, or of HTTP over it) listen on a port of the box. Rejects with the system's error. */
export async function listenTcp(server: Server, port: number): Promise<Listener> {
  const connections = new Set<Socket>();
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    // A client that goes away in the middle is no trouble of ours.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
  });
  server.listen({ host: BOX_HOST, port, exclusive: true });
  await once(server, 'listening');
  // A connection that could not be accepted is for its client to see.
  server.on('error', () => {});
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

/** Sends one datagram to whoever sent the one at hand. Does nothing once the listener is closed. */
export type Reply = (datagram: Uint8Array) => void;

/** Takes datagrams on a port of the box. Rejects with the system's error. */
export async function listenUdp(
  port: number,
  take: (datagram: Buffer, reply: Reply) => void,
): Promise<Listener> {
  const socket = createSocket('udp4');
  let open = true;
  socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
    take(datagram, (reply) => {
      // Whether a reply arrives is for the client to see.
      if (open) socket.send(reply, from.port, from.address, () => {});
    });
  });
  const bound = once(socket, 'listening');
  socket.bind({ address: BOX_HOST, port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', () => {});
  return {
    async close() {
      open = false;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
