import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findProgram } from './packages.ts';

const HOST = '127.0.0.1';
const SENTINEL_NAME = 'windows';
const LOST_AFTER_MS = 500;
const STARTS_WITHIN_MS = 15_000;

/** A redis-server of one's own on loopback. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  readonly #password: string | undefined;
  #child: ChildProcess | undefined;

  constructor(port: number, args: readonly string[] = []) {
    this.port = port;
    this.#args = args;
    this.#password = args.includes('--requirepass') ? args[args.indexOf('--requirepass') + 1] : undefined;
    this.#folder = mkdtempSync(join(tmpdir(), 'redis-'));
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  /** Its own folder; gone when it is stopped. */
  get folder(): string {
    return this.#folder;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The process; undefined before the first start. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts, or starts again after {@link RedisServer.kill}: empty, unless its arguments make it keep anything. */
  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', HOST, '--dir', this.#folder, '--save', ''];
    await this.run([...args, ...this.#args]);
  }

  /** Starts with nothing but these arguments. */
  async run(args: readonly string[]): Promise<void> {
    this.#child = spawn(findProgram('redis-server') ?? 'redis-server', args, { stdio: 'ignore' });
    await becomes(async () => (await this.info('server')).includes('redis_version'));
  }

  /** SIGKILL: as a machine that is lost. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }

  /** Forgets all that it kept, once it is killed: as a disk that is lost. */
  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  info(section: string): Promise<string> {
    return this.with((client) => client.info(section));
  }

  /** Does something with a connection of one's own; rejects at once when there is none. */
  async with<Result>(work: (client: Redis) => Promise<Result>): Promise<Result> {
    const client = new Redis({
      host: HOST,
      port: this.port,
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      ...(this.#password === undefined ? {} : { password: this.#password }),
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return await work(client);
    } finally {
      client.disconnect();
    }
  }
}

/** Makes a server a sentinel of a master. */
async function watchMaster(server: RedisServer, masterPort: number): Promise<void> {
  const path = join(server.folder, 'sentinel.conf');
  const lines = [
    `port ${server.port}`,
    `bind ${HOST}`,
    `dir ${server.folder}`,
    `sentinel monitor ${SENTINEL_NAME} ${HOST} ${masterPort} 2`,
    `sentinel down-after-milliseconds ${SENTINEL_NAME} ${LOST_AFTER_MS}`,
    `sentinel failover-timeout ${SENTINEL_NAME} 2000`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  await server.run([path, '--sentinel']);
}

/** Starts one server. */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const [port = 0] = await freePorts(1);
  const server = new RedisServer(port, args);
  await server.start();
  return server;
}

/** A master with two replicas, watched by three sentinels. */
export interface SentinelSet {
  readonly url: string;
  readonly data: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** The one that the sentinels take for the master. */
  master(): Promise<RedisServer>;
  /** Has the sentinels make another the master. */
  failover(): Promise<void>;
  /** Waits until replicas follow the master again, so that a failover is possible. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a Sentinel set; a crashed master is replaced about a second later. `followVia` is the port by which replicas
 * reach the first master, for tests that cut it.
 */
export async function startSentinelSet(
  followVia: (masterPort: number) => Promise<number> = (port) => Promise.resolve(port),
): Promise<SentinelSet> {
  const [first = 0, ...ports] = await freePorts(6);
  const via = await followVia(first);
  const following = ['--replicaof', HOST, String(via), '--repl-diskless-sync-delay', '0'];
  const firstMaster = new RedisServer(first, ['--repl-diskless-sync-delay', '0']);
  const data = [firstMaster, ...ports.slice(0, 2).map((port) => new RedisServer(port, following))];
  const sentinels = ports.slice(2).map((port) => new RedisServer(port));
  const [anySentinel] = sentinels;
  const ask = <Result>(work: (client: Redis) => Promise<Result>): Promise<Result> => {
    if (!anySentinel) throw new Error('no sentinel');
    return anySentinel.with(work);
  };
  const masterPort = async (): Promise<number> => {
    const reply = await ask((client) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', SENTINEL_NAME));
    return Number(Array.isArray(reply) ? reply[1] : 0);
  };
  const master = async (): Promise<RedisServer> => {
    const port = await masterPort();
    const server = data.find((one) => one.port === port);
    if (!server) throw new Error(`the sentinels know of no server of ours: ${port}`);
    return server;
  };
  const isFollowed = async (server: RedisServer): Promise<boolean> => {
    const alive = data.filter(({ isRunning }) => isRunning).length;
    return ((await server.info('replication')).match(/state=online/g) ?? []).length === alive - 1;
  };
  const settled = (): Promise<void> => becomes(async () => isFollowed(await master()));
  const set: SentinelSet = {
    url: `redis+sentinel://${sentinels.map(({ port }) => `${HOST}:${port}`).join()}/${SENTINEL_NAME}`,
    data,
    sentinels,
    master,
    settled,
    async failover() {
      const before = await masterPort();
      await becomes(
        async () => (await ask((client) => client.call('SENTINEL', 'FAILOVER', SENTINEL_NAME))) === 'OK',
      );
      await becomes(async () => (await masterPort()) !== before);
    },
    async stop() {
      await Promise.all([...sentinels, ...data].map((server) => server.stop()));
    },
  };
  await Promise.all(data.map((server) => server.start()));
  // A sentinel asks who follows when it begins, and then every ten seconds.
  await becomes(() => isFollowed(firstMaster));
  await Promise.all(sentinels.map((server) => watchMaster(server, first)));
  await becomes(async () => {
    const quorum = await Promise.all(
      sentinels.map((server) => server.with((client) => client.call('SENTINEL', 'CKQUORUM', SENTINEL_NAME))),
    );
    return quorum.every((text) => String(text).startsWith('OK 3 usable'));
  });
  await becomes(async () => {
    const replicas = await ask((client) => client.call('SENTINEL', 'REPLICAS', SENTINEL_NAME));
    return Array.isArray(replicas) && replicas.length === 2;
  });
  await settled();
  return set;
}

/** Three masters that share the slots. */
export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a cluster without replicas. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = (await freePorts(3)).map(
    (port) =>
      new RedisServer(port, [
        '--cluster-enabled',
        'yes',
        '--cluster-node-timeout',
        '2000',
        '--cluster-port',
        String(port + 1),
      ]),
  );
  await Promise.all(nodes.map((node) => node.start()));
  const size = Math.ceil(16_384 / nodes.length);
  const [seed] = nodes;
  for (const [i, node] of nodes.entries()) {
    const from = i * size;
    const to = Math.min(16_384, from + size) - 1;
    await node.with(async (client) => {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    });
    if (i > 0 && seed) {
      await node.with((client) => client.call('CLUSTER', 'MEET', HOST, seed.port, seed.port + 1));
    }
  }
  for (const node of nodes) {
    await becomes(async () => {
      const info = String(await node.with((client) => client.call('CLUSTER', 'INFO')));
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    });
  }
  return {
    url: `redis+cluster://${nodes.map(({ port }) => `${HOST}:${port}`).join()}`,
    nodes,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

/** Waits until something holds; what it throws counts as not yet. */
export async function becomes(holds: () => Promise<boolean>, withinMs = STARTS_WITHIN_MS): Promise<void> {
  const untilMs = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < untilMs) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await pause(20);
  }
  throw new Error(`did not come to hold within ${withinMs} ms: ${holds.toString()}`, { cause: last });
}

/** Ports that were free a moment ago, each with the next one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const next = createServer().listen(port + 1, HOST);
    const isFree = await new Promise<boolean>((resolve) => {
      next.once('listening', () => resolve(true)).once('error', () => resolve(false));
    });
    for (const one of isFree ? [server, next] : [server]) await once(one.close(), 'close');
    if (isFree && !ports.some((other) => Math.abs(other - port) <= 1)) ports.push(port);
  }
  return ports;
}
