import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { Clock } from '../core/clock.ts';

const ANSWER_WITHIN_MS = 4_000;
const LARGEST_ANSWER_BYTES = 262_144;
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How a pod reaches the API of its cluster. */
export interface KubernetesAccess {
  /** https, host and port. */
  readonly origin: string;
  /** The folder with `token`, which is renewed there now and then, `ca.crt` and `namespace`. */
  readonly serviceAccount: string;
}

/** What the API answered. */
export interface KubernetesAnswer {
  readonly status: number;
  /** The JSON document; undefined where there is none. */
  readonly body: unknown;
}

/** How this process reaches the API, by what the cluster tells every pod; undefined outside of one. */
export function inCluster(
  env: Readonly<Record<string, string | undefined>>,
  serviceAccount: string = SERVICE_ACCOUNT,
): KubernetesAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) return undefined;
  return { origin: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, serviceAccount };
}

/** The namespace of a pod. @throws {Error} when the service account is not mounted. */
export function namespaceOf({ serviceAccount }: KubernetesAccess): string {
  return readFileSync(join(serviceAccount, 'namespace'), 'utf8').trim();
}

/** The part of the Kubernetes API that vigie needs: one document at a time, with a deadline and a limit of size. */
export class KubernetesApi {
  readonly #access: KubernetesAccess;
  readonly #clock: Clock;
  readonly #agent: Agent;

  /** @throws {Error} when the cluster's authority is not mounted. */
  constructor(access: KubernetesAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
    const ca = readFileSync(join(access.serviceAccount, 'ca.crt'), 'utf8');
    this.#agent = new Agent({ connect: { ca }, connections: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** Rejects when there is no answer within a few seconds, or one that is too long or no JSON. */
  async send(method: 'GET' | 'PUT', path: string, document?: unknown): Promise<KubernetesAnswer> {
    const deadline = new AbortController();
    const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => deadline.abort());
    try {
      const token = (await readFile(join(this.#access.serviceAccount, 'token'), 'utf8')).trim();
      const { statusCode, body } = await request(this.#access.origin + path, {
        method,
        dispatcher: this.#agent,
        signal: deadline.signal,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          ...(document === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: document === undefined ? null : JSON.stringify(document),
      });
      return { status: statusCode, body: parsed(await textOf(body)) };
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LARGEST_ANSWER_BYTES) throw new Error('the Kubernetes API answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
