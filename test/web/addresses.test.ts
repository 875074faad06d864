import { describe, expect, test } from 'vitest';
import { addressSet, farEnd, householdOf, isLoopback } from '../../src/web/access/addresses.ts';

describe('addressSet', () => {
  const has = addressSet(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);
  test.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['::ffff:10.0.0.1', true],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['::1', true],
    ['', false],
    ['unknown', false],
  ])('%s: %s', (address, isIn) => expect(has(address)).toBe(isIn));

  test('of nothing has nothing', () => expect(addressSet([])('127.0.0.1')).toBe(false));
});

describe('farEnd', () => {
  const isTrusted = addressSet(['10.0.0.0/8']);
  test.each([
    ['who is no proxy is the far end, whatever they say', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['of one proxy, whom it names last', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    [
      'of a chain, the first that is no proxy from behind',
      '10.0.0.1',
      '198.51.100.1, 10.0.0.3,10.0.0.2',
      '198.51.100.1',
    ],
    ['a proxy that names nobody, itself', '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy that names no address, itself', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
    ['all proxies, the first', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['by a socket of both families', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ])('%s', (_what, peer, told, expected) => expect(farEnd(peer, told, isTrusted)).toBe(expected));
});

describe('householdOf: an IPv4 address, the /64 of an IPv6 one', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s: %s', (address, expected) => expect(householdOf(address)).toBe(expected));
});

describe('isLoopback', () => {
  test.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['localhost', true],
    ['::1', true],
    ['[::1]', true],
    ['0.0.0.0', false],
    ['::', false],
    ['127.0.0.1.evil.example', false],
    ['10.0.0.1', false],
  ])('%s: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));
});
