import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IdenticalGuard } from '../../src/schedule/identical-guard.ts';

describe('IdenticalGuard.take', () => {
  test.each([
    ['the first is granted', [], 0, 0],
    ['at once again waits a second', [0], 0, 1_000],
    ['after 999.5 ms waits the rest', [0], 999.5, 0.5],
    ['after a second is granted', [0], 1_000, 0],
    ['what was not granted does not count', [0, 500], 1_000, 0],
  ])('%s', (_case, before, atMs, waitMs) => {
    const guard = new IdenticalGuard();
    for (const earlierMs of before) guard.take('dns a', earlierMs);
    expect(guard.take('dns a', atMs)).toBe(waitMs);
  });

  test('other requests are not held up', () => {
    const guard = new IdenticalGuard();
    guard.take('dns a', 0);
    expect(guard.take('dns b', 0)).toBe(0);
  });

  test('never grants two identical requests within a second, however many identities it has seen', () => {
    const asks = fc.array(fc.record({ passMs: fc.nat(300), identity: fc.nat(5), others: fc.nat(600) }));
    fc.assert(
      fc.property(asks, (mix) => {
        const guard = new IdenticalGuard();
        const grantedMs = new Map<number, number>();
        let nowMs = 0;
        let other = 0;
        for (const { passMs, identity, others } of mix) {
          nowMs += passMs;
          for (let i = 0; i < others; i++) guard.take(`other ${other++}`, nowMs);
          if (guard.take(`request ${identity}`, nowMs) > 0) continue;
          expect(nowMs - (grantedMs.get(identity) ?? -Infinity)).toBeGreaterThanOrEqual(1_000);
          grantedMs.set(identity, nowMs);
        }
      }),
    );
  });
});
