import { cancelOf } from '../../src/core/cancellation.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { TargetSocket } from './target-socket.ts';
import type { DatagramOutcome, DatagramRequest } from './target-socket.ts';

export type { DatagramOutcome, DatagramRequest } from './target-socket.ts';

const LONGEST_LIFE_MS = 10_000;

/**
 * The UDP sockets of a kind of probe: one per target, shared by its checks, for a socket costs about as much as the
 * whole exchange. A socket serves at most 64 exchanges or 10 seconds and none after a failure, so that source ports
 * keep changing: a forger has to guess them (RFC 5452 §9.2), a load balancer that hashes ports shows more than one
 * backend, one stale translation entry cannot pin a target down, and a late reply finds nobody.
 */
export class DatagramSockets {
  /** The latest to each target, by address, then port: a key made of both would cost more than looking twice. */
  readonly #byTarget = new Map<string, Map<number, TargetSocket>>();
  /** The oldest first. */
  readonly #open = new Set<TargetSocket>();
  #closed = false;

  /**
   * One request, one reply. Resolves when the reply is read, when the socket fails, or in the turn of the abort;
   * after that nothing is sent. Rejects only for a bug: a reader that throws, or a call after close.
   */
  exchange<Reply>(request: DatagramRequest<Reply>, context: ProbeContext): Promise<DatagramOutcome<Reply>> {
    if (this.#closed) return Promise.reject(new Error('exchange after close'));
    if (cancelOf(context).aborted) return Promise.resolve({ kind: 'aborted', strays: 0 });
    return this.#socketTo(request, context.clock.monotonicMs()).exchange(request, context);
  }

  /** Abandons what goes on and lets go of every socket. */
  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open];
    for (const socket of open) socket.abandon();
    await Promise.all(open.map((socket) => socket.closed));
  }

  #socketTo({ address, port }: DatagramRequest<unknown>, nowMs: number): TargetSocket {
    this.#retireOld(nowMs);
    const known = this.#byTarget.get(address)?.get(port);
    if (known && !known.retired) return known;
    const socket = new TargetSocket(address, port, nowMs);
    const ports = this.#byTarget.get(address) ?? new Map<number, TargetSocket>();
    this.#byTarget.set(address, ports.set(port, socket));
    this.#open.add(socket);
    void socket.closed.then(() => this.#forget(address, port, socket));
    return socket;
  }

  #forget(address: string, port: number, socket: TargetSocket): void {
    this.#open.delete(socket);
    const ports = this.#byTarget.get(address);
    if (ports?.get(port) !== socket) return;
    ports.delete(port);
    if (ports.size === 0) this.#byTarget.delete(address);
  }

  #retireOld(nowMs: number): void {
    for (const socket of this.#open) {
      if (nowMs - socket.openedMs < LONGEST_LIFE_MS) return;
      socket.retire();
    }
  }
}
