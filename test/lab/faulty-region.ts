import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { SECRET_MARKER } from '../contracts/probing.ts';
import { type Credentials, selfSigned } from '../servers/certificate.ts';
import { frame, replyTo } from '../servers/dns.ts';
import { answer, startHttpServer } from '../servers/http.ts';
import { metadataScript } from '../servers/metadata.ts';
import { startNtpServer } from '../servers/ntp.ts';
import { startOutscaleApi } from '../servers/outscale-api.ts';
import { startS3 } from '../servers/s3.ts';

/** Ports of servers, each right or wrong in one way, and the authorities of those that speak TLS. */
export interface FaultyRegion {
  readonly ports: Readonly<Record<PortName, number>>;
  readonly ca: Readonly<Record<'right' | 'otherName' | 'expired', string>>;
}

/** `dns` is served over UDP and TCP; `otherAddress*` reply from the second address. */
export type PortName =
  | ('http' | 'api' | 'apiFast' | 'metadata' | 's3' | 'dns' | 'ntp' | 'ntpAhead' | 'greeting')
  | ('tls' | 'tlsOtherName' | 'tlsExpired' | 'drip' | 'flood' | 'otherAddressDns' | 'otherAddressNtp');

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** What a server sends that never comes to an end of it. */
const FLOOD_BYTES = 104_857_600;
const ANSWERS = [{ type: 'A', name: 'www.sla.test', data: '192.0.2.10' }] as const;

async function listen(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function serve(host: string, script: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    script(socket);
  });
  return listen(server, host);
}

/** A port of the address for a server that listens on loopback alone. */
function relay(host: string, port: number): Promise<number> {
  return serve(host, (socket) => {
    const inner = connect(port, '127.0.0.1');
    inner.on('error', () => socket.destroy());
    socket.on('close', () => inner.destroy());
    inner.on('close', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
}

const flooded = new WeakMap<Socket, number>();

function flood(socket: Socket): void {
  if (!flooded.has(socket)) socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${FLOOD_BYTES}\r\n\r\n`);
  let sent = flooded.get(socket) ?? 0;
  const piece = Buffer.alloc(65_536, 'x');
  while (sent < FLOOD_BYTES) {
    sent += piece.length;
    if (!socket.write(piece)) break;
  }
  flooded.set(socket, sent);
}

/** Right in its form, and so slow that it never ends: of HTTP, or of DNS over TCP. */
function drip(socket: Socket, request: Buffer): void {
  const isHttp = request.subarray(0, 16).toString('latin1').includes(' /');
  const head = isHttp ? Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n') : Buffer.from([3, 0]);
  socket.write(head);
  const timer = setInterval(() => socket.write('x'), 50);
  socket.on('close', () => clearInterval(timer));
}

async function serveDns(host: string): Promise<number> {
  const port = await serve(host, (socket) =>
    socket.on('data', (data) =>
      socket.write(frame(replyTo(Buffer.from(data).subarray(2), { answers: [...ANSWERS] }))),
    ),
  );
  const socket = createSocket('udp4').bind(port, host);
  socket.on('message', (query, from) =>
    socket.send(replyTo(query, { answers: [...ANSWERS] }), from.port, from.address),
  );
  await once(socket, 'listening');
  return port;
}

/** Takes datagrams at one address and replies, rightly, from another. */
async function replyFromElsewhere(
  host: string,
  other: string,
  reply: (request: Buffer) => Uint8Array,
): Promise<number> {
  const [asked, replying] = [createSocket('udp4'), createSocket('udp4')];
  asked.bind(0, host);
  await once(asked, 'listening');
  const { port } = asked.address();
  replying.bind(port, other);
  await once(replying, 'listening');
  asked.on('message', (request, from) => replying.send(reply(request), from.port, from.address));
  return port;
}

function serveTls(host: string, { key, cert }: Credentials): Promise<number> {
  const server = createTlsServer({ key, cert }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  server.on('tlsClientError', () => undefined);
  return listen(server, host);
}

/** Starts all servers at an address; `other` is the second one. They live as long as the process does. */
export async function startFaultyRegion(host: string, other: string): Promise<FaultyRegion> {
  const nowMs = Date.now();
  const valid = { fromMs: nowMs - DAY_MS, toMs: nowMs + 90 * DAY_MS };
  const right = selfSigned({ names: [host], ...valid });
  const otherName = selfSigned({ names: ['other.example.org'], ...valid });
  const expired = selfSigned({ names: [host], fromMs: nowMs - 2 * DAY_MS, toMs: nowMs - DAY_MS });
  const account = { accessKey: 'AKLAB', secretKey: SECRET_MARKER, region: 'eu-west-1', bucket: 'lab' };
  const relayed = async (port: Promise<{ readonly port: number }>): Promise<number> =>
    relay(host, (await port).port);
  const api = async (now: () => number): Promise<{ port: number }> => ({
    port: Number(new URL((await startOutscaleApi({ now })).origin).port),
  });
  return {
    ca: { right: right.cert, otherName: otherName.cert, expired: expired.cert },
    ports: {
      http: await relayed(startHttpServer(answer(200, 'ok'))),
      metadata: await relayed(startHttpServer(metadataScript())),
      api: await relayed(api(() => Date.now())),
      apiFast: await relayed(api(() => Date.now() + HOUR_MS)),
      s3: Number(new URL((await startS3(account, { host })).endpoint).port),
      dns: await serveDns(host),
      ntp: (await startNtpServer(undefined, { host })).port,
      ntpAhead: (await startNtpServer(undefined, { host, aheadMs: HOUR_MS })).port,
      greeting: await serve(host, (socket) => socket.write('220 ready\r\n')),
      tls: await serveTls(host, right),
      tlsOtherName: await serveTls(host, otherName),
      tlsExpired: await serveTls(host, expired),
      drip: await serve(host, (socket) => socket.once('data', (data) => drip(socket, Buffer.from(data)))),
      flood: await serve(host, (socket) => {
        socket.once('data', () => flood(socket));
        socket.on('drain', () => flood(socket));
      }),
      otherAddressDns: await replyFromElsewhere(host, other, (query) =>
        replyTo(query, { answers: [...ANSWERS] }),
      ),
      otherAddressNtp: await replyFromElsewhere(host, other, (request) => {
        const reply = Buffer.alloc(48);
        reply.set([0x24, 2]);
        request.copy(reply, 24, 40, 48);
        return reply;
      }),
    },
  };
}

const [host, other] = process.argv.slice(2);
if (import.meta.main && host !== undefined && other !== undefined) {
  process.stdout.write(`${JSON.stringify(await startFaultyRegion(host, other))}\n`);
}
