import { expect, it } from 'vitest';
import { contract, staged, VANTAGES } from './staged-month.ts';

const MINUTE_MS = 60_000;
const FILES = {
  'contract.yaml': contract(),
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [${VANTAGES.join(', ')}]
checks:
  - { id: web, probe: tcp, row: web, interval: 1h, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: mail, probe: tcp, row: mail, interval: 5m, timeout: 3s, with: { host: 127.0.0.1, port: 2 } }
`,
};
const INTERVALS = { web: 60 * MINUTE_MS, mail: 5 * MINUTE_MS };

it('ClosingDesk: a check of an hour that goes silent with the end of the grace is closed as it was seen, and nothing is amended', async () => {
  const { clock, store, loop, desk, closed } = await staged(FILES, '2026-03-31T21:30:00Z');
  const graceEndsMs = Date.parse('2026-04-01T00:00:00Z');
  const see = async (check: keyof typeof INTERVALS): Promise<void> => {
    const key = { check, intervalMs: INTERVALS[check], outcome: 'good' as const };
    const slot = Math.floor(clock.wallMs() / key.intervalMs);
    await store.put(VANTAGES.map((vantage) => ({ ...key, vantage, slot })));
  };
  await loop.start();
  while (clock.wallMs() < Date.parse('2026-04-01T03:00:00Z')) {
    if (clock.wallMs() < graceEndsMs) await see('web');
    await see('mail');
    await clock.advance(MINUTE_MS);
    await desk.look();
  }
  expect(closed.map(({ closing: { number, madeAt } }) => [number, madeAt])).toEqual([
    [0, '2026-04-01T00:00:00.000Z'],
  ]);
  await loop.stop();
});
