import { afterAll, beforeAll, describe } from 'vitest';
import { findProgram } from '../servers/packages.ts';
import {
  type RedisCluster,
  type SentinelSet,
  startRedisCluster,
  startSentinelSet,
} from '../servers/redis.ts';
import { windowStoreContract } from '../contracts/window-store.ts';
import { redisSubject } from './redis-subject.ts';

describe.skipIf(!findProgram('redis-server'))('a Sentinel set (needs redis-server)', () => {
  let sentinels: SentinelSet;
  beforeAll(async () => {
    sentinels = await startSentinelSet();
  });
  afterAll(() => sentinels.stop());

  windowStoreContract('redis behind sentinels', () => redisSubject(sentinels.url));
});

describe.skipIf(!findProgram('redis-server'))('a cluster of three masters (needs redis-server)', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.stop());

  windowStoreContract('redis cluster', () => redisSubject(cluster.url));
});
