import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Credentials } from './certificate.ts';
import { type Act, isRefusal } from './outscale/action.ts';
import { type ApiFault, send, sendWrong } from './outscale/fault.ts';
import { BruteForceLock, type LimitOptions, Limits } from './outscale/limits.ts';
import { READS } from './outscale/reads.ts';
import {
  type Body,
  oapiRefusal,
  problemRefusal,
  type Refusal,
  REFUSALS,
  xmlRefusal,
} from './outscale/refusal.ts';
import { checkSignature, type SignatureVerdict } from './outscale/signature-check.ts';
import { emptyRegion, type RegionState } from './outscale/state.ts';
import { WRITES } from './outscale/writes.ts';
import { xmlDocument, xmlResult } from './outscale/xml-actions.ts';

const ACTIONS: Readonly<Record<string, Act>> = { ...READS, ...WRITES };

/** Calls that need no credentials. */
const PUBLIC: ReadonlySet<string> = new Set([
  'ReadRegions',
  'ReadPublicIpRanges',
  'ReadVmTypes',
  'DescribeRegions',
]);

/** How the double is set up; all is lenient unless it is said. */
export interface OutscaleApiOptions extends LimitOptions {
  readonly region?: string;
  readonly service?: 'api' | 'fcu' | 'lbu' | 'eim';
  /** Secret keys by access key. */
  readonly keys?: Readonly<Record<string, string>>;
  /** How long an access stays locked after four bad signatures; for good when absent. */
  readonly lockMs?: number;
  /** The clock of the provider, ms since the epoch: for dates of signatures and of answers. */
  readonly now?: () => number;
  readonly tls?: Credentials;
}

/** One request that arrived. */
export interface ApiRequest {
  readonly atMs: number;
  readonly action: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  readonly signature: SignatureVerdict['kind'];
}

/** A double of one service of the provider on loopback, with a state that tests read and set. */
export interface OutscaleApi {
  readonly origin: string;
  readonly region: RegionState;
  readonly requests: readonly ApiRequest[];
  /** In force for every request from now on; undefined ends it. */
  fault: ApiFault | undefined;
  /** In force for one request each, in this order, before {@link fault}. */
  readonly nextFaults: ApiFault[];
  /** Whether any access was locked. */
  locked(): boolean;
  /** The least time between two identical requests so far, in milliseconds; Infinity when there were none. */
  closestIdenticalMs(): number;
  /** Connections and requests so far, counted together. */
  received(): number;
  close(): Promise<void>;
}

/** Starts a double. It checks signatures of both schemes for real. */
export async function startOutscaleApi(options: OutscaleApiOptions = {}): Promise<OutscaleApi> {
  const { region: regionName = 'cloudgouv-eu-west-1', tls } = options;
  const requests: ApiRequest[] = [];
  const sockets = new Set<Socket>();
  const desk = new Desk(options, emptyRegion(regionName), requests);
  let received = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    received++;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => desk.serve(request, Buffer.concat(chunks), response));
  };
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    received++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(desk, {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    closestIdenticalMs: () => closestIdenticalMs(requests),
    received: () => received,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  });
}

function closestIdenticalMs(requests: readonly ApiRequest[]): number {
  const lastMs = new Map<string, number>();
  let closestMs = Infinity;
  for (const { action, body, atMs } of requests) {
    const call = `${action} ${body}`;
    closestMs = Math.min(closestMs, atMs - (lastMs.get(call) ?? -Infinity));
    lastMs.set(call, atMs);
  }
  return closestMs;
}

class Desk {
  readonly region: RegionState;
  fault: ApiFault | undefined;
  readonly nextFaults: ApiFault[] = [];
  readonly #options: OutscaleApiOptions;
  readonly #requests: ApiRequest[];
  readonly #limits: Limits;
  readonly #lock: BruteForceLock;
  #served = 0;

  constructor(options: OutscaleApiOptions, region: RegionState, requests: ApiRequest[]) {
    this.#options = options;
    this.region = region;
    this.#requests = requests;
    this.#limits = new Limits(options);
    this.#lock = new BruteForceLock(options.lockMs);
  }

  readonly locked = (): boolean => this.#lock.tripped;

  serve(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const nowMs = this.#nowMs();
    response.setHeader('date', new Date(nowMs).toUTCString());
    const { url: path = '/', method = '', headers } = request;
    const action = this.#isXml
      ? (new URLSearchParams(body.toString()).get('Action') ?? '')
      : path.replace('/api/v1/', '');
    const { region = this.region.regionName, service = 'api', keys = {} } = this.#options;
    const scope = { region, service };
    const verdict = checkSignature({ method, path, headers, body }, (key) => keys[key], scope, nowMs);
    const call = { atMs: nowMs, action, body: body.toString(), headers, signature: verdict.kind };
    this.#requests.push(call);
    const fault = this.nextFaults.shift() ?? this.fault;
    const requestId = `00000000-0000-4000-8000-${String(++this.#served).padStart(12, '0')}`;
    if (fault?.kind === 'refuse') {
      send(response, this.#refuse(fault.refusal, requestId, fault.as));
      return;
    }
    const refusal = method === 'POST' ? this.#doorkeeper(verdict, call) : REFUSALS.methodNotAllowed;
    const right = refusal ? this.#refuse(refusal, requestId) : this.#answer(call, requestId);
    if (fault) sendWrong(response, right, fault);
    else send(response, right);
  }

  get #isXml(): boolean {
    return (this.#options.service ?? 'api') !== 'api';
  }

  #nowMs(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /** The refusal of a request for who makes it, or for how often. */
  #doorkeeper(verdict: SignatureVerdict, { action, body, atMs }: ApiRequest): Refusal | undefined {
    const account = verdict.kind === 'none' ? 'anonymous' : verdict.accessKey;
    if (verdict.kind === 'none') {
      if (!PUBLIC.has(action)) return REFUSALS.notAuthenticated;
    } else {
      const locked = this.#lock.refusalOf(account, atMs);
      if (locked) return locked;
      this.#lock.saw(account, verdict.kind === 'valid', atMs);
      if (verdict.kind === 'foreign') return REFUSALS.unknownKey;
      if (verdict.kind !== 'valid') return REFUSALS.notAuthenticated;
    }
    return this.#limits.take(account, `${action} ${body}`, atMs);
  }

  #answer({ action, body, headers, atMs }: ApiRequest, RequestId: string): Body {
    const { service = 'api' } = this.#options;
    if (this.#isXml) {
      const inside = xmlResult(this.region, service, action);
      return inside === undefined
        ? this.#refuse({ ...REFUSALS.unknownAction, status: 400 }, RequestId)
        : { status: 200, type: 'text/xml', text: xmlDocument(service, action, inside, RequestId) };
    }
    const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    const parameters = parameterOf(body);
    if (!act) return this.#refuse(REFUSALS.unknownAction, RequestId);
    if (!parameters) return this.#refuse(REFUSALS.wrongParameter, RequestId);
    const newId = (prefix: string): string => `${prefix}-${String(this.#served).padStart(8, '0')}`;
    const result =
      parameters['DryRun'] === true ? {} : act({ region: this.region, body: parameters, newId, nowMs: atMs });
    const right = isRefusal(result)
      ? this.#refuse(result, RequestId)
      : json({ ...result, ResponseContext: { RequestId } });
    this.#log(action, body, headers, RequestId, right.status);
    return right;
  }

  #refuse(refusal: Refusal, requestId: string, as: 'own' | 'problem' = 'own'): Body {
    if (as === 'problem') return problemRefusal(refusal, requestId);
    const { service = 'api' } = this.#options;
    return service === 'api' ? oapiRefusal(refusal, requestId) : xmlRefusal(refusal, requestId, service);
  }

  #log(
    QueryCallName: string,
    QueryPayloadRaw: string,
    headers: IncomingMessage['headers'],
    RequestId: string,
    ResponseStatusCode: number,
  ): void {
    this.region.apiLogs.push({
      QueryCallName,
      QueryPayloadRaw,
      QueryDate: new Date(this.#nowMs()).toISOString(),
      AccountId: '123456789012',
      QueryAccessKey: /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1] ?? '',
      QueryUserAgent: headers['user-agent'] ?? '',
      QueryIpAddress: '127.0.0.1',
      RequestId,
      ResponseStatusCode,
    });
  }
}

function json(fields: object): Body {
  return { status: 200, type: 'application/json', text: JSON.stringify(fields) };
}

/** An empty body is an empty request. */
function parameterOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body === '' ? '{}' : body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
