import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Credentials, selfSigned } from '../servers/certificate.ts';
import { answer } from './helper-process.ts';

/** What is asked of a process of targets: small servers on loopback that cost as little as they can. */
export type TargetTalk = {
  readonly http: { readonly ask: null; readonly answer: { readonly port: number } };
  readonly https: { readonly ask: null; readonly answer: { readonly port: number; readonly ca: string } };
  /** So many listeners, each at a port of its own. */
  readonly tcp: { readonly ask: number; readonly answer: readonly number[] };
  readonly dns: { readonly ask: null; readonly answer: { readonly port: number } };
  /** Requests, connections or queries so far. */
  readonly count: { readonly ask: null; readonly answer: number };
  /** The wall clock, with fractions, of the first request so far; null before it. */
  readonly first: { readonly ask: null; readonly answer: number | null };
};

const DAY_MS = 86_400_000;
const RESPONSE =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n';

let count = 0;
let firstMs: number | null = null;

function arrived(): void {
  count++;
  firstMs ??= performance.timeOrigin + performance.now();
}

function serveHttp(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (!chunk.toString('latin1').endsWith('\r\n\r\n')) return;
    arrived();
    socket.end(RESPONSE);
  });
}

function serveTcp(socket: Socket): void {
  arrived();
  socket.on('error', () => socket.destroy());
  socket.resume();
}

async function listening(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function credentials(): Credentials {
  const now = Date.now();
  return selfSigned({ names: ['127.0.0.1', 'localhost'], fromMs: now - DAY_MS, toMs: now + 90 * DAY_MS });
}

async function startHttps(): Promise<{ port: number; ca: string }> {
  const { key, cert } = credentials();
  // The same key agreement for every client: newer ones would else choose a costlier one.
  const server = createTlsServer({ key, cert, ecdhCurve: 'X25519' }, serveHttp);
  server.on('tlsClientError', () => undefined);
  return { port: await listening(server), ca: cert };
}

const HEADER_BYTES = 12;
const QUESTION_TAIL_BYTES = 5;
const ANSWER = Buffer.from('c00c000100010000003c00047f000001', 'hex');

/** The reply to a query for an A record (RFC 1035 §4): its own question, and 127.0.0.1. */
function replyTo(query: Buffer): Buffer {
  const end = query.indexOf(0, HEADER_BYTES) + QUESTION_TAIL_BYTES;
  const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end), ANSWER]);
}

async function startDns(): Promise<number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.on('message', (query, { port, address }) => {
    arrived();
    socket.send(replyTo(query), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

answer<TargetTalk>({
  http: async () => ({ port: await listening(createServer(serveHttp)) }),
  https: startHttps,
  tcp: (ports) => Promise.all(Array.from({ length: ports }, () => listening(createServer(serveTcp)))),
  dns: async () => ({ port: await startDns() }),
  count: () => count,
  first: () => firstMs,
});
