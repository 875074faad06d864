import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import type { Credentials } from './certificate.ts';

/** A scriptable stream server on loopback. */
export interface StreamServer {
  readonly address: string;
  readonly port: number;
  /** Connections and chunks of data so far, counted together. */
  received(): number;
  /** Connections that are open now. */
  open(): number;
  /** All data so far, of all connections. */
  data(): Buffer;
  close(): Promise<void>;
}

/** What a server does with a connection that stands; with TLS, after the handshake. */
export type StreamScript = (socket: Socket) => void;

/** Where and how a server listens. */
export interface StreamServerOptions {
  readonly host?: string;
  /** A port of one's own choice; any free one when absent. */
  readonly port?: number;
  readonly tls?: Credentials;
}

/** Starts a server that runs the script for every connection. */
export async function startStreamServer(
  script: StreamScript,
  { host = '127.0.0.1', port = 0, tls }: StreamServerOptions = {},
): Promise<StreamServer> {
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  let connections = 0;
  const serve = (socket: Socket): void => {
    socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on('error', () => socket.destroy());
    script(socket);
  };
  const options = { ...tls, ALPNProtocols: ['dot'] };
  const server = tls ? createTlsServer(options, serve) : createServer(serve);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    address: host,
    port: (server.address() as AddressInfo).port,
    received: () => connections + chunks.length,
    open: () => sockets.size,
    data: () => Buffer.concat(chunks),
    close: () => closeServer(server, sockets),
  };
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  server.close();
  for (const socket of sockets) socket.destroy();
  await once(server, 'close');
}

/** Writes the bytes one by one with a pause between, for as long as the connection stands. */
export async function drip(socket: Socket, bytes: Buffer, pauseMs: number): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await pause(pauseMs);
  }
}
