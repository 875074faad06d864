import { describe, expect, test } from 'vitest';
import { claimDeadlines } from '../../src/live/claims.ts';
import type { Period } from '../../src/core/verdict.ts';
import { makeVerdict } from '../export/make-verdict.ts';
import { contractFrom } from '../export/rules-setup.ts';

const contract = (claimWithin: string) =>
  contractFrom(`
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
`);

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
    const deadlines = await claimDeadlines(contract('claimWithin: 30d'), at('2026-03-20T12:00:00Z'), past);
    expect(deadlines).toEqual([
      { row: 'web', scope: 'region', period: '2026-02', atMs: february + 30 * 86_400_000 },
    ]);
  });

  test('nothing at the very end of the limit', async () => {
    const past = verdictsOf('web client 2026-02');
    const last = february + 30 * 86_400_000;
    expect(await claimDeadlines(contract('claimWithin: 30d'), last - 1, past)).toHaveLength(1);
    expect(await claimDeadlines(contract('claimWithin: 30d'), last, past)).toEqual([]);
  });

  test('as many months back as the limit reaches', async () => {
    const past = verdictsOf('web client 2025-12', 'web client 2026-02', 'web client 2025-10');
    const deadlines = await claimDeadlines(contract('claimWithin: 90d'), at('2026-03-20T12:00:00Z'), past);
    expect(deadlines.map(({ period }) => period)).toEqual(['2026-02', '2025-12']);
  });

  test('without a limit in the contract no past period is judged', async () => {
    const never = (): never => {
      throw new Error('asked');
    };
    expect(await claimDeadlines(contract("cap: '30'"), at('2026-03-20T12:00:00Z'), never)).toEqual([]);
  });
});
