import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/window/redis.ts';
import { bad, commitOf, FIRST, good, MARCH_FIRST_MS, up } from '../contracts/window-samples.ts';
import { findProgram } from '../servers/packages.ts';
import { becomes, type RedisServer, startRedis } from '../servers/redis.ts';
import { openShared } from './redis-subject.ts';

const PREFIX = 'failover:';

describe.skipIf(!findProgram('redis-server'))('several processes on one Redis (needs redis-server)', () => {
  let server: RedisServer;
  let folder: string;
  const stores: RedisStore[] = [];
  const opened = async (): Promise<RedisStore> => {
    const spill = { path: join(folder, `spill-${stores.length}.sqlite`) };
    const store = await openShared(server.url, { prefix: PREFIX, spill });
    stores.push(store);
    return store;
  };
  const isUp = (store: RedisStore): Promise<void> =>
    becomes(async () => (await store.read([])).length === 0 && store.health.isUp);
  const restartEmpty = async (): Promise<void> => {
    await server.kill();
    await Promise.all(stores.map((store) => becomes(() => Promise.resolve(!store.health.isUp))));
    await server.start();
  };
  const entry = (key: string) => ({ key, atMs: MARCH_FIRST_MS, json: '{}' });
  const atMs = (slots: number): number => MARCH_FIRST_MS + slots * 10_000;

  beforeEach(async () => {
    server = await startRedis();
    folder = mkdtempSync(join(tmpdir(), 'vigie-failover-'));
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('entries: what takes the place of a lost line is told to who had read that line, and the line is written again', async () => {
    const writer = await opened();
    await writer.append('tickets', [entry('INC-1'), entry('INC-2')]);
    await writer.close();
    stores.splice(0);
    const reader = await opened();
    expect((await reader.entries('tickets', 0)).map(({ key }) => key)).toEqual(['INC-1', 'INC-2']);
    await server.kill();
    await becomes(() => Promise.resolve(!reader.health.isUp));
    await server.start();
    // Before the reader is back: what is new gets the first place.
    await server.with(async (client) => {
      const line = JSON.stringify(['INC-3', MARCH_FIRST_MS, '{}']);
      await client.hset(
        `${PREFIX}{ledger:tickets}:keys`,
        'INC-3',
        await client.rpush(`${PREFIX}{ledger:tickets}:lines`, line),
      );
    });
    await isUp(reader);
    expect(await reader.entries('tickets', 2)).toEqual([{ ...entry('INC-3'), sequence: 3 }]);
    expect(await reader.entries('tickets', 3)).toEqual([]);
    const other = await opened();
    const all = (await other.entries('tickets', 0)).map(({ key }) => key);
    expect(all.toSorted()).toEqual(['INC-1', 'INC-2', 'INC-3']);
    await reader.append('tickets', [entry('INC-4')]);
    expect((await other.entries('tickets', 3)).map(({ key }) => key)).toEqual(['INC-4']);
    expect((await reader.entries('tickets', 3)).map(({ key }) => key)).toEqual(['INC-4']);
  });

  it('next: no number twice, over processes and through a Redis that forgot them all', async () => {
    const [a, b] = [await opened(), await opened()];
    const given = await Promise.all([a, b, a, b].map((store) => store.next('judge.epoch', 0)));
    expect(new Set(given)).toEqual(new Set([1, 2, 3, 4]));
    await restartEmpty();
    await Promise.all([isUp(a), isUp(b)]);
    expect(await b.next('judge.epoch', 0)).toBe(5);
    expect(await a.next('judge.epoch', 40)).toBe(41);
    expect(await b.getFact('judge.epoch')).toBe('41');
  });

  it('of two who tell a Redis that forgot it what was judged, the later judgement stands', async () => {
    const [leader, standby] = [await opened(), await opened()];
    await leader.commit([commitOf({ epoch: 2, cursorMs: atMs(3), transitions: [up(atMs(0))] })]);
    await standby.judged(['dns']);
    const later = { epoch: 2, expectedCursorMs: atMs(3), cursorMs: atMs(9), replaceFromMs: atMs(3) };
    await leader.commit([commitOf(later)]);
    await restartEmpty();
    await Promise.all([isUp(leader), isUp(standby)]);
    const next = commitOf({
      ...later,
      expectedCursorMs: atMs(9),
      cursorMs: atMs(12),
      replaceFromMs: atMs(9),
    });
    expect(await leader.commit([next])).toEqual(['committed']);
    expect(await standby.judged(['dns'])).toMatchObject([
      { epoch: 2, cursorMs: atMs(12), transitions: [up(atMs(0))] },
    ]);
  });

  it('judged: whoever takes a judgement up is told again what is late behind it', async () => {
    const store = await opened();
    await store.commit([commitOf({ cursorMs: atMs(6) })]);
    await store.put([bad(FIRST + 2, 'timeout')]);
    expect([...(await store.takeLate())]).toEqual([['dns', atMs(2)]]);
    expect((await store.takeLate()).size).toBe(0);
    await store.judged(['dns']);
    expect([...(await store.takeLate())]).toEqual([['dns', atMs(2)]]);
  });

  it('heads: tells the term and the cursor, and by a number that something is late', async () => {
    const store = await opened();
    expect(await store.heads(['dns'])).toEqual([undefined]);
    await store.commit([commitOf({ epoch: 7, cursorMs: atMs(6) })]);
    const [before] = await store.heads(['dns']);
    expect(before).toMatchObject({ epoch: 7, cursorMs: atMs(6) });
    await store.put([good(FIRST + 2)]);
    const [after] = await store.heads(['dns']);
    expect(after).toMatchObject({ epoch: 7, cursorMs: atMs(6) });
    expect(after?.revision).not.toBe(before?.revision);
  });

  it('lock: one holder at a time, until it lets go or its time is over', async () => {
    const [a, b] = [await opened(), await opened()];
    const held = await Promise.all([a.lock('judge', 'a', 60_000), b.lock('judge', 'b', 60_000)]);
    const [winner] = held;
    expect(held[1]?.holder).toBe(winner?.holder);
    const [mine, other] = winner?.holder === 'a' ? [a, b] : [b, a];
    const [me, them] = winner?.holder === 'a' ? ['a', 'b'] : ['b', 'a'];
    await other.unlock('judge', them);
    expect(await other.lock('judge', them, 60_000)).toMatchObject({ holder: me });
    expect(await mine.lock('judge', me, 50)).toEqual({ holder: me, forMs: 50 });
    await becomes(async () => (await other.lock('judge', them, 60_000)).holder === them);
    await other.unlock('judge', them);
    expect(await mine.lock('judge', me, 60_000)).toMatchObject({ holder: me });
  });

  it('lock, next and heads reject while Redis is away; reserve lets requests go', async () => {
    const store = await opened();
    await server.kill();
    await becomes(() => Promise.resolve(!store.health.isUp));
    await expect(store.lock('judge', 'a', 1_000)).rejects.toMatchObject({ trouble: 'away' });
    await expect(store.next('judge.epoch', 0)).rejects.toMatchObject({ trouble: 'away' });
    await expect(store.heads(['dns'])).rejects.toMatchObject({ trouble: 'away' });
    expect(await store.reserve('GET /')).toBe(0);
  });
});
