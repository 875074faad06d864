import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadAfterMs, Members, ownerOf, Shard } from '../../src/schedule/sharding.ts';

const CHECKS = Array.from({ length: 1_000 }, (_, i) => `check-${i}`);

describe('ownerOf', () => {
  it('divides checks evenly: none of five members has less than 15 % or more than 25 %', () => {
    const members = ['pod-0', 'pod-1', 'pod-2', 'pod-3', 'pod-4'];
    const counts = Map.groupBy(CHECKS, (check) => ownerOf(check, members));
    for (const member of members) {
      expect(counts.get(member)?.length).toBeGreaterThan(150);
      expect(counts.get(member)?.length).toBeLessThan(250);
    }
  });

  it('moves only what a member that comes or goes runs itself, whatever the order of the members', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, fc.string({ minLength: 1 }), fc.string(), (members, newcomer, check) => {
        fc.pre(!members.includes(newcomer));
        const before = ownerOf(check, members);
        const after = ownerOf(check, [newcomer, ...members].toReversed());
        expect([before, newcomer]).toContain(after);
      }),
    );
  });

  it('is nobody where there is no member', () => {
    expect(ownerOf('check', [])).toBeUndefined();
  });
});

describe('deadAfterMs', () => {
  it.each([
    [1_000, 1_500],
    [2_000, 2_000],
    [10_000, 10_000],
    [3_600_000, 10_000],
  ])('interval %d ms: silent for %d ms, within two slots', (intervalMs, expected) => {
    expect(deadAfterMs(intervalMs)).toBe(expected);
    expect(deadAfterMs(intervalMs)).toBeLessThan(2 * intervalMs);
  });
});

describe('Members', () => {
  const beat = (member: string, atMs: number, vantage = 'a') => ({ vantage, member, atMs });

  it('a member lives as long as what it says changes, whatever its clock says', () => {
    const members = new Members();
    members.note([beat('m', 30_000), beat('n', 9_000)], 1_000);
    members.note([beat('m', 29_000), beat('n', 9_000)], 2_000);
    expect(members.alive('a', 500, 2_000)).toEqual(['m']);
    expect(members.alive('a', 1_000, 2_000)).toEqual(['m', 'n']);
    expect(members.silentForMs('a', 2_500)).toBe(500);
  });

  it('one that is heard of first long after its last word does not live, nor does one that has left', () => {
    const members = new Members();
    members.note([beat('old', 0), beat('new', 100_000)], 0);
    expect(members.alive('a', 1_000, 0)).toEqual(['new']);
    members.note([beat('old', 0)], 1);
    expect(members.alive('a', 1_000, 1)).toEqual([]);
  });

  it('tells vantages apart, and nothing of one that nobody ever looked from', () => {
    const members = new Members();
    members.note([beat('m', 1)], 0);
    expect(members.alive('b', 1_000, 0)).toEqual([]);
    expect(members.silentForMs('b', 0)).toBeUndefined();
  });
});

describe('Shard', () => {
  const run = (id: string) => ({ check: { id, intervalMs: 2_000 }, vantage: 'a' });
  const both = [
    { vantage: 'a', member: 'm', atMs: 0 },
    { vantage: 'a', member: 'n', atMs: 0 },
  ];
  const ids = CHECKS.slice(0, 50);

  it('every check is run by exactly one of the members that know of each other', () => {
    const members = new Members();
    members.note(both, 0);
    const shards = [new Shard('m'), new Shard('n')];
    for (const id of ids) expect(shards.filter((shard) => shard.runs(run(id), members, 0))).toHaveLength(1);
  });

  it('runs everything alone, whether or not it has heard of itself', () => {
    for (const id of ids) expect(new Shard('m').runs(run(id), new Members(), 0)).toBe(true);
  });

  it('runs what a member that died has run', () => {
    const members = new Members();
    members.note(both, 0);
    members.note([{ vantage: 'a', member: 'm', atMs: 1 }], 1);
    for (const id of ids) expect(new Shard('m').runs(run(id), members, 1)).toBe(true);
  });

  it('goes on with what moves to a newcomer for one slot and a second, then runs it no more', () => {
    const members = new Members();
    const shard = new Shard('m');
    members.note(both.slice(0, 1), 0);
    for (const id of ids) expect(shard.runs(run(id), members, 0)).toBe(true);
    members.note(both, 0);
    const moving = ids.filter((id) => ownerOf(id, ['m', 'n']) === 'n');
    expect(moving.length).toBeGreaterThan(10);
    members.note(
      both.map((beat) => ({ ...beat, atMs: 2_500 })),
      2_500,
    );
    for (const id of moving) {
      expect(shard.runs(run(id), members, 2_999)).toBe(true);
      expect(shard.runs(run(id), members, 3_000)).toBe(false);
    }
  });
});
