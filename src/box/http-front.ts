import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Conduct } from './conduct.ts';
import { listenTcp } from './listener.ts';
import type { Door } from './service.ts';

/** A request, whole. */
export interface HttpCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The largest body that is taken, in bytes; a longer one gets 413. */
export const LARGEST_BODY_BYTES = 65_536;
const LARGEST_HEADERS_BYTES = 8_192;
/** A request that has not arrived whole by then gets 408. */
const REQUEST_MS = 10_000;

/**
 * Listens for HTTP requests and answers each by a function of it, which is not called while broken: then it answers 503
 * as a front door does, or nothing.
 */
export function httpFront(answerTo: (call: HttpCall) => HttpAnswer): Door {
  return (port, conduct) => {
    const limits = { maxHeaderSize: LARGEST_HEADERS_BYTES, requestTimeout: REQUEST_MS };
    const server = createServer(limits, (request, response) => {
      receive(request, (body) => {
        serve(request, response, conduct, body && (() => answerTo(callOf(request, body))));
      });
    });
    return listenTcp(server, port);
  };
}

function callOf({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): HttpCall {
  const path = url.split('?', 1)[0] ?? url;
  return { method, path, query: url.slice(path.length), headers, body };
}

/** Calls `done` with the whole body, or with undefined as soon as it is too large. A request cut off is dropped. */
function receive(request: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    const fitted = length <= LARGEST_BODY_BYTES;
    length += chunk.length;
    if (length <= LARGEST_BODY_BYTES) chunks.push(chunk);
    else if (fitted) done(undefined);
  });
  request.on('end', () => {
    if (length <= LARGEST_BODY_BYTES) done(Buffer.concat(chunks));
  });
}

function serve(
  request: IncomingMessage,
  response: ServerResponse,
  conduct: Conduct,
  answer: (() => HttpAnswer) | undefined,
): void {
  if (!answer) {
    send(response, {
      status: 413,
      type: 'text/plain',
      headers: { connection: 'close' },
      body: 'too large\n',
    });
    response.on('finish', () => request.destroy());
    return;
  }
  conduct.answer(
    () => send(response, answer()),
    () => send(response, NO_SERVER),
  );
}

function send(response: ServerResponse, { status, type, headers, body }: HttpAnswer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** What a load balancer says when nothing behind it serves: a bare 503, without any error code of the API. */
export const NO_SERVER: HttpAnswer = {
  status: 503,
  type: 'text/html',
  headers: { 'cache-control': 'no-cache' },
  body: '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
};

/** The answer to a method that a resource does not have. */
export function methodNotAllowed(allowed: string): HttpAnswer {
  return { status: 405, type: 'text/plain', headers: { allow: allowed }, body: 'method not allowed\n' };
}
