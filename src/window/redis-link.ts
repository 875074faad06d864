import { type ChainableCommander, Cluster, Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { RedisAddress } from '../core/redis-address.ts';
import { meaningOf, type RedisCode, redisCode, RedisFailure, redisFailure } from './redis-code.ts';
import { hashTag } from './redis-keys.ts';
import { redisSlot } from './redis-slot.ts';
import { defineScripts } from './redis-scripts.ts';

const ANSWER_WITHIN_MS = 5_000;
const CONNECT_WITHIN_MS = 2_000;
const COMMANDS_A_PIPELINE = 200;
const SLOWEST_RETRY_MS = 1_000;
const REFRESH_SLOTS_MS = 5_000;

/** Who we are to Redis, and whom we believe. */
export interface RedisAccess {
  readonly address: RedisAddress;
  /** Over what the URL says. */
  readonly username?: string;
  readonly password?: string;
  /** Of the sentinels, where they ask for one. */
  readonly sentinelPassword?: string;
  /** PEM of the authorities to believe, with TLS; those of the system when absent. */
  readonly ca?: string;
}

/** One command to be sent with others. */
export interface RedisCommand {
  /** Decides, in a cluster, where it goes. */
  readonly key: string;
  /** Adds the command to a pipeline; exactly one. */
  readonly add: (pipeline: ChainableCommander) => unknown;
}

/** What came of a command. */
export type RedisResult = { readonly value: unknown } | { readonly failure: RedisFailure };

/**
 * The connection to one Redis, a Sentinel set or a cluster. It connects again on its own; meanwhile everything fails
 * at once. Nothing is sent twice: whoever asked decides. No answer within five seconds is a failure, `TIMEOUT`, and
 * begins a new connection.
 */
export class RedisLink {
  readonly #client: Redis | Cluster;
  readonly #clock: Clock;
  /** What the last try to connect came to, while there is no connection. */
  #whyAway: RedisCode | undefined;

  /** `onLost` is told when a connection that stood is gone; not of single nodes of a cluster. */
  constructor(access: RedisAccess, clock: Clock, onLost: () => void) {
    this.#clock = clock;
    this.#client = clientFor(access);
    // What matters of it is told by the command that fails.
    const tried = (error: unknown): void => {
      const code = redisCode(error);
      const { trouble, mayHaveLost } = meaningOf(code);
      const saysMore = code !== 'CLOSED' && trouble === 'away' && !mayHaveLost;
      if (this.#client.status !== 'ready' && saysMore) this.#whyAway = code;
    };
    this.#client.on('error', tried).on('close', onLost);
    this.#client.on('ready', () => (this.#whyAway = undefined));
    defineScripts(this.#client);
  }

  /** Resolves once it is connected, or the first try has failed. */
  connected(): Promise<void> {
    const client = this.#client;
    if (client.status === 'ready') return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        client.off('ready', end).off('close', end);
        resolve();
      };
      const cancel = this.#clock.after(CONNECT_WITHIN_MS, end);
      client.once('ready', end).once('close', end);
    });
  }

  /** Sends all commands, in as few pipelines as there are nodes; results in the order of the commands. Never rejects. */
  async send(commands: readonly RedisCommand[]): Promise<readonly RedisResult[]> {
    const results: RedisResult[] = [];
    const byNode = Map.groupBy(commands.keys(), (i) => this.#nodeOf(commands[i]?.key ?? ''));
    await Promise.all(
      Array.from(byNode.values(), async (indices) => {
        for (let at = 0; at < indices.length; at += COMMANDS_A_PIPELINE) {
          const part = indices.slice(at, at + COMMANDS_A_PIPELINE);
          // One after the other: a connection that fails is to fail early.
          const answers = await this.#pipeline(
            part.map((i) => commands[i]).filter((one) => one !== undefined),
          );
          for (const [n, i] of part.entries()) results[i] = answers[n] ?? { failure: missing() };
        }
      }),
    );
    return results;
  }

  /** Sends all commands; rejects with the first {@link RedisFailure}. */
  async sendAll(commands: readonly RedisCommand[]): Promise<readonly unknown[]> {
    return (await this.send(commands)).map(valueOf);
  }

  /** Sends one command; rejects with a {@link RedisFailure}. */
  async ask(command: RedisCommand): Promise<unknown> {
    const [result] = await this.send([command]);
    return valueOf(result ?? { failure: missing() });
  }

  /**
   * Which data this is: changes when a master is another process than before, or follows another history
   * (https://redis.io/docs/latest/operate/oss_and_stack/management/replication/). Rejects with a {@link RedisFailure}.
   */
  async identity(): Promise<string> {
    const nodes = await this.answer(
      Promise.all(
        this.masters().map(async (node) => (await node.info('server')) + (await node.info('replication'))),
      ),
    );
    if (nodes.length === 0) throw this.#failure(missing());
    return nodes.map(identityOf).sort().join(' ');
  }

  /** The wall clock of a master, in milliseconds since the epoch. */
  async timeMs(): Promise<number> {
    const [node] = this.masters();
    if (!node) throw this.#failure(missing());
    const [seconds, micros] = await this.answer(node.time());
    return Number(seconds) * 1_000 + Number(micros) / 1_000;
  }

  /** A connection to each master. */
  masters(): readonly Redis[] {
    return this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
  }

  /** What a node answers to what it was asked directly; rejects with a {@link RedisFailure}. */
  answer<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(ANSWER_WITHIN_MS, () => {
        reject(new RedisFailure('TIMEOUT'));
        this.reset();
      });
      work.finally(cancel).then(resolve, (error: unknown) => reject(this.#failure(error)));
    });
  }

  /** Lets go of the connection and begins another. */
  reset(): void {
    this.#client.disconnect(true);
  }

  close(): void {
    this.#client.disconnect();
  }

  async #pipeline(commands: readonly RedisCommand[]): Promise<readonly RedisResult[]> {
    const pipeline = this.#client.pipeline();
    for (const command of commands) command.add(pipeline);
    try {
      const answers = await this.answer(pipeline.exec());
      return commands.map((_, i) => {
        const [error, value] = answers?.[i] ?? [missing(), undefined];
        return error ? { failure: this.#failure(error) } : { value };
      });
    } catch (error) {
      return commands.map(() => ({ failure: this.#failure(error) }));
    }
  }

  /** Without a connection a client says only that; what came of the last try says more, but for a cluster's client. */
  #failure(error: unknown): RedisFailure {
    const failure = redisFailure(error);
    return failure.code === 'CLOSED' && this.#whyAway !== undefined
      ? new RedisFailure(this.#whyAway, { cause: failure })
      : failure;
  }

  #nodeOf(key: string): string {
    if (!(this.#client instanceof Cluster)) return '';
    return this.#client.slots[redisSlot(hashTag(key))]?.join() ?? '';
  }
}

function missing(): RedisFailure {
  return new RedisFailure('CLOSED');
}

function valueOf(result: RedisResult): unknown {
  if ('failure' in result) throw result.failure;
  return result.value;
}

function identityOf(info: string): string {
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  return `${field('run_id')}:${field('master_replid')}`;
}

function clientFor({ address, username, password, sentinelPassword, ca }: RedisAccess): Redis | Cluster {
  const user = username ?? address.username;
  const secret = password ?? address.password;
  const tls = address.tls ? { tls: ca === undefined ? {} : { ca } } : {};
  const shared = {
    ...(user === undefined ? {} : { username: user }),
    ...(secret === undefined ? {} : { password: secret }),
    ...tls,
    connectTimeout: CONNECT_WITHIN_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
  };
  const retryStrategy = (attempt: number): number => Math.min(50 * attempt, SLOWEST_RETRY_MS);
  switch (address.kind) {
    case 'single':
      return new Redis({
        ...shared,
        ...address.endpoint,
        db: address.database,
        retryStrategy,
        enableOfflineQueue: false,
      });
    case 'sentinel':
      return new Redis({
        ...shared,
        sentinels: address.sentinels.map((endpoint) => ({ ...endpoint })),
        name: address.name,
        db: address.database,
        retryStrategy,
        sentinelRetryStrategy: retryStrategy,
        sentinelCommandTimeout: CONNECT_WITHIN_MS,
        enableOfflineQueue: false,
        ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
        ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tls.tls ?? {} } : {}),
      });
    case 'cluster':
      return new Cluster(
        address.endpoints.map((endpoint) => ({ ...endpoint })),
        {
          redisOptions: shared,
          clusterRetryStrategy: retryStrategy,
          enableOfflineQueue: false,
          slotsRefreshInterval: REFRESH_SLOTS_MS,
          slotsRefreshTimeout: CONNECT_WITHIN_MS,
          maxRedirections: 4,
          // A name may stand for other nodes tomorrow; certificates are checked against it.
          ...(address.tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
        },
      );
  }
}
