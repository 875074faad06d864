import { describe, expect, test } from 'vitest';
import { LatencyLog } from '../../src/live/latency-log.ts';
import { configOf } from '../replay/config-from.ts';

const CONTRACT = `
id: c
version: "1"
timezone: UTC
period: {}
readings: { client: {} }
rows:
  - { id: web, clause: "1", title: Web, type: availability, target: "99.9", period: month }
`;
const [check] = configOf({
  'contract.yaml': CONTRACT,
  'vigie.yaml': `
contract: contract.yaml
region: r
vantages: [a]
checks:
  - { id: front, probe: tcp, row: web, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
`,
}).checks;
if (!check) throw new Error('there is a check in the configuration');
const STRETCH_SLOTS = 60;

describe('LatencyLog', () => {
  const note = (log: LatencyLog, slot: number, latencyMs: number | undefined): void =>
    log.note({ check, vantage: 'a', slot, latencyMs });

  test('stretches of ten minutes, the last as far as it has come', () => {
    const log = new LatencyLog();
    log.watch([check]);
    for (let slot = 0; slot < STRETCH_SLOTS * 2 + 3; slot++) note(log, slot, slot < STRETCH_SLOTS ? 10 : 20);
    note(log, STRETCH_SLOTS * 2 + 3, undefined);
    const [series] = log.series(['front', 'other']);
    expect(series?.stretches.map(({ fromMs, count, max }) => [fromMs, count, max])).toEqual([
      [0, 60, 10],
      [600_000, 60, 20],
      [1_200_000, 3, 20],
    ]);
  });

  test('last: of each vantage the stretch that goes on', () => {
    const log = new LatencyLog();
    log.watch([check]);
    expect(log.last(['front'])).toEqual([]);
    for (let slot = 0; slot < STRETCH_SLOTS + 3; slot++) note(log, slot, 10);
    log.note({ check, vantage: 'b', slot: 0, latencyMs: 30 });
    expect(log.last(['front', 'other'])).toEqual(
      log.series(['front']).map((one) => ({ ...one, stretches: one.stretches.slice(-1) })),
    );
    expect(log.last(['front']).map(({ stretches }) => stretches.map(({ count }) => count))).toEqual([
      [3],
      [1],
    ]);
  });

  test('no more than a day is kept', () => {
    const log = new LatencyLog();
    log.watch([check]);
    for (let stretch = 0; stretch < 200; stretch++) note(log, stretch * STRETCH_SLOTS, 1);
    const stretches = log.series(['front'])[0]?.stretches ?? [];
    expect([stretches.length, stretches[0]?.fromMs]).toEqual([144, 56 * 600_000]);
  });

  test('a check that is watched no longer is forgotten, one that stays is not', () => {
    const log = new LatencyLog();
    log.watch([check]);
    note(log, 0, 1);
    log.watch([check]);
    expect(log.series(['front'])).toHaveLength(1);
    log.watch([]);
    expect(log.series(['front'])).toEqual([]);
    note(log, 1, 1);
    log.watch([check]);
    expect(log.series(['front'])).toEqual([]);
  });
});
