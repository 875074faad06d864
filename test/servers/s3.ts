import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Credentials } from './certificate.ts';

/** A request whose signature may be looked at, whole. */
export interface S3Request {
  readonly method: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly url: URL;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

/** What the server does instead of what it should; it may first do anything that takes time. */
export type S3Script =
  | { readonly does: 'fail'; readonly status: number; readonly code?: string; readonly text?: string }
  | { readonly does: 'answer'; readonly body: Buffer; readonly announced?: number }
  | { readonly does: 'drip'; readonly announced: number; readonly piece: Buffer; readonly pauseMs: number }
  | { readonly does: 'forget' }
  | { readonly does: 'silence' }
  | { readonly does: 'reset' }
  | { readonly does: 'say'; readonly bytes: string };

/** Who may sign, where. */
export interface S3Account {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  readonly bucket: string;
}

/** An S3 service on loopback with one bucket, which checks signatures (AWS Signature Version 4) and can be scripted. */
export interface S3Server {
  readonly endpoint: string;
  /** By key. Free to be changed: what is written here is what the service keeps. */
  readonly objects: Map<string, Buffer>;
  /** All requests so far, refused ones included. */
  readonly requests: readonly S3Request[];
  /** Asked for every request once it is signed rightly; undefined: as it should be. May be set anew at any time. */
  script: (request: S3Request) => Promise<S3Script | undefined> | S3Script | undefined;
  /** By how much the clock of the service is off, in milliseconds. */
  skewMs: number;
  /** Connections and chunks of data so far, counted together. */
  received(): number;
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/** How it listens, and whether it tells the credential back where request ids belong. */
export interface S3ServerOptions {
  readonly tls?: Credentials;
  readonly echo?: boolean;
  /** The address that it listens on; 127.0.0.1 unless said. */
  readonly host?: string;
  /** Any that is free unless said. */
  readonly port?: number;
}

/** Starts a service for one account. */
export async function startS3(account: S3Account, options: S3ServerOptions = {}): Promise<S3Server> {
  const sockets = new Set<Socket>();
  const requests: S3Request[] = [];
  let [received, connections] = [0, 0];
  const { tls, host = '127.0.0.1', port: wantedPort = 0 } = options;
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }) : createServer();
  server.on('connection', (socket: Socket) => {
    connections++;
    received++;
    sockets.add(socket);
    socket.on('data', () => received++);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(wantedPort, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const s3: S3Server = {
    endpoint: `${tls ? 'https' : 'http'}://${host}:${port}`,
    objects: new Map(),
    requests,
    script: () => undefined,
    skewMs: 0,
    received: () => received,
    connections: () => connections,
    open: () => sockets.size,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    const credential = /Credential=([^,]*)/.exec(message.headers.authorization ?? '')?.[1] ?? '';
    response.setHeader('x-amz-request-id', options.echo ? credential : `tx${requests.length}`);
    const handle = async (): Promise<void> => {
      const request = await receive(message, account);
      requests.push(request);
      await serve(s3, account, request, response);
    };
    handle().catch(() => response.destroy());
  });
  return s3;
}

async function receive(message: IncomingMessage, { bucket }: S3Account): Promise<S3Request> {
  const url = new URL(message.url ?? '/', `http://${message.headers.host}`);
  const key = url.pathname.slice(`/${bucket}/`.length);
  return { method: message.method ?? '', key, url, body: await buffer(message), headers: message.headers };
}

async function serve(
  s3: S3Server,
  account: S3Account,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request, account, Date.now() + s3.skewMs);
  if (refusal) fail(response, request, ...refusal);
  else act(await s3.script(request), s3.objects, request, response);
}

function act(
  script: S3Script | undefined,
  objects: Map<string, Buffer>,
  request: S3Request,
  response: ServerResponse,
): void {
  const { socket } = response;
  switch (script?.does) {
    case undefined:
      operate(objects, request, response);
      break;
    case 'fail':
      fail(response, request, script.status, script.code ?? '', script.text);
      break;
    case 'answer':
      response.writeHead(200, { 'content-length': script.announced ?? script.body.length });
      if (request.method === 'HEAD' || (script.announced ?? script.body.length) === script.body.length) {
        response.end(script.body);
      } else {
        response.write(script.body);
        socket?.end();
      }
      break;
    case 'drip':
      response.writeHead(200, { 'content-length': script.announced });
      drip(response, script.piece, script.pauseMs);
      break;
    case 'forget':
      response.writeHead(200).end();
      break;
    case 'silence':
      break;
    case 'reset':
      socket?.resetAndDestroy();
      break;
    case 'say':
      socket?.write(script.bytes, 'latin1');
      break;
  }
}

function drip(response: ServerResponse, piece: Buffer, pauseMs: number): void {
  if (response.destroyed) return;
  response.write(piece);
  setTimeout(() => drip(response, piece, pauseMs), pauseMs);
}

function operate(objects: Map<string, Buffer>, request: S3Request, response: ServerResponse): void {
  const { method, key, body } = request;
  if (key === '') {
    response.writeHead(200, { 'content-type': 'application/xml' }).end(listing(objects, request));
    return;
  }
  const object = objects.get(key);
  if (method === 'PUT') {
    objects.set(key, body);
    response.writeHead(200).end();
  } else if (method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else if (!object) {
    fail(response, request, 404, 'NoSuchKey');
  } else {
    response.writeHead(200, { 'content-length': object.length });
    response.end(method === 'HEAD' ? undefined : object);
  }
}

function listing(objects: ReadonlyMap<string, Buffer>, { url }: S3Request): string {
  const prefix = url.searchParams.get('prefix') ?? '';
  const marker = url.searchParams.get('marker') ?? '';
  const most = Number(url.searchParams.get('max-keys') ?? 1_000);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > marker).sort();
  const contents = keys.slice(0, most).map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`);
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>${prefix}</Prefix><IsTruncated>${keys.length > most}</IsTruncated>${contents.join('')}</ListBucketResult>`;
}

function fail(
  response: ServerResponse,
  { method }: S3Request,
  status: number,
  code: string,
  text?: string,
): void {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message><RequestId>tx-body</RequestId></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(method === 'HEAD' ? undefined : (text ?? xml));
}

const SKEW_LIMIT_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Status and code of what S3 says to a request that is not signed rightly; undefined when it is. */
function refusalOf(
  request: S3Request,
  account: S3Account,
  nowMs: number,
): readonly [number, string] | undefined {
  const { headers, body } = request;
  const [, key, day = '', region = '', names = '', signature] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (key === undefined) return [403, 'AccessDenied'];
  if (key !== account.accessKey) return [403, 'InvalidAccessKeyId'];
  if (region !== account.region) return [400, 'AuthorizationHeaderMalformed'];
  const date = String(headers['x-amz-date']);
  const dateMs = Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
  if (!(Math.abs(dateMs - nowMs) <= SKEW_LIMIT_MS)) return [403, 'RequestTimeTooSkewed'];
  if (signature !== signatureOf(request, account, date, day, names.split(';')))
    return [403, 'SignatureDoesNotMatch'];
  if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex'))
    return [400, 'XAmzContentSHA256Mismatch'];
  if (!request.url.pathname.startsWith(`/${account.bucket}`)) return [404, 'NoSuchBucket'];
  return undefined;
}

/** From the bytes of the request alone, written down from AWS's description and apart from the probe's own signing. */
function signatureOf(
  { method, url, headers }: S3Request,
  { secretKey, region }: S3Account,
  date: string,
  day: string,
  names: readonly string[],
): string {
  const query = url.search
    .slice(1)
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  const canonical = `${method}\n${url.pathname}\n${query.sort().join('&')}\n${names.map((name) => `${name}:${String(headers[name])}\n`).join('')}\n${names.join(';')}\n${String(headers['x-amz-content-sha256'])}`;
  const scope = `${day}/${region}/s3/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  let key: Buffer | string = `AWS4${secretKey}`;
  for (const link of [...scope.split('/'), `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`])
    key = createHmac('sha256', key).update(link).digest();
  return Buffer.from(key).toString('hex');
}
