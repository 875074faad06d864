import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type ClusterLease, clusterLease, ClusterLeaseError } from '../../src/live/cluster-lease.ts';
import type { Clock } from '../../src/core/clock.ts';
import { createLog } from '../../src/export/log.ts';
import { type KubernetesApiDouble, startKubernetesApi } from '../servers/kubernetes-api.ts';

/** The machine's clock, with time that passes when it is told to. */
class SkippingClock implements Clock {
  #skippedMs = 0;
  /** How much sooner timers fire. */
  hurry = 1;
  wallMs(): number {
    return systemClock.wallMs() + this.#skippedMs;
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#skippedMs;
  }
  after(delayMs: number, fire: () => void): () => void {
    return systemClock.after(delayMs / this.hurry, fire);
  }
  skip(ms: number): void {
    this.#skippedMs += ms;
  }
}

describe('KubernetesLease', () => {
  let api: KubernetesApiDouble;
  let clock: SkippingClock;
  let logged: string;
  const leases: ClusterLease[] = [];

  const lockOf = (holder: string) => {
    const log = createLog({
      clock,
      level: 'info',
      format: 'json',
      destination: { write: (text: string) => void (logged += text) },
    });
    const lease = clusterLease(api.env, { clock, log, serviceAccount: api.serviceAccount });
    if (!lease) throw new Error('the environment names a Lease');
    leases.push(lease);
    return lease.lock(holder);
  };

  beforeEach(async () => {
    api = await startKubernetesApi();
    clock = new SkippingClock();
    logged = '';
  });
  afterEach(async () => {
    await Promise.all(leases.splice(0).map((lease) => lease.close()));
    await api.close();
  });

  it('hold: takes a Lease that was created without a spec, and writes it as client-go does', async () => {
    expect(await lockOf('a').hold()).toBe('held');
    const micro = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(api.lease()?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: micro,
      renewTime: micro,
      leaseTransitions: 1,
    });
  });

  it('hold: renews with one request, and keeps what else is in the Lease', async () => {
    const lock = lockOf('a');
    await lock.hold();
    const { acquireTime } = api.lease()?.spec ?? {};
    const before = api.requests.length;
    clock.skip(2_000);
    expect(await lock.hold()).toBe('held');
    expect(api.requests.length - before).toBe(1);
    expect(api.lease()?.spec).toMatchObject({ holderIdentity: 'a', acquireTime, leaseTransitions: 1 });
    expect(api.lease()?.metadata).toMatchObject({ name: api.name, namespace: api.namespace });
  });

  it('hold: another holds it until it was not renewed for 15 s by our own clock, whatever the times in it say', async () => {
    const [a, b] = [lockOf('a'), lockOf('b')];
    clock.skip(-3_600_000);
    await a.hold();
    clock.skip(3_600_000);
    expect(await b.hold()).toBe('another');
    clock.skip(14_000);
    expect(await b.hold()).toBe('another');
    await a.hold();
    clock.skip(2_000);
    expect(await b.hold()).toBe('another');
    clock.skip(15_000);
    expect(await b.hold()).toBe('held');
    expect(api.lease()?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 2 });
    expect(await a.hold()).toBe('another');
  });

  it('hold: of two that take it at once one meets a conflict, and learns that the other has it', async () => {
    const [a, b] = [lockOf('a'), lockOf('b')];
    let other: Promise<string> | undefined;
    api.beforePut = () => {
      api.beforePut = () => undefined;
      other = b.hold();
    };
    const first = await a.hold();
    const answers = [first, await other];
    expect(new Set(answers)).toEqual(new Set(['another', 'held']));
    expect(api.lease()?.spec).toMatchObject({ holderIdentity: answers[0] === 'held' ? 'a' : 'b' });
  });

  it('hold: a Lease that was made anew is taken again by whoever is first', async () => {
    const [a, b] = [lockOf('a'), lockOf('b')];
    await a.hold();
    expect(await b.hold()).toBe('another');
    api.recreate();
    expect(await b.hold()).toBe('held');
    expect(await a.hold()).toBe('another');
  });

  it('release lets another take it at once; the Lease of another is not touched', async () => {
    const [a, b] = [lockOf('a'), lockOf('b')];
    await a.hold();
    await b.hold();
    await b.release();
    expect(api.lease()?.spec).toMatchObject({ holderIdentity: 'a' });
    await a.release();
    expect(api.lease()?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(await b.hold()).toBe('held');
  });

  it('hold: a token that was renewed is used', async () => {
    const lock = lockOf('a');
    await lock.hold();
    api.rotate();
    expect(await lock.hold()).toBe('held');
  });

  it.each([
    ['silence', (double: KubernetesApiDouble) => void (double.silent = true), 'no answer in time'],
    ['500', (double: KubernetesApiDouble) => void (double.failing = 500), 'with 500'],
    ['no Lease', (double: KubernetesApiDouble) => double.remove(), 'with 404'],
  ])('hold: %s is unreachable, and is told once until it is over', async (_, breakIt, told) => {
    const lock = lockOf('a');
    breakIt(api);
    if (api.silent) clock.hurry = 20;
    expect(await lock.hold()).toBe('unreachable');
    expect(await lock.hold()).toBe('unreachable');
    expect(logged.match(/cannot be had/g)).toHaveLength(1);
    expect(logged).toMatch(new RegExp(`the Lease watch/vigie-judge cannot be had: .*${told}"`));
    expect(logged).not.toContain('token-of-the-pod');
    api.silent = false;
    clock.hurry = 1;
    api.failing = undefined;
    if (!api.lease()) api.recreate();
    expect(await lock.hold()).toBe('held');
    expect(logged).toContain('the Lease can be had again');
  });

  it('clusterLease: undefined without VIGIE_LEASE_NAME; refuses to be used where there is no pod', () => {
    const log = createLog({ clock, level: 'silent', format: 'json' });
    expect(clusterLease({}, { clock, log })).toBeUndefined();
    expect(() => clusterLease({ VIGIE_LEASE_NAME: 'x' }, { clock, log })).toThrow(ClusterLeaseError);
    const nowhere = { clock, log, serviceAccount: '/nowhere' };
    expect(() => clusterLease(api.env, nowhere)).toThrow(/not mounted at \/nowhere \(ENOENT\)/);
  });
});
