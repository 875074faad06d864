import { createServer as createHttpServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../core/clock.ts';
import { createRoutes } from './routes.ts';
import type { Sources } from './sources.ts';

/** Where to listen. Port 0 takes any that is free. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** What the server needs. */
export interface WebServerOptions extends Sources {
  readonly clock: Clock;
  readonly listen: Listen;
}

/** The HTTP side of vigie. */
export interface WebServer {
  /** Resolves with the address once it answers there. Rejects with a {@link ListenError} when it cannot. */
  start(): Promise<Listen & { readonly url: string }>;
  /**
   * Takes no more connections, lets what is in flight finish within 5 seconds, then cuts it off. Resolves when no
   * socket is left. May be called again, and before {@link start}.
   */
  stop(): Promise<void>;
}

/** What the error codes of listen(2) mean to whoever configured the address. */
const LISTEN_TROUBLES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: stop it, or set another listen.port',
  EACCES: 'this needs a privilege: set a listen.port of 1024 or above',
  EADDRNOTAVAIL: 'this machine does not have that address: set another listen.host',
  ENOTFOUND: 'the name does not resolve: set another listen.host',
};

/** The server cannot listen where it was told to; the message says what to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** The system's code, such as EADDRINUSE. */
  readonly code: string;

  constructor({ host, port }: Listen, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? 'UNKNOWN';
    super(`cannot listen on ${authority(host, port)}: ${LISTEN_TROUBLES[code] ?? code}`, { cause });
    this.code = code;
  }
}

const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
} as const;

const MOST_CONNECTIONS = 256;
/** A client that reads nothing for so long is let go. */
const STALLED_MS = 30_000;
const GRACE_MS = 5000;

/** A server that is not listening yet. */
export function createServer({ clock, listen, ...sources }: WebServerOptions): WebServer {
  let isStopping = false;
  // Left alone, the adapter replaces the global Request and Response, for all of the process.
  const answer = getRequestListener(createRoutes(sources).fetch, { overrideGlobalObjects: false });
  const server = createHttpServer(LIMITS, (incoming, outgoing) => {
    if (isStopping) outgoing.shouldKeepAlive = false;
    // A connection that was busy when the server closed is idle from here on, and nobody else would close it.
    outgoing.once('close', () => isStopping && server.closeIdleConnections());
    void answer(incoming, outgoing);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(STALLED_MS);

  return {
    async start() {
      await listening(server, listen);
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : listen.port;
      return { host: listen.host, port, url: `http://${authority(listen.host, port)}` };
    },
    async stop() {
      isStopping = true;
      const cancel = clock.after(GRACE_MS, () => server.closeAllConnections());
      await closed(server);
      cancel();
    },
  };
}

function authority(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function listening(server: Server, listen: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(new ListenError(listen, error));
    server.once('error', refuse);
    server.listen(listen, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** Resolves, too, when the server was not listening. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
