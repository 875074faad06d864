import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, TLSSocket } from 'node:tls';
import type { IpVersion, Lookup } from './lookup.ts';
import type { PhaseWatch } from './http-phases.ts';

/** How TLS is to be spoken to a target. */
export interface DialTls {
  /** The trusted authorities; shared by all checks that trust the same. */
  readonly context: SecureContext;
  /** Whether a certificate that does not verify ends the connection. */
  readonly verify: boolean;
  /** The name asked for (SNI) and looked for in the certificate; empty for an IP address. */
  readonly serverName: string;
}

/** Where connections go. */
export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly ipVersion: IpVersion;
  readonly lookup: Lookup;
  readonly tls: DialTls | undefined;
}

/** A connection that is ready for requests. */
export interface Connection {
  readonly socket: Socket;
  /** The IP address connected to. */
  readonly address: string;
  /** As OpenSSL names it: `TLSv1.3`. Undefined without TLS. */
  readonly tlsVersion: string | undefined;
  /** When the server's certificate ends, in milliseconds since the epoch. Undefined without TLS. */
  readonly certificateEndsMs: number | undefined;
  /** `1.0` or `1.1`, once the first answer has begun. */
  httpVersion: string | undefined;
}

/** Called once, unless cancelled before. */
export type Dialled = (...result: [Error, undefined] | [undefined, Connection]) => void;

/**
 * Makes one connection to one address: resolve, connect, tls, each told to the watch. Returns what ends it: after
 * that nothing is sent and `done` is not called any more.
 */
export function dial(target: DialTarget, watch: PhaseWatch, done: Dialled): () => void {
  let cancelled = false;
  let socket: Socket | undefined;
  if (isIP(target.host) === 0) watch.enter('resolve');
  target.lookup(target.host, target.ipVersion, (error, address) => {
    if (cancelled) return;
    if (error) done(error, undefined);
    else socket = connect(target, address, watch, done);
  });
  return () => {
    cancelled = true;
    socket?.destroy();
  };
}

function connect(target: DialTarget, address: string, watch: PhaseWatch, done: Dialled): Socket {
  watch.enter('connect');
  const where = { host: address, port: target.port, noDelay: true, autoSelectFamily: false };
  const { tls } = target;
  const socket = tls
    ? connectTls({
        ...where,
        secureContext: tls.context,
        rejectUnauthorized: tls.verify,
        servername: tls.serverName,
        ALPNProtocols: ['http/1.1'],
      })
    : connectTcp(where);
  const fail = (error: Error): void => done(error, undefined);
  socket.once('error', fail);
  if (tls) socket.once('connect', () => watch.enter('tls'));
  socket.once(tls ? 'secureConnect' : 'connect', () => {
    socket.removeListener('error', fail);
    const connection = describeConnection(socket, address);
    readVersion(connection);
    done(undefined, connection);
  });
  return socket;
}

function describeConnection(socket: Socket, address: string): Connection {
  const tls = socket instanceof TLSSocket ? socket : undefined;
  return {
    socket,
    address,
    tlsVersion: tls?.getProtocol() ?? undefined,
    certificateEndsMs: tls?.getPeerX509Certificate()?.validToDate.getTime(),
    httpVersion: undefined,
  };
}

const STATUS_LINE = /^HTTP\/(\d\.\d)/;
const VERSION_LENGTH = 'HTTP/1.1'.length;

/** Undici's parser does not tell the version of an answer, so its first bytes are looked at before it gets them. */
function readVersion(connection: Connection): void {
  const { socket } = connection;
  let head = '';
  const peek = (): void => {
    const chunk: unknown = socket.read();
    if (!(chunk instanceof Buffer)) return;
    head += chunk.toString('latin1', 0, VERSION_LENGTH - head.length);
    if (head.length === VERSION_LENGTH) {
      socket.removeListener('readable', peek);
      connection.httpVersion = STATUS_LINE.exec(head)?.[1];
    }
    socket.unshift(chunk);
  };
  socket.on('readable', peek);
}
