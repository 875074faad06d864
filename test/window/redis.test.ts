import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { getBit } from '../../src/core/slots.ts';
import { CHANGES_KEPT } from '../../src/window/redis-scripts.ts';
import type { RedisStore, RedisStoreOptions } from '../../src/window/redis.ts';
import { ledgerContract } from '../contracts/ledger.ts';
import { bad, commitOf, FIRST, good, MARCH_FIRST_MS, TEN_SECONDS, up } from '../contracts/window-samples.ts';
import { windowStoreContract } from '../contracts/window-store.ts';
import { selfSigned } from '../servers/certificate.ts';
import { findProgram } from '../servers/packages.ts';
import { freePorts, RedisServer, startRedis } from '../servers/redis.ts';
import { accessTo, openShared, redisSubject } from './redis-subject.ts';

const SLOTS_A_DAY = 8_640;

describe.skipIf(!findProgram('redis-server'))('one server (needs redis-server)', () => {
  let server: RedisServer;
  let prefix = '';
  const stores: RedisStore[] = [];
  const opened = async (options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> => {
    const store = await openShared(server.url, { prefix, ...options });
    stores.push(store);
    return store;
  };
  const atMs = (slots: number): number => MARCH_FIRST_MS + slots * 10_000;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    prefix = '';
  });

  windowStoreContract('redis', () => redisSubject(server.url));

  ledgerContract('redis', () => {
    const books = `${randomUUID()}:`;
    const handles: RedisStore[] = [];
    return Promise.resolve({
      async open() {
        const handle = await openShared(server.url, { prefix: books });
        handles.push(handle);
        return handle;
      },
      elsewhere: {
        module: join(import.meta.dirname, 'redis-ledger-opener.ts'),
        target: `${server.url} ${books}`,
      },
      async dispose() {
        await Promise.all(handles.map((handle) => handle.close()));
      },
    });
  });

  describe('a slot that comes between the reading of the judge and its commit', () => {
    const range = { ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 6 };
    const setUp = async (): Promise<{ readonly judge: RedisStore; readonly vantage: RedisStore }> => {
      prefix = `${randomUUID()}:`;
      const judge = await opened();
      const vantage = await opened();
      await vantage.put([good(FIRST), good(FIRST + 5)]);
      await vantage.flush();
      return { judge, vantage };
    };

    it('is late once the commit has passed it', async () => {
      const { judge, vantage } = await setUp();
      await judge.read([range]);
      await vantage.put([bad(FIRST + 2, 'timeout', 'b')]);
      await vantage.flush();
      expect(await judge.commit([commitOf({ cursorMs: atMs(6) })])).toEqual(['committed']);
      expect([...(await judge.takeLate())]).toEqual([['dns', atMs(2)]]);
    });

    it('is not late when the judge has read it after all, or the commit stays before it', async () => {
      const { judge, vantage } = await setUp();
      await judge.read([range]);
      await vantage.put([bad(FIRST + 2, 'timeout', 'b')]);
      await vantage.flush();
      expect(await judge.commit([commitOf({ cursorMs: atMs(2) })])).toEqual(['committed']);
      expect((await judge.takeLate()).size).toBe(0);
      await judge.read([{ ...range, fromSlot: FIRST + 2 }]);
      const next = commitOf({ expectedCursorMs: atMs(2), cursorMs: atMs(6) });
      expect(await judge.commit([next])).toEqual(['committed']);
      expect((await judge.takeLate()).size).toBe(0);
    });

    it('is late when it lies behind what was read last, before any commit', async () => {
      const { judge, vantage } = await setUp();
      await judge.read([range]);
      await vantage.put([good(FIRST + 1, 'b')]);
      await vantage.flush();
      await judge.read([{ ...range, fromSlot: FIRST + 4 }]);
      await judge.commit([commitOf({ cursorMs: atMs(6) })]);
      expect([...(await judge.takeLate())]).toEqual([['dns', atMs(1)]]);
    });

    it('is late when more has changed than is remembered: from where the judge last committed', async () => {
      const { judge, vantage } = await setUp();
      await judge.commit([commitOf({ cursorMs: atMs(1), transitions: [up(atMs(0))] })]);
      await judge.read([{ ...range, fromSlot: FIRST + 1 }]);
      for (let i = 0; i < CHANGES_KEPT + 5; i++) {
        await vantage.put([good(FIRST + 2, `v${i}`)]);
        await vantage.flush();
      }
      await judge.commit([commitOf({ expectedCursorMs: atMs(1), cursorMs: atMs(6) })]);
      expect([...(await judge.takeLate())]).toEqual([['dns', atMs(1)]]);
    });
  });

  it('a page takes a bitmap of what is not good once that is more than few slots', async () => {
    prefix = `${randomUUID()}:`;
    const store = await opened();
    const bitmaps = async (): Promise<readonly string[]> => {
      const names = await server.with((client) => client.keys(`${prefix}p:*`));
      return names.map((name) => name.slice(-1)).sort();
    };
    const putBad = async (from: number, to: number): Promise<void> => {
      for (let slot = from; slot < to; slot++) await store.put([bad(FIRST + slot * 7, 'timeout')]);
      await store.flush();
    };
    await putBad(0, 32);
    expect(await bitmaps()).toEqual(['s', 'w']);
    await putBad(32, 33);
    expect(await bitmaps()).toEqual(['b', 's', 'w']);
    const [bits] = await store.read([{ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 33 * 7 }]);
    const set = Array.from({ length: 33 * 7 }, (_, i) => i).filter(
      (i) => bits?.vantages[0] && getBit(bits.vantages[0].bad, i),
    );
    expect(set).toEqual(Array.from({ length: 33 }, (_, i) => i * 7));
  });

  it('a mark stands for its slot although the page has a bitmap without it', async () => {
    prefix = `${randomUUID()}:`;
    const store = await opened();
    await store.put([bad(FIRST + 1, 'timeout')]);
    await store.flush();
    await server.with((client) => client.setbit(`${prefix}p:{dns}:10000:a:20260301:b`, 2, 1));
    await store.put([bad(FIRST + 2, 'timeout')]);
    await store.flush();
    const [bits] = await store.read([{ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + 3 }]);
    expect([0, 1, 2].map((i) => bits?.vantages[0] && getBit(bits.vantages[0].bad, i))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('good slots that come one at a time, in any order, are told each: range, changes, and what is late', async () => {
    prefix = `${randomUUID()}:`;
    const store = await opened();
    const putAlone = async (...slots: readonly number[]): Promise<void> => {
      for (const slot of slots) {
        await store.put([good(FIRST + slot)]);
        await store.flush();
      }
    };
    await putAlone(5, 3, 9, 9, 4);
    const changes = await server.with((client) => client.hgetall(`${prefix}ch:{dns}:10000`));
    const told = (slot: number): string => `${FIRST + slot}-${FIRST + slot}`;
    expect(changes).toEqual({
      first: String(FIRST + 3),
      last: String(FIRST + 9),
      rev: '1',
      seq: '4',
      ...{ 1: told(5), 2: told(3), 3: told(9), 4: told(4) },
    });
    await store.commit([commitOf({ cursorMs: atMs(8) })]);
    await putAlone(8, 7, 6);
    expect([...(await store.takeLate())]).toEqual([['dns', atMs(6)]]);
    await putAlone(7, 10);
    expect((await store.takeLate()).size).toBe(0);
    // Each the first of its page: another vantage's, and another day's.
    await store.put([good(FIRST + 9, 'b')]);
    await store.flush();
    await putAlone(SLOTS_A_DAY);
    const [bits] = await store.read([{ ...TEN_SECONDS, fromSlot: FIRST, toSlot: FIRST + SLOTS_A_DAY + 1 }]);
    const set = bits?.vantages.map(({ vantage, seen }) => [
      vantage,
      ...Array.from({ length: SLOTS_A_DAY + 1 }, (_, slot) => slot).filter((slot) => getBit(seen, slot)),
    ]);
    expect(set).toEqual([
      ['a', 3, 4, 5, 6, 7, 8, 9, 10, SLOTS_A_DAY],
      ['b', 9],
    ]);
  });

  describe('two judges', () => {
    it('a late slot that one took and could not commit is told to the other', async () => {
      prefix = `${randomUUID()}:`;
      const [former, present] = [await opened(), await opened()];
      await former.commit([commitOf({ epoch: 1, cursorMs: atMs(6) })]);
      await former.put([bad(FIRST + 2, 'timeout')]);
      expect((await former.takeLate()).size).toBe(1);
      const takeover = commitOf({ epoch: 2, expectedCursorMs: atMs(6), cursorMs: atMs(7) });
      expect(await present.commit([takeover])).toEqual(['committed']);
      const fenced = commitOf({
        epoch: 1,
        expectedCursorMs: atMs(6),
        cursorMs: atMs(7),
        replaceFromMs: atMs(2),
      });
      expect(await former.commit([fenced])).toEqual(['fenced']);
      expect([...(await present.takeLate())]).toEqual([['dns', atMs(2)]]);
    });

    it('a slot that is late after the late ones were taken outlives the commit that follows', async () => {
      prefix = `${randomUUID()}:`;
      const judge = await opened();
      await judge.commit([commitOf({ cursorMs: atMs(6) })]);
      await judge.put([bad(FIRST + 2, 'timeout')]);
      expect([...(await judge.takeLate())]).toEqual([['dns', atMs(2)]]);
      await judge.put([bad(FIRST + 3, 'timeout')]);
      const revision = commitOf({ expectedCursorMs: atMs(6), cursorMs: atMs(6), replaceFromMs: atMs(2) });
      expect(await judge.commit([revision])).toEqual(['committed']);
      expect([...(await judge.takeLate())]).toEqual([['dns', atMs(2)]]);
    });

    it('of two commits on the same cursor one is stored, and the other is stale', async () => {
      prefix = `${randomUUID()}:`;
      const [one, other] = [await opened(), await opened()];
      const results = await Promise.all([
        one.commit([commitOf({ cursorMs: atMs(5), transitions: [up(atMs(0))] })]),
        other.commit([commitOf({ cursorMs: atMs(6), transitions: [up(atMs(1))] })]),
      ]);
      expect(results.flat().toSorted()).toEqual(['committed', 'stale']);
    });
  });

  describe('clock', () => {
    /** A clock that goes wrong by so much. */
    const off = (ms: number): Clock => ({ ...systemClock, wallMs: () => systemClock.wallMs() + ms });

    it('an offset of more than a quarter of a slot keeps a vantage from writing, and it says so', async () => {
      prefix = `${randomUUID()}:`;
      const codes: (string | undefined)[] = [];
      const store = await opened({ clock: off(6_000), onHealth: ({ lastCode }) => codes.push(lastCode) });
      expect(store.health.clockOffsetMs).toBeGreaterThan(5_900);
      const hourly = { check: 'slow', intervalMs: 3_600_000 };
      await store.put([good(FIRST), good(1, 'a', hourly)]);
      expect(await store.seen(TEN_SECONDS)).toBeUndefined();
      expect(await store.seen(hourly)).toEqual({ firstSlot: 1, lastSlot: 1 });
      expect(store.health.refusedSlots).toBe(1);
      expect(codes).toContain('CLOCK');
    });

    it('an offset within a quarter of a slot does not', async () => {
      prefix = `${randomUUID()}:`;
      const store = await opened({ clock: off(-2_000) });
      await store.put([good(FIRST)]);
      expect(await store.seen(TEN_SECONDS)).toEqual({ firstSlot: FIRST, lastSlot: FIRST });
      expect(store.health.refusedSlots).toBe(0);
    });
  });

  it('speaks TLS to a server of an authority that it is told to believe, and to no other', async () => {
    prefix = `${randomUUID()}:`;
    const folder = mkdtempSync(join(tmpdir(), 'redis-tls-'));
    const nowMs = systemClock.wallMs();
    const { key, cert } = selfSigned({
      names: ['localhost'],
      fromMs: nowMs - 60_000,
      toMs: nowMs + 3_600_000,
    });
    writeFileSync(join(folder, 'key.pem'), key);
    writeFileSync(join(folder, 'cert.pem'), cert);
    const files = ['--tls-cert-file', join(folder, 'cert.pem'), '--tls-key-file', join(folder, 'key.pem')];
    const [port = 0] = await freePorts(1);
    const secure = new RedisServer(port, [
      ...files,
      '--tls-port',
      String(port + 1),
      '--tls-auth-clients',
      'no',
    ]);
    await secure.start();
    try {
      const access = accessTo(`rediss://localhost:${port + 1}`);
      const believing = await opened({ access: { ...access, ca: cert } });
      await believing.put([good(FIRST)]);
      expect(await believing.seen(TEN_SECONDS)).toEqual({ firstSlot: FIRST, lastSlot: FIRST });
      const doubting = await opened({ access });
      await expect(doubting.seen(TEN_SECONDS)).rejects.toMatchObject({ trouble: 'away' });
    } finally {
      await secure.stop();
      rmSync(folder, { recursive: true });
    }
  });

  it('heartbeats are told by vantage and member, and forgotten after a day, or when the member leaves', async () => {
    prefix = `${randomUUID()}:`;
    const store = await opened();
    expect(await store.vantages()).toEqual([]);
    await store.heartbeat('az-b', 'pod-1', 1_000);
    await store.heartbeat('az-a', 'pod-2', 2_000);
    await store.heartbeat('az-b', 'pod-1', 3_000);
    expect(await store.vantages()).toEqual([
      { vantage: 'az-a', member: 'pod-2', atMs: 2_000 },
      { vantage: 'az-b', member: 'pod-1', atMs: 3_000 },
    ]);
    await store.heartbeat('az-c', 'pod-3', 86_402_500);
    expect((await store.vantages()).map(({ vantage }) => vantage)).toEqual(['az-b', 'az-c']);
    await store.leave('az-b', 'pod-1');
    await store.leave('az-b', 'pod-1');
    expect((await store.vantages()).map(({ vantage }) => vantage)).toEqual(['az-c']);
  });

  it('reserve gives a request to one of several processes, for a second', async () => {
    prefix = `${randomUUID()}:`;
    const several = [await opened(), await opened(), await opened()];
    const waits = await Promise.all(several.map((store) => store.reserve('GET https://api/')));
    expect(waits.filter((ms) => ms === 0)).toHaveLength(1);
    for (const ms of waits) expect(ms).toBeLessThanOrEqual(1_020);
    const winner = several[waits.indexOf(0)];
    expect(await winner?.reserve('GET https://api/')).toBe(0);
    expect(await several[0]?.reserve('GET https://other/')).toBe(0);
    const left = await server.with((client) =>
      client.pttl(`${prefix}rq:${encodeURIComponent('GET https://api/')}`),
    );
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1_020);
  });
});
