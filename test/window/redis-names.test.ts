import { describe, expect, it } from 'vitest';
import { parseRedisUrl, showAddress } from '../../src/core/redis-address.ts';
import {
  hashTag,
  parsePageName,
  parseSeriesName,
  pageName,
  RedisKeys,
  seriesName,
} from '../../src/window/redis-keys.ts';
import { redisSlot } from '../../src/window/redis-slot.ts';

const at = (host: string, port: number) => ({ host, port });

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { kind: 'single', tls: false, endpoint: at('localhost', 6_379), database: 0 }],
    [
      'rediss://r.example:7000/3',
      { kind: 'single', tls: true, endpoint: at('r.example', 7_000), database: 3 },
    ],
    ['redis://[::1]:7000', { kind: 'single', tls: false, endpoint: at('::1', 7_000), database: 0 }],
    [
      'redis://me:p%40ss%3A@h',
      {
        kind: 'single',
        tls: false,
        endpoint: at('h', 6_379),
        database: 0,
        username: 'me',
        password: 'p@ss:',
      },
    ],
    [
      'redis://:secret@h',
      { kind: 'single', tls: false, endpoint: at('h', 6_379), database: 0, password: 'secret' },
    ],
    [
      'redis+sentinel://a:1,b/main/2',
      { kind: 'sentinel', tls: false, sentinels: [at('a', 1), at('b', 26_379)], name: 'main', database: 2 },
    ],
    ['rediss+cluster://a:1,b:2', { kind: 'cluster', tls: true, endpoints: [at('a', 1), at('b', 2)] }],
  ])('%s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  it.each([
    'http://h',
    'redis://',
    'redis://h:0',
    'redis://h:70000',
    'redis://a,b',
    'redis://h/x',
    'redis://h/1/2',
    'redis+sentinel://a',
    'redis+cluster://a/1',
    'redis+other://a',
    'redis://%ZZ@h',
    'redis://h?x=1',
    'redis://a b',
  ])('refuses %s', (url) => {
    expect(parseRedisUrl(url)).toBeUndefined();
  });

  it.each([
    ['redis://me:hunter2@h/1', 'redis://h:6379'],
    ['rediss+sentinel://me:hunter2@a:1,[::1]:2/main', 'rediss+sentinel://a:1,[::1]:2/main'],
    ['redis+cluster://:hunter2@a', 'redis+cluster://a:6379'],
  ])('showAddress of %s tells no secret', (url, shown) => {
    const address = parseRedisUrl(url);
    expect(address && showAddress(address)).toBe(shown);
  });
});

describe('redisSlot', () => {
  // https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#appendix-a-crc16-reference-implementation-in-ansi-c
  it('agrees with the specification on "123456789" (CRC16 0x31C3)', () => {
    expect(redisSlot('123456789')).toBe(0x31c3 % 16_384);
  });

  it.each([
    ['foo', 12_182],
    ['somekey', 11_058],
  ])('agrees with CLUSTER KEYSLOT on %s', (key, slot) => {
    expect(redisSlot(key)).toBe(slot);
  });

  it.each([
    ['a{b}c', 'b'],
    ['a{}c', 'a{}c'],
    ['a{b', 'a{b'],
    ['{a}{b}', 'a'],
  ])('hashTag of %s', (key, tag) => {
    expect(hashTag(key)).toBe(tag);
  });
});

describe('RedisKeys', () => {
  const keys = new RedisKeys('v:');
  const names = ['dns', 'a:b', '{a}', 'é%', ''];

  it('puts everything of a check under one hash tag, and nothing of two', () => {
    const tags = names.map((check) => {
      const key = { check, intervalMs: 10_000 };
      const all = [
        keys.changes(key),
        keys.pages(key),
        keys.head(check),
        keys.transitions(check),
        keys.latencies(check, '202603'),
        ...keys.page(key, 'x', 1),
      ];
      expect(new Set(all.map(hashTag)).size).toBe(1);
      for (const each of all) expect(keys.checkOf(each)).toBe(check);
      return hashTag(keys.head(check));
    });
    expect(new Set(tags).size).toBe(names.length);
  });

  it('names pages by their day', () => {
    const page = Date.parse('2026-03-01T00:00:00Z') / 86_400_000;
    expect(keys.page({ check: 'dns', intervalMs: 10_000 }, 'az-a', page)[0]).toBe(
      'v:p:{dns}:10000:az-a:20260301:s',
    );
  });

  it.each(['other:st:{dns}', 'v:series', 'v:{ledger:audit}:lines', 'v:rq:{x}'])(
    '%s belongs to no check',
    (key) => {
      expect(keys.checkOf(key)).toBeUndefined();
    },
  );

  it('names that are lists can be taken apart again', () => {
    for (const name of names) {
      expect(parsePageName(pageName(-3, name))).toEqual({ page: -3, vantage: name });
      expect(parseSeriesName(seriesName({ check: name, intervalMs: 7 }))).toEqual({
        check: name,
        intervalMs: 7,
      });
    }
  });
});
