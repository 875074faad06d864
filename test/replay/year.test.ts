import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/replay/replay.ts';
import { configOf } from './config-from.ts';

const ROWS = ['sla4.internet', 'sla4.api', 'sla7.iops', 'sla6.durability', 'sla3.dns'];
const config = configOf({
  'contract.yaml': readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8'),
  'vigie.yaml': `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [a, b, c]
checks:
${ROWS.map((row, i) => `  - { id: c${i}, probe: tcp, row: ${row}, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: ${i + 1} } }`).join('\n')}
`,
});

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00+01:00');
const END = Date.parse('2027-01-01T00:00:00+01:00');

/** Every nineteen hours two minutes and ten seconds of an outage that two vantages see, and a blip that one sees. */
async function* year(): AsyncGenerator<string> {
  const instant = (ms: number): string => new Date(ms).toISOString();
  for (const { id: check } of config.checks) {
    for (const [i, vantage] of ['a', 'b', 'c'].entries()) {
      yield JSON.stringify({
        check,
        vantage,
        from: instant(START),
        to: instant(END + 60_000),
        outcome: 'good',
      });
      for (let at = START; at < END; at += 19 * HOUR) {
        const bad = { check, vantage, outcome: 'bad', cause: 'timeout' };
        if (vantage !== 'c') yield JSON.stringify({ ...bad, from: instant(at), to: instant(at + 130_000) });
        yield JSON.stringify({ ...bad, slot: instant(at + HOUR + i * 60_000) });
      }
    }
  }
}
describe('a year of five checks at 10 s from three vantages', () => {
  it('replays within a minute, to the slot', { timeout: 60_000 }, async () => {
    const periods = { year: { name: '2026', fromMs: START, toMs: END } };
    const last = await replay({ config, lines: year(), atMs: END + 50_000, periods });
    const outages = Math.ceil((END - START) / (19 * HOUR));
    expect(outages).toBe(462);
    const internet = last.find((one) => one.row === 'sla4.internet' && one.reading === 'client');
    expect(internet?.downtimeMs).toMatchObject({ raw: outages * 130_000, estimate: outages * 10_000 });
    expect(internet).toMatchObject({ state: 'undecided', unknownMs: 0 });
    const durability = last.find((one) => one.row === 'sla6.durability' && one.reading === 'client');
    expect(durability).toMatchObject({ state: 'not-falsified', unknownMs: outages * 130_000 });
    expect(durability?.durability?.objectYears).toBeCloseTo(1 - (outages * 130_000) / (END - START), 12);
  });
});
