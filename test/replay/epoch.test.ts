import { describe, expect, it } from 'vitest';
import { replay } from '../../src/replay/replay.ts';
import { configFrom } from './config-from.ts';

const CONTRACT = `
id: test
version: "1"
timezone: UTC
period: {}
readings: { only: {} }
rows: [{ id: row, clause: C, title: T, type: availability, target: "99.9", period: month }]
`;

async function* lines(...objects: readonly object[]): AsyncGenerator<string> {
  for (const object of objects) yield JSON.stringify({ check: 'check', vantage: 'a', ...object });
}

describe('replay', () => {
  it('judges a record that begins at the epoch itself', async () => {
    const [verdict] = await replay({
      config: configFrom({ contract: CONTRACT, row: 'row', interval: '10s', vantages: ['a'] }),
      lines: lines(
        { from: '1970-01-01T00:00:00Z', to: '9999-12-31T00:00:00Z', outcome: 'good' },
        { from: '2026-03-10T00:00:00Z', to: '2026-03-10T02:00:00Z', outcome: 'bad', cause: 'timeout' },
      ),
      atMs: Date.parse('2026-03-15T00:00:00Z'),
      periods: {},
    });
    expect(verdict).toMatchObject({ state: 'breached', unknownMs: 0 });
    expect(verdict?.downtimeMs.estimate).toBe(7_200_000);
  });

  it('puts down to the provider only what a bad observation says, not what another vantage was refused for', async () => {
    const span = { from: '2026-03-10T00:00:00Z', to: '2026-03-10T01:00:00Z' };
    async function* seen(): AsyncGenerator<string> {
      const week = { from: '2026-03-01T00:00:00Z', to: '2026-03-12T00:00:00Z', outcome: 'good' };
      for (const vantage of ['a', 'b', 'c']) yield JSON.stringify({ check: 'check', vantage, ...week });
      for (const vantage of ['a', 'b'])
        yield JSON.stringify({ check: 'check', vantage, ...span, outcome: 'bad', cause: 'timeout' });
      yield JSON.stringify({
        check: 'check',
        vantage: 'c',
        ...span,
        outcome: 'excluded',
        cause: 'credentials',
      });
    }
    const [verdict] = await replay({
      config: configFrom({ contract: CONTRACT, row: 'row', interval: '10s', vantages: ['a', 'b', 'c'] }),
      lines: seen(),
      atMs: Date.parse('2026-03-12T00:00:00Z'),
      periods: {},
    });
    expect(verdict?.incidents.map(({ causes }) => causes)).toEqual([['timeout']]);
  });
});
