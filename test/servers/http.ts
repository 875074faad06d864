import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Worker } from 'node:worker_threads';
import type { Credentials } from './certificate.ts';

/** What a server does with one request: `request` is its text, head and body. */
export type HttpScript = (socket: Socket, request: string) => void;

/** A scriptable HTTP/1.1 server on loopback that may break every rule of the protocol. */
export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:port` or the like. */
  readonly origin: string;
  /** The requests so far, each as it was on the wire. */
  readonly requests: readonly string[];
  /** Connections accepted so far. */
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  /** Connections and chunks of data so far, counted together. */
  received(): number;
  close(): Promise<void>;
}

/** Where and how a server listens. */
export interface HttpServerOptions {
  readonly host?: '127.0.0.1' | '::1';
  /** Speaks TLS with these. */
  readonly tls?: Credentials;
  /** Said as soon as a connection is accepted, before TLS. */
  readonly greeting?: string;
}

/** Starts a server that runs the script for every request. */
export async function startHttpServer(
  script: HttpScript,
  { host = '127.0.0.1', tls, greeting }: HttpServerOptions = {},
): Promise<HttpServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let received = 0;
  const serve = (socket: Socket): void => {
    let text = '';
    socket.on('data', (chunk) => {
      received++;
      text += chunk.toString('latin1');
      for (let end = endOfRequest(text); end !== undefined; end = endOfRequest(text)) {
        const request = text.slice(0, end);
        text = text.slice(end);
        requests.push(request);
        script(socket, request);
      }
    });
  };
  const server: Server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, serve) : createServer(serve);
  server.on('connection', (socket) => {
    connections++;
    received++;
    sockets.add(socket);
    if (greeting !== undefined) socket.write(greeting);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => socket.destroy()));
  const port = await listen(server, host);
  return {
    port,
    origin: `${tls ? 'https' : 'http'}://${host === '::1' ? '[::1]' : host}:${port}`,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    received: () => received,
    close: () => closeServer(server, sockets),
  };
}

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  server.close();
  for (const socket of sockets) socket.destroy();
  await once(server, 'close');
}

function endOfRequest(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const end = head + 4 + Number(/^content-length: (\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length >= end ? end : undefined;
}

/** An answer as the protocol wants it. */
export function answer(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): HttpScript {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers });
  const head = [`HTTP/1.1 ${status} Status`, ...lines.map(([name, value]) => `${name}: ${value}`)].join(
    '\r\n',
  );
  return (socket) => socket.write(`${head}\r\n\r\n${body}`);
}

/** Bytes as they are, and then the end of the connection. */
export function bytesThenEnd(bytes: string): HttpScript {
  return (socket) => socket.end(bytes, 'latin1');
}

/** Bytes as they are; the connection stays open. */
export function bytes(text: string): HttpScript {
  return (socket) => socket.write(text, 'latin1');
}

/** Takes the request and says nothing. */
export const silence: HttpScript = () => undefined;

/** Ends the connection by a reset. */
export const reset: HttpScript = (socket) => socket.resetAndDestroy();

/** Sends a head and then the same piece for ever, as fast as the other side reads. */
export function endless(head: string, piece: string): HttpScript {
  return (socket) => {
    const fill = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.write(head);
    socket.on('drain', fill);
    fill();
  };
}

/** Sends one piece after another, a pause before each, and then does what `then` says. */
export function drip(
  pieces: readonly string[],
  pauseMs: number,
  then: (socket: Socket) => void = () => undefined,
): HttpScript {
  return (socket) => {
    const [piece, ...rest] = pieces;
    if (piece === undefined) {
      then(socket);
      return;
    }
    setTimeout(() => {
      if (socket.destroyed) return;
      socket.write(piece, 'latin1');
      drip(rest, pauseMs, then)(socket, '');
    }, pauseMs);
  };
}

/** A port of loopback where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, '127.0.0.1');
  await closeServer(server, new Set());
  return port;
}

/** A port whose connections are never accepted and whose queue is full: the kernel drops what comes. */
export interface DeafPort {
  readonly port: number;
  close(): Promise<void>;
}

const DEAF = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;
const FILLERS = 4;

/** Makes a deaf port: a listener whose thread sleeps, and enough connections to fill its queue. */
export async function startDeafPort(): Promise<DeafPort> {
  const worker = new Worker(DEAF, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: FILLERS }, () =>
    connect(port, '127.0.0.1').on('error', () => undefined),
  );
  await once(fillers[0] ?? connect(port), 'connect');
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      await worker.terminate();
    },
  };
}
