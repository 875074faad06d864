import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './certificate.ts';

const NAMESPACE = 'watch';
const NAME = 'vigie-judge';
const TOKEN = 'token-of-the-pod';

interface Lease {
  metadata: { name: string; resourceVersion: string; [field: string]: unknown };
  spec?: Readonly<Record<string, unknown>>;
}

/** One Lease behind the API of a cluster, with its token, its authority and its optimistic locking. */
export interface KubernetesApiDouble {
  /** What the cluster tells a pod. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it mounts the service account. */
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly name: string;
  /** The Lease as it stands; undefined when it was deleted. */
  lease(): Lease | undefined;
  /** Replaces the Lease by a new one without a holder, as a forced upgrade does, or deletes it. */
  recreate(): void;
  remove(): void;
  /** Gives the pod another token, and refuses the former. */
  rotate(): void;
  /** Answers nothing for as long as it is set. */
  silent: boolean;
  /** Answers everything with this status, unless it is undefined. */
  failing: number | undefined;
  /** Called before a PUT is looked at. */
  beforePut: () => void;
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Starts the double (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */
export async function startKubernetesApi(): Promise<KubernetesApiDouble> {
  const serviceAccount = mkdtempSync(join(tmpdir(), 'serviceaccount-'));
  const day = 86_400_000;
  const credentials = selfSigned({ names: ['127.0.0.1'], fromMs: Date.now() - day, toMs: Date.now() + day });
  let token = TOKEN;
  let version = 100;
  let lease: Lease | undefined;
  const requests: string[] = [];
  const fresh = (): Lease => ({
    metadata: { name: NAME, namespace: NAMESPACE, uid: `u${version}`, resourceVersion: String(++version) },
  });
  const answer = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const failure = (response: ServerResponse, code: number, reason: string): void =>
    answer(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code });

  const server = createServer(credentials, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (double.silent) return;
    if (double.failing !== undefined) return failure(response, double.failing, 'InternalError');
    if (request.headers.authorization !== `Bearer ${token}`) return failure(response, 401, 'Unauthorized');
    if (request.url !== `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${NAME}`)
      return failure(response, 403, 'Forbidden');
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      if (request.method === 'PUT') double.beforePut();
      if (!lease) return failure(response, 404, 'NotFound');
      if (request.method === 'GET') return answer(response, 200, lease);
      if (request.method !== 'PUT') return failure(response, 403, 'Forbidden');
      const given = JSON.parse(text) as Lease;
      if (given.metadata.resourceVersion !== lease.metadata.resourceVersion)
        return failure(response, 409, 'Conflict');
      const { uid } = lease.metadata;
      lease = { ...given, metadata: { ...given.metadata, uid, resourceVersion: String(++version) } };
      answer(response, 200, lease);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  lease = fresh();
  const mount = (): void => {
    writeFileSync(join(serviceAccount, 'ca.crt'), credentials.cert);
    writeFileSync(join(serviceAccount, 'token'), `${token}\n`);
    writeFileSync(join(serviceAccount, 'namespace'), NAMESPACE);
  };
  mount();
  const double: KubernetesApiDouble = {
    env: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
      VIGIE_LEASE_NAME: NAME,
    },
    serviceAccount,
    namespace: NAMESPACE,
    name: NAME,
    lease: () => lease,
    recreate() {
      lease = fresh();
    },
    remove() {
      lease = undefined;
    },
    rotate() {
      token += '-renewed';
      mount();
    },
    silent: false,
    failing: undefined,
    beforePut: () => undefined,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(serviceAccount, { recursive: true });
    },
  };
  return double;
}
