import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { KubernetesAnswer, KubernetesApi } from './kubernetes-api.ts';
import { type LeaderLock, LOCK_LIFE_MS, type LockAnswer } from './leader-lock.ts';

const CONFLICT = 409;
const OK = 200;
/** How often a write that met another's is tried again at once. */
const TRIES = 2;

/** coordination.k8s.io/v1 Lease, as far as it matters; what else is in it goes back as it came. */
const leaseSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.int().nullish(),
    })
    .nullish(),
});
type Lease = z.output<typeof leaseSchema>;

/** What a Lease is held with. */
export interface KubernetesLeaseOptions {
  readonly clock: Clock;
  readonly api: Pick<KubernetesApi, 'send'>;
  readonly namespace: string;
  readonly name: string;
  /** Must be nobody else's. */
  readonly holder: string;
  /** Told what stands in the way, one line for people, once until it is over; undefined when it is. */
  readonly onTrouble: (trouble: string | undefined) => void;
}

/**
 * Leadership by a Lease that exists
 * (https://kubernetes.io/docs/concepts/architecture/leases/#leader-election), written as client-go writes it. Others'
 * clocks are not believed: a Lease has run out when it was not changed for its life by our own. What is written is
 * written over what was read, by resourceVersion, so that of two that take it at once one is told of a conflict.
 */
export class KubernetesLease implements LeaderLock {
  readonly #options: KubernetesLeaseOptions;
  /** The last that was seen of it, and when it was first seen so; monotonic. */
  #seen: Lease | undefined;
  #seenMs = -Infinity;
  #trouble: string | undefined;

  constructor(options: KubernetesLeaseOptions) {
    this.#options = options;
  }

  async hold(): Promise<LockAnswer> {
    for (let tries = 0; tries < TRIES; tries++) {
      const lease = this.#isOurs ? this.#seen : await this.#read();
      if (!lease) return 'unreachable';
      if (!this.#isFree(lease)) return 'another';
      const answer = await this.#write(this.#taken(lease));
      if (answer?.status === OK) return 'held';
      if (answer?.status !== CONFLICT) return 'unreachable';
      this.#seen = undefined;
    }
    return 'unreachable';
  }

  async release(): Promise<void> {
    const lease = this.#seen;
    if (!lease || !this.#isOurs) return;
    await this.#write({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
    this.#seen = undefined;
  }

  get #isOurs(): boolean {
    return this.#seen?.spec?.holderIdentity === this.#options.holder;
  }

  #isFree({ spec }: Lease): boolean {
    if (!spec?.holderIdentity || this.#isOurs) return true;
    return this.#options.clock.monotonicMs() - this.#seenMs >= LOCK_LIFE_MS;
  }

  #taken(lease: Lease): Lease {
    const { clock, holder } = this.#options;
    const now = new Date(clock.wallMs()).toISOString().replace('Z', '000Z');
    const { spec } = lease;
    const isRenewal = spec?.holderIdentity === holder;
    return {
      ...lease,
      spec: {
        ...spec,
        holderIdentity: holder,
        leaseDurationSeconds: LOCK_LIFE_MS / 1_000,
        acquireTime: isRenewal ? (spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (spec?.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
      },
    };
  }

  async #read(): Promise<Lease | undefined> {
    const answer = await this.#send('GET');
    return answer?.status === OK ? this.#note(answer.body) : undefined;
  }

  async #write(lease: Lease): Promise<KubernetesAnswer | undefined> {
    const answer = await this.#send('PUT', lease);
    if (answer?.status === OK) this.#note(answer.body);
    return answer;
  }

  #note(body: unknown): Lease | undefined {
    const { data: lease } = leaseSchema.safeParse(body);
    if (lease && lease.metadata.resourceVersion !== this.#seen?.metadata.resourceVersion) {
      this.#seenMs = this.#options.clock.monotonicMs();
    }
    this.#seen = lease;
    this.#say(lease ? undefined : 'the Kubernetes API answers something else than a Lease');
    return lease;
  }

  async #send(method: 'GET' | 'PUT', lease?: Lease): Promise<KubernetesAnswer | undefined> {
    const { api, namespace, name } = this.#options;
    const path = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases/${encodeURIComponent(name)}`;
    try {
      const answer = await api.send(method, path, lease);
      if (answer.status !== OK && answer.status !== CONFLICT)
        this.#say(
          `the Lease ${namespace}/${name} cannot be had: the API answers ${method} with ${answer.status}`,
        );
      return answer;
    } catch (error) {
      // An aborted request has a number for its code.
      const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
      const why = typeof code === 'string' ? code : 'no answer in time';
      this.#say(`the Lease ${namespace}/${name} cannot be had: ${why}`);
      return undefined;
    }
  }

  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onTrouble(trouble);
  }
}
