import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { METHOD_NAME_ALL } from 'hono/router';
import type { Clock } from '../core/clock.ts';
import { isLoopback } from './access/addresses.ts';
import { type AccessEvent, Guard } from './access/guard.ts';
import { Passwords } from './access/passwords.ts';
import { type AccessRules, knowsAnybody, OPEN_TO_READERS } from './access/rules.ts';
import { isWelcome, type TlsSettings, tlsOptions } from './access/tls.ts';
import type { Evaluation } from './evaluation.ts';
import { EventStream } from './event-stream.ts';
import { type Listen, ListenError } from './listen-error.ts';
import type { Routes } from './environment.ts';
import { createRoutes } from './routes.ts';
import type { Sources } from './sources.ts';

export { type Listen, ListenError } from './listen-error.ts';

/** Who may do what, and how the connection is protected. */
export interface Protection {
  /** Anyone may read and nobody write when absent. */
  readonly access?: AccessRules;
  /** Plain HTTP when absent. */
  readonly tls?: TlsSettings;
  /** On every answer beside our own, or in the place of one of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the server needs. */
export interface WebServerOptions extends Sources, Protection {
  readonly clock: Clock;
  readonly listen: Listen;
  /** Told of log-ins that fail. */
  readonly onAccess?: (event: AccessEvent) => void;
}

/** The HTTP side of vigie. */
export interface WebServer {
  /** Resolves with the address once it answers there. Rejects with a {@link ListenError} when it cannot. */
  start(): Promise<Listen & { readonly url: string }>;
  /** What is answered, such as `GET /api/rows/{row}`; each once. */
  readonly routes: readonly string[];
  /** Tells an evaluation to those who follow live. */
  publish(evaluation: Evaluation): void;
  /**
   * Goes on by other rules, and with another certificate; those who follow live have to come again. Whether there is TLS
   * at all, and the headers, only a new server changes.
   */
  reconfigure(protection: Protection): void;
  /**
   * Takes no more connections, lets what is in flight finish within 5 seconds, then cuts it off. Resolves when no
   * socket is left. May be called again, and before {@link start}.
   */
  stop(): Promise<void>;
}

const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
} as const;

const MOST_CONNECTIONS = 512;
/** A client that reads nothing for so long is let go. */
const STALLED_MS = 30_000;
const GRACE_MS = 5000;
const HANDSHAKE_MS = 5000;

/** A server that is not listening yet. Throws when the certificate or its key cannot be used. */
export function createServer(options: WebServerOptions): WebServer {
  const { clock, listen, access = OPEN_TO_READERS, tls, headers = {}, onAccess, ...sources } = options;
  const passwords = new Passwords();
  const guard = new Guard(access, { clock, passwords, onAccess: (event) => onAccess?.(event) });
  const stream = new EventStream(clock);
  const routes = createRoutes({ clock, sources, guard, stream, headers });
  let isStopping = false;
  // Left alone, the adapter replaces the global Request and Response, for all of the process.
  const answer = getRequestListener(routes.fetch, { overrideGlobalObjects: false });
  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (isStopping) outgoing.shouldKeepAlive = false;
    // A connection that was busy when the server closed is idle from here on, and nobody else would close it.
    outgoing.once('close', () => isStopping && server.closeIdleConnections());
    void answer(incoming, outgoing);
  };
  const secure =
    tls && createHttpsServer({ ...LIMITS, handshakeTimeout: HANDSHAKE_MS, ...tlsOptions(tls) }, take);
  secure?.on(
    'secureConnection',
    (socket) => isWelcome(socket, tls?.clientAuth ?? 'NoClientCert') || socket.destroy(),
  );
  const server: Server = secure ?? createHttpServer(LIMITS, take);
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(STALLED_MS);

  return {
    routes: routesOf(routes),
    async start() {
      // What may be drilled by anyone must not be reached by everyone.
      if (sources.faults && !isLoopback(listen.host) && !knowsAnybody(guard.rules))
        throw new ListenError(listen, { code: 'UNGUARDED' });
      await listening(server, listen);
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : listen.port;
      return { host: listen.host, port, url: `${tls ? 'https' : 'http'}://${authority(listen.host, port)}` };
    },
    publish: (evaluation) => stream.publish(evaluation),
    reconfigure(protection) {
      guard.reconfigure(protection.access ?? OPEN_TO_READERS);
      if (secure && protection.tls) secure.setSecureContext(tlsOptions(protection.tls));
      stream.dismiss();
    },
    async stop() {
      isStopping = true;
      stream.close();
      const cancel = clock.after(GRACE_MS, () => server.closeAllConnections());
      await closed(server);
      cancel();
      await passwords.close();
    },
  };
}

function routesOf({ routes }: Routes): readonly string[] {
  const answered = routes.filter(({ method }) => method !== METHOD_NAME_ALL);
  return [...new Set(answered.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`))];
}

/** A host and port as a URL writes them. */
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
