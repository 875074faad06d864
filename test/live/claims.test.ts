import { describe, expect, test } from 'vitest';
import { claimDeadlines, type PastVerdicts } from '../../src/live/claims.ts';
import type { Period } from '../../src/core/verdict.ts';
import { REPLACED_AT, TWO_CONTRACTS } from '../contract/replaced-contracts.ts';
import { makeVerdict } from '../export/make-verdict.ts';
import { contractFrom } from '../export/rules-setup.ts';

const contracts = (claimWithin: string) => ({
  contract: contractFrom(`
id: claims
version: '1'
timezone: Europe/Paris
period: {}
readings: { client: {}, provider: {} }
rows:
  - { id: web, clause: '1', title: Site, type: availability, target: '99.9', period: month }
  - { id: mail, clause: '2', title: Mail, type: availability, target: '99.9', period: month }
penalties:
  - { rows: [web], tiers: [{ below: '99.9', credit: '10' }], ${claimWithin} }
  - { rows: [web, mail], tiers: [{ below: '99', credit: '30' }] }
`),
});

const at = (text: string): number => Date.parse(text);
const verdictsOf =
  (...breached: readonly string[]) =>
  (_kind: string, period: Period) =>
    Promise.resolve(
      ['web', 'mail'].flatMap((row) =>
        ['client', 'provider'].map((reading) =>
          makeVerdict({
            row,
            reading,
            period,
            state: breached.includes(`${row} ${reading} ${period.name}`) ? 'breached' : 'met',
          }),
        ),
      ),
    );

describe('claimDeadlines', () => {
  const february = at('2026-02-28T23:00:00Z');

  test('a breach of last month under the first reading, until the limit after the end of the month', async () => {
    const past = verdictsOf('web client 2026-02', 'mail client 2026-02', 'web provider 2026-01');
    const deadlines = await claimDeadlines(contracts('claimWithin: 30d'), at('2026-03-20T12:00:00Z'), past);
    expect(deadlines).toEqual([
      { row: 'web', scope: 'region', period: '2026-02', atMs: february + 30 * 86_400_000 },
    ]);
  });

  test('nothing at the very end of the limit', async () => {
    const past = verdictsOf('web client 2026-02');
    const last = february + 30 * 86_400_000;
    expect(await claimDeadlines(contracts('claimWithin: 30d'), last - 1, past)).toHaveLength(1);
    expect(await claimDeadlines(contracts('claimWithin: 30d'), last, past)).toEqual([]);
  });

  test('as many months back as the limit reaches', async () => {
    const past = verdictsOf('web client 2025-12', 'web client 2026-02', 'web client 2025-10');
    const deadlines = await claimDeadlines(contracts('claimWithin: 90d'), at('2026-03-20T12:00:00Z'), past);
    expect(deadlines.map(({ period }) => period)).toEqual(['2026-02', '2025-12']);
  });

  test('without a limit in the contract no past period is judged', async () => {
    const never = (): never => {
      throw new Error('asked');
    };
    expect(await claimDeadlines(contracts("cap: '30'"), at('2026-03-20T12:00:00Z'), never)).toEqual([]);
  });

  describe('under two contracts, the second from 1 July 2026 in Paris', () => {
    const DAY_MS = 86_400_000;
    const year = { fromMs: at('2025-12-31T23:00:00Z'), toMs: at('2026-12-31T23:00:00Z') };
    const part = (index: number) => ({ of: '2026', index, count: 2 });
    const first = { name: '2026@2026-01-01', fromMs: year.fromMs, toMs: REPLACED_AT, part: part(1) };
    const second = { name: '2026@2026-07-01', fromMs: REPLACED_AT, toMs: year.toMs, part: part(2) };
    const months = { '2026-06': at('2026-06-30T22:00:00Z'), '2026-07': at('2026-07-31T22:00:00Z') };

    /** Mail was broken in June and July, the web in both parts of the year, under each reading. */
    const past: PastVerdicts = (kind, period) => {
      const readings = ['client', 'provider'];
      const broken = (row: string, ...periods: readonly Period[]) =>
        periods.flatMap((one) =>
          readings.map((reading) => makeVerdict({ row, reading, period: one, state: 'breached' })),
        );
      if (kind === 'month') return Promise.resolve(period.name in months ? broken('mail', period) : []);
      return Promise.resolve(period.name === '2026' ? broken('web', first, second) : []);
    };
    const told = async (now: string) =>
      (await claimDeadlines(TWO_CONTRACTS, at(now), past)).map(({ row, period, atMs }) => [
        row,
        period,
        atMs,
      ]);

    test('each period by the terms that held at its end: 30 days for June, 60 for July', async () => {
      expect(await told('2026-08-01T00:00:00Z')).not.toContainEqual(expect.arrayContaining(['2026-06']));
      expect(await told('2026-07-30T21:59:59.999Z')).toEqual([
        ['mail', '2026-06', months['2026-06'] + 30 * DAY_MS],
        ['web', first.name, REPLACED_AT + 30 * DAY_MS],
      ]);
      expect(await told('2026-09-29T21:59:59.999Z')).toEqual([
        ['mail', '2026-07', months['2026-07'] + 60 * DAY_MS],
      ]);
      expect(await told('2026-09-29T22:00:00Z')).toEqual([]);
    });

    test('a part of a year that still goes on from its own end on, and no part before it is over', async () => {
      expect(await told('2026-06-30T21:59:59.999Z')).toEqual([]);
      expect(await told('2026-06-30T22:00:00Z')).toContainEqual([
        'web',
        first.name,
        REPLACED_AT + 30 * DAY_MS,
      ]);
      expect(await told('2027-01-02T00:00:00Z')).toEqual([['web', second.name, year.toMs + 60 * DAY_MS]]);
    });

    test('under the reading that came first in the contract of then', async () => {
      const under =
        (wanted: string): PastVerdicts =>
        async (kind, period) =>
          (await past(kind, period)).filter(({ reading }) => reading === wanted);
      const periods = async (now: string, reading: string) =>
        (await claimDeadlines(TWO_CONTRACTS, at(now), under(reading))).map(({ period }) => period);
      expect(await periods('2026-07-20T00:00:00Z', 'client')).toEqual(['2026-06', first.name]);
      expect(await periods('2026-07-20T00:00:00Z', 'provider')).toEqual([]);
      expect(await periods('2026-09-20T00:00:00Z', 'client')).toEqual([]);
      expect(await periods('2026-09-20T00:00:00Z', 'provider')).toEqual(['2026-07']);
    });
  });
});
