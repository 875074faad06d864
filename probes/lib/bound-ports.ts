import { BoundPort } from './bound-port.ts';
import type { Endpoint } from './bound-exchange.ts';

interface Shared {
  readonly port: BoundPort;
  users: number;
}

/**
 * The local ports of a kind of probe whose protocol fixes them: a machine has each of them once, so runs at the same
 * time share it and tell their replies apart themselves. A port is held only while somebody uses it.
 */
export class BoundPorts {
  readonly #byLocal = new Map<string, Shared>();
  readonly #closing = new Set<Promise<void>>();
  #closed = false;

  /**
   * Uses a port until `use` is done. `peer`: the only one it is used to speak with; absent when replies may come from
   * anyone. Rejects as `use` does, and after close.
   */
  async using<Result>(
    local: Endpoint,
    peer: Endpoint | undefined,
    use: (port: BoundPort) => Promise<Result>,
  ): Promise<Result> {
    if (this.#closed) throw new Error('port asked for after close');
    const key = `${local.address} ${local.port}`;
    const shared = this.#byLocal.get(key) ?? { port: new BoundPort(local, peer), users: 0 };
    this.#byLocal.set(key, shared);
    shared.port.admit(peer);
    shared.users++;
    try {
      return await use(shared.port);
    } finally {
      if (--shared.users === 0 && this.#byLocal.get(key) === shared) this.#letGo(key, shared.port);
    }
  }

  /** Abandons what goes on and lets go of every port. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const [key, { port }] of this.#byLocal) this.#letGo(key, port);
    await Promise.all(this.#closing);
  }

  #letGo(key: string, port: BoundPort): void {
    this.#byLocal.delete(key);
    const closed = port.closed.finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    port.close();
  }
}
