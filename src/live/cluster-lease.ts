import type { Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import { inCluster, KubernetesApi, namespaceOf } from '../leader/kubernetes-api.ts';
import { KubernetesLease } from '../leader/kubernetes-lease.ts';
import type { LeaderLock } from '../leader/leader-lock.ts';

/** A Lease of the cluster that vigie runs in. */
export interface ClusterLease {
  /** Leadership by it, for a name that is nobody else's. */
  readonly lock: (holder: string) => LeaderLock;
  readonly close: () => Promise<void>;
}

/** The Lease cannot be used as it was asked for; the message says what was expected. */
export class ClusterLeaseError extends Error {
  override readonly name = 'ClusterLeaseError';
}

/**
 * The Lease that `VIGIE_LEASE_NAME` and `VIGIE_LEASE_NAMESPACE` name; undefined when they name none. `serviceAccount` is
 * where the cluster mounts it, unless told. @throws {ClusterLeaseError} when this is no pod with a service account.
 */
export function clusterLease(
  env: Readonly<Record<string, string | undefined>>,
  {
    clock,
    log,
    serviceAccount,
  }: { readonly clock: Clock; readonly log: Logger; readonly serviceAccount?: string },
): ClusterLease | undefined {
  const name = env['VIGIE_LEASE_NAME'];
  if (!name) return undefined;
  const access = inCluster(env, serviceAccount);
  if (!access) {
    throw new ClusterLeaseError(
      `VIGIE_LEASE_NAME is ${name}, but KUBERNETES_SERVICE_HOST is not set: this is no pod`,
    );
  }
  try {
    const api = new KubernetesApi(access, clock);
    const namespace = env['VIGIE_LEASE_NAMESPACE'] || namespaceOf(access);
    const onTrouble = (trouble: string | undefined): void => {
      if (trouble === undefined) log.info('the Lease can be had again');
      else log.error(trouble);
    };
    return {
      lock: (holder) => new KubernetesLease({ clock, api, namespace, name, holder, onTrouble }),
      close: () => api.close(),
    };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const message = `VIGIE_LEASE_NAME is ${name}, but the service account is not mounted at ${access.serviceAccount} (${code})`;
    throw new ClusterLeaseError(message, { cause });
  }
}
