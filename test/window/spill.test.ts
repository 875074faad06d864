import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SlotRun, slotsOf } from '../../src/window/slot-run.ts';
import { Spill, SPILL_LIMITS } from '../../src/window/spill.ts';

const DAY_MS = 86_400_000;
const good = (fromSlot: number, toSlot = fromSlot + 1, check = 'dns'): SlotRun => ({
  check,
  intervalMs: 10_000,
  vantage: 'a',
  fromSlot,
  toSlot,
  outcome: 'good',
});
const bad = (slot: number): SlotRun => ({
  ...good(slot),
  outcome: 'bad',
  cause: 'status',
  evidence: { status: 503 },
});

describe('Spill', () => {
  let folder: string;
  let path: string;
  let spill: Spill;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-spill-'));
    path = join(folder, 'deep', 'spill.sqlite');
    spill = new Spill(path);
  });
  afterEach(() => {
    spill.close();
    rmSync(folder, { recursive: true });
  });
  const reopened = (limits = SPILL_LIMITS): Spill => {
    spill.close();
    spill = new Spill(path, limits);
    return spill;
  };
  const waiting = (): readonly SlotRun[] => spill.next(Infinity).flatMap(({ runs }) => runs);

  it('gives back what was appended, in order, also when it is opened again', () => {
    spill.append([good(1), bad(2)], 0);
    spill.append([bad(3)], 0);
    expect(waiting()).toEqual([good(1), bad(2), bad(3)]);
    expect(reopened().slots).toBe(3);
    expect(waiting()).toEqual([good(1), bad(2), bad(3)]);
  });

  it('gives a piece at a time; what was merged waits no more, until it is unmerged', () => {
    for (let slot = 0; slot < 4; slot++) spill.append([good(slot)], 0);
    const piece = spill.next(2);
    expect(piece.flatMap(({ runs }) => runs)).toEqual([good(0), good(1)]);
    spill.merged(piece, 1_000);
    spill.merged(piece, 1_000);
    expect(spill.slots).toBe(2);
    expect(waiting()).toEqual([good(2), good(3)]);
    spill.unmerge();
    expect(spill.slots).toBe(4);
    expect(waiting()).toHaveLength(4);
    spill.merged(spill.next(2), 2_000);
    spill.forgetMerged(3_000);
    spill.unmerge();
    expect(waiting()).toEqual([good(2), good(3)]);
  });

  it('says a quiet hour once: a day of one check each quarter second takes little', () => {
    for (let slot = 0; slot < 2_000; slot++) spill.append([good(slot)], 0);
    expect(spill.slots).toBe(2_000);
    const runs = waiting();
    expect(slotsOf(runs)).toBe(2_000);
    expect(
      new Set(
        runs.flatMap(({ fromSlot, toSlot }) =>
          Array.from({ length: toSlot - fromSlot }, (_, i) => fromSlot + i),
        ),
      ).size,
    ).toBe(2_000);
    expect(runs.length).toBeLessThan(250);
  });

  it('drops the oldest good slots first, then the oldest of the others, and counts them', () => {
    reopened({ ...SPILL_LIMITS, characters: 150 });
    spill.append([bad(1)], 0);
    for (let slot = 2; slot < 6; slot++) spill.append([good(slot)], 0);
    expect(spill.dropped).toBeGreaterThan(0);
    expect(waiting()[0]).toEqual(bad(1));
    expect(waiting().at(-1)).toEqual(good(5));
    expect(waiting().length + spill.dropped).toBe(5);
    for (let slot = 6; slot < 12; slot++) spill.append([bad(slot)], 0);
    expect(waiting().every(({ outcome }) => outcome === 'bad')).toBe(true);
    expect(waiting().at(-1)).toEqual(bad(11));
    expect(waiting()).not.toContainEqual(bad(1));
    expect(waiting().length + spill.dropped).toBe(11);
    expect(spill.slots).toBe(waiting().length);
  });

  it('drops what has waited for more than seven days', () => {
    spill.append([bad(1)], 0);
    spill.append([good(2)], DAY_MS);
    spill.append([good(3)], 7.5 * DAY_MS);
    expect(waiting()).toEqual([good(2), good(3)]);
    expect(spill.dropped).toBe(1);
  });

  it('drops a batch that is not what was written, counts it, and gives the others', () => {
    spill.append([good(1)], 0);
    spill.append([good(2)], 0);
    spill.close();
    const database = new DatabaseSync(path);
    database.exec("UPDATE batch SET body = '[[1]]' WHERE id = 1");
    database.close();
    spill = new Spill(path);
    expect(waiting()).toEqual([good(2)]);
    expect(spill.dropped).toBe(1);
    expect(spill.slots).toBe(1);
  });

  it('keeps nothing of an append that fails, and goes on', () => {
    spill.append([good(1)], 0);
    expect(() => spill.append([{ ...good(2), check: 1n as unknown as string }], 0)).toThrow('BigInt');
    expect(spill.slots).toBe(1);
    spill.append([good(3)], 0);
    expect(waiting()).toEqual([good(1), good(3)]);
  });

  it('refuses a database of another program', () => {
    const other = join(folder, 'other.sqlite');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    expect(() => new Spill(other)).toThrow(expect.objectContaining({ trouble: 'foreign' }));
  });

  it('refuses a file that cannot be written', () => {
    expect(() => new Spill('/dev/null/spill.sqlite')).toThrow(
      expect.objectContaining({ trouble: 'unwritable' }),
    );
  });
});
