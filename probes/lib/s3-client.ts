import { isIP } from 'node:net';
import type { Clock } from '../../src/core/clock.ts';
import type { BlindReading, FaultReading } from '../../src/core/reading.ts';
import { sha256Hex, signedHeaders, type SigningKey, type SigningScope } from '../wire/signature-v4.ts';
import { exchange } from './http-exchange.ts';
import { Lane } from './http-lane.ts';
import { createLookup } from './lookup.ts';
import { type GateAnswer, MOST_REFUSED, type SigningGate, type SigningGates } from './outscale-gate.ts';
import { accessKeyOf, bucketUrl, type BucketSettings, secretsOf } from './s3-settings.ts';
import { fateOf, type S3Call, type S3Step, stepOf } from './s3-step.ts';
import { createTrust } from './trust.ts';

/** The operations of one run, one after the other on one connection. */
export interface S3Session {
  /** Resolves at once when the signal is aborted. After anything but an answer the session is over. */
  send(call: S3Call): Promise<S3Step>;
  /** Ends the connection unless it is kept. To be called once no operation is under way. */
  end(): void;
}

/** A bucket with someone who signs. */
export interface S3Client {
  readonly url: URL;
  open(signal: AbortSignal, clock: Clock): S3Session;
}

/** Makes clients that share what can be shared, until all is closed. */
export interface S3Clients {
  client(settings: BucketSettings): S3Client;
  close(): Promise<void>;
}

/**
 * One of these lives in every kind of probe that looks at object storage; the gates are those of all who sign, since one
 * key is one key.
 */
export function createS3Clients(gates: SigningGates): S3Clients {
  const trust = createTrust();
  const lookup = createLookup();
  const live = new Set<Lane>();
  return {
    client(settings) {
      const { tls, ipVersion, secretKey } = settings;
      const url = bucketUrl(settings);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const secure = url.protocol === 'https:';
      const serverName = tls?.serverName ?? (isIP(host) === 0 ? host : '');
      const dialTls = secure
        ? { context: trust(tls?.ca), verify: tls?.verify ?? true, serverName }
        : undefined;
      const port = Number(url.port) || (secure ? 443 : 80);
      const target = { host, port, ipVersion, lookup, tls: dialTls };
      const key = { accessKey: accessKeyOf(settings), secretKey: secretKey.reveal() };
      return new BucketClient(settings, url, key, gates.of(key), () => new Lane(url.origin, target, live));
    },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };
}

const LONGEST_ERROR = 65_536;

class BucketClient implements S3Client {
  readonly url: URL;
  readonly #settings: BucketSettings;
  readonly #key: SigningKey;
  readonly #gate: SigningGate;
  readonly #scope: SigningScope;
  readonly #secrets: readonly string[];
  readonly #openLane: () => Lane;
  readonly #idle: Lane[] = [];

  constructor(settings: BucketSettings, url: URL, key: SigningKey, gate: SigningGate, openLane: () => Lane) {
    this.url = url;
    this.#settings = settings;
    this.#key = key;
    this.#gate = gate;
    this.#scope = { algorithm: 'AWS4-HMAC-SHA256', region: settings.region, service: 's3' };
    this.#secrets = secretsOf(settings);
    this.#openLane = openLane;
  }

  open(signal: AbortSignal, clock: Clock): S3Session {
    const lane = this.#idle.pop() ?? this.#openLane();
    let usable = true;
    return {
      send: (call) =>
        this.#send(lane, call, signal, clock, (reusable) => {
          usable = reusable;
        }),
      end: () => {
        if (!usable) return;
        lane.release(this.#settings.connection === 'reuse');
        this.#idle.push(lane);
      },
    };
  }

  async #send(
    lane: Lane,
    call: S3Call,
    signal: AbortSignal,
    clock: Clock,
    done: (reusable: boolean) => void,
  ): Promise<S3Step> {
    const url = this.#urlOf(call);
    const label = labelOf(call.method, url);
    if (signal.aborted)
      return unsent(label, { kind: 'fault', fault: 'timeout', detail: 'timeout before it began' });
    const permit = this.#gate.enter();
    if (permit.kind !== 'open') return unsent(label, withheld(permit));
    const request = {
      options: {
        path: url.pathname + url.search,
        method: call.method,
        headers: this.#headersOf(call, url, clock.wallMs()),
        body: call.body ?? null,
        // Undici would end the connection after a HEAD, for servers that send a body with it.
        reset: false,
      },
      maxBody: Math.max(call.maxBody, LONGEST_ERROR),
      keepBody: true,
    };
    const result = await exchange(lane, request, signal, clock, done);
    permit.settle(fateOf(call, result));
    return stepOf(call, label, result, this.#secrets, clock.wallMs());
  }

  #urlOf({ key, query }: S3Call): URL {
    const url = new URL(this.url);
    if (key !== '') url.pathname = `${url.pathname.replace(/\/$/, '')}/${key}`;
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    return url;
  }

  #headersOf({ method, body }: S3Call, url: URL, nowMs: number): Record<string, string> {
    const payloadHash = sha256Hex(body ?? '');
    const headers = { 'x-amz-content-sha256': payloadHash };
    const signed = signedHeaders({ method, url, headers, payloadHash }, this.#scope, this.#key, nowMs);
    return { 'user-agent': 'vigie', ...signed };
  }
}

/** Why nothing was signed. */
function withheld(answer: Exclude<GateAnswer, { kind: 'open' }>): BlindReading {
  if (answer.kind === 'busy')
    return {
      kind: 'blind',
      blind: 'skipped',
      detail: 'waiting for the access key to be accepted for the first time',
    };
  const detail = `NOTHING IS SIGNED any more with this access key, refused ${MOST_REFUSED} times in a row (${answer.told}): change it`;
  return { kind: 'blind', blind: answer.blind, detail };
}

const LABEL_LENGTH = 140;

function labelOf(method: string, { origin, pathname }: URL): string {
  const label = `${method} ${origin}${pathname}`;
  return label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH)}…` : label;
}

/** The step of an operation that did not leave. */
function unsent(label: string, reading: FaultReading | BlindReading): S3Step {
  const told = { ...reading, detail: `${label}: ${reading.detail}` };
  return { kind: 'ended', label, tookMs: 0, connecting: {}, reading: told };
}
