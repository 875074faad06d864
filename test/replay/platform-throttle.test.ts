import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { replay } from '../../src/replay/replay.ts';
import { configFrom } from './config-from.ts';

const SHIPPED = readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8');

async function* linesOf(lines: readonly object[]): AsyncGenerator<string> {
  yield* lines.map((line) => JSON.stringify(line));
}

/** Ten minutes of one cause in a morning that is otherwise good, as both readings of the shipped contract have it. */
async function verdictsOn(cause: string): Promise<Readonly<Record<string, Verdict>>> {
  const config = configFrom({ contract: SHIPPED, row: 'sla9.api', interval: '10s', vantages: ['outside'] });
  const common = { check: 'check', vantage: 'outside' };
  const verdicts = await replay({
    config,
    lines: linesOf([
      { ...common, from: '2026-03-01T00:00:00Z', to: '2026-03-01T12:00:00Z', outcome: 'good' },
      { ...common, from: '2026-03-01T06:00:00Z', to: '2026-03-01T06:10:00Z', outcome: 'bad', cause },
    ]),
    atMs: Date.parse('2026-03-01T12:00:00Z'),
    periods: {},
  });
  const own = verdicts.filter(({ row }) => row === 'sla9.api');
  return Object.fromEntries(own.map((verdict) => [verdict.reading, verdict]));
}

describe('config/contracts/outscale-secnumcloud.yaml: a throttle of the whole platform (503 with code 6)', () => {
  it('counts as downtime under the client’s reading, and is excluded under the provider’s', async () => {
    const { client, provider } = await verdictsOn('platform-throttle');
    expect(client).toMatchObject({ downtimeMs: { estimate: 600_000 }, excludedMs: 0 });
    expect(provider).toMatchObject({ downtimeMs: { estimate: 0, raw: 0 }, excludedMs: 600_000 });
  });

  it('is the only cause that they differ on: a bare 503 counts under both', async () => {
    const { client, provider } = await verdictsOn('status');
    expect(client?.downtimeMs.estimate).toBe(600_000);
    expect(provider?.downtimeMs.estimate).toBe(600_000);
  });
});
