import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How a cut looks from the client's side: nothing comes back, or the connection is reset. */
export type Cut = 'silent' | 'refused';

/** A TCP relay on loopback that can be cut. */
export interface CutProxy {
  readonly port: number;
  /** Bytes that were sent to the server and passed. */
  readonly passedBytes: number;
  /**
   * Nothing passes any more. `silent`: nobody is told, and new connections are taken and never answered. `refused`: all
   * are reset, new ones too.
   */
  cut(how?: Cut): void;
  /** Connections from now on pass. Those that were cut stay dead, and are still not told. */
  heal(): void;
  /**
   * Waits for the first thing sent in one go that holds a text more than `count` times, lets it pass up to the next
   * occurrence, and cuts silently there. Resolves with the whole of it.
   */
  cutWithin(text: string, count: number): Promise<string>;
  close(): Promise<void>;
}

interface Trap {
  readonly text: string;
  readonly count: number;
  readonly caught: (all: string) => void;
}

/** Relays connections to a port of this machine. */
export async function startCutProxy(targetPort: number): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  /** Those among them that still relay. */
  const live = new Set<Socket>();
  let cutAs: Cut | undefined;
  let trap: Trap | undefined;
  let passedBytes = 0;
  const cut = (how: Cut): void => {
    cutAs = how;
    live.clear();
    if (how === 'refused') for (const socket of sockets) socket.resetAndDestroy();
  };
  const passing = (bytes: Buffer): Buffer => {
    const { text, count, caught } = trap ?? {};
    if (text === undefined || count === undefined) return bytes;
    const parts = bytes.toString('latin1').split(text);
    if (parts.length - 1 <= count) return bytes;
    trap = undefined;
    cut('silent');
    caught?.(bytes.toString('latin1'));
    return bytes.subarray(0, parts.slice(0, count + 1).join(text).length);
  };
  const server = createServer((client) => {
    if (cutAs === 'refused') return void client.resetAndDestroy();
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    if (cutAs === undefined) live.add(client);
    client.on('data', (bytes: Buffer) => {
      if (!live.has(client)) return;
      const some = passing(bytes);
      passedBytes += some.length;
      target.write(some);
    });
    target.on('data', (bytes) => live.has(client) && client.write(bytes));
    // Whoever ends on one side of a cut is not heard on the other.
    client.on('close', () => live.delete(client) && target.destroy());
    target.on('close', () => live.delete(client) && client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get passedBytes() {
      return passedBytes;
    },
    cut: (how = 'silent') => cut(how),
    heal() {
      cutAs = undefined;
    },
    cutWithin: (text, count) =>
      new Promise((caught) => {
        trap = { text, count, caught };
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
