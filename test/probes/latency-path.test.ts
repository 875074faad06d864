import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { latencyProbe } from '../../probes/latency.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { whileBusy } from '../lab/burners.ts';
import { type DelayLine, layDelayLine } from '../lab/delay-line.ts';
import { type Inside, listenInside, startInside } from '../lab/inside.ts';
import { slotsInside } from '../lab/slots-inside.ts';
import { canMakeNamespaces, createNamespace } from '../servers/netns.ts';
import { findProgram } from '../servers/packages.ts';
import { type ProbeRunner, startProbeRunner } from '../servers/probe-in.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const [NEAR, FAR] = ['198.18.7.1', '198.18.7.2'];
const TCP_PORT = 8_080;
const SERIES = { host: FAR, spacing: '20ms' };
const BOUND = { minMs: { atMost: 10 } };
const DEADLINE_MS = 5_000;
const RUNNERS = 5;
/** As many as there are minutes in the criterion. */
const SLOTS = 200;

function outcomeOf(reading: Reading): string {
  const kind = latencyProbe();
  const classified = classify(reading, BOUND, kind.values(kind.settings.parse(SERIES)));
  return classified.outcome === 'bad' ? `bad: ${classified.cause}` : classified.outcome;
}

function latencyOf(reading: Reading): number {
  return reading.kind === 'answer' ? reading.latencyMs : Number.NaN;
}

const CAN = canMakeNamespaces() && existsSync('/dev/net/tun') && findProgram('python3') !== undefined;

describe.skipIf(!CAN)('latency through a path of known delay (needs root, iproute2, python3 and TUN)', () => {
  const [near, far] = CAN ? [createNamespace(), createNamespace()] : [];
  let line: DelayLine;
  let runners: readonly ProbeRunner[] = [];
  const servers: Inside[] = [];

  beforeAll(async () => {
    if (!near || !far) return;
    line = await layDelayLine(
      { namespace: near, address: `${NEAR}/24` },
      { namespace: far, address: `${FAR}/24` },
    );
    const reflector = ['reflect', '--listen', FAR, '--peer', NEAR, '--rate', '1000'];
    servers.push(
      await startInside(far, process.execPath, MAIN, ...reflector),
      await listenInside(far, TCP_PORT),
    );
    // The far side is no part of the machine that is busy.
    for (const server of servers) server.goFirst();
    runners = Array.from({ length: RUNNERS }, () => startProbeRunner(near));
  });

  afterAll(async () => {
    await Promise.all([
      ...runners.map((runner) => runner.close()),
      ...servers.map((server) => server.stop()),
    ]);
    await line.close();
    near?.remove();
    far?.remove();
  });

  /** What the daemon makes of as many slots, by the words of each. */
  async function decided(): Promise<readonly string[]> {
    if (!near) return [];
    const check = { kind: 'latency', settings: SERIES, expectations: BOUND, timeoutMs: DEADLINE_MS };
    return slotsInside(near, { ...check, attempts: 1, slots: SLOTS, together: RUNNERS });
  }

  async function series(rounds: number, settings: object = SERIES): Promise<readonly Reading[]> {
    const each = runners.flatMap((runner) =>
      Array.from({ length: rounds }, () => runner.probe('latency', settings, DEADLINE_MS)),
    );
    return Promise.all(each);
  }

  test.each([
    [9, 'good', 'bad'],
    [11, 'bad slow', 'good'],
  ])(
    '%d ms, every core busy: no slot of 200 is taken for the other side of 10 ms (SLA2): %s, never %s',
    async (delayMs, right, wrong) => {
      await line.set(delayMs);
      const outcomes = await whileBusy(decided);
      const of = (outcome: string): readonly string[] => outcomes.filter((each) => each.startsWith(outcome));
      const told = `${of(right).length} of ${outcomes.length} ${right}`;
      console.log(`${delayMs} ms: ${told}, ${of('absent loop-late').length} absent`);
      expect(of(wrong)).toEqual([]);
      // What our own lateness leaves in doubt is absent.
      expect(of(right).length + of('absent loop-late').length).toBe(outcomes.length);
      expect(of(right).length, 'slots decided').toBeGreaterThan(0);
    },
    90_000,
  );

  test('a third of the packets lost: the share that did not come back is told, and the minimum stands', async () => {
    await line.set(9, 0.33);
    const readings = await series(2);
    expect(readings.map(outcomeOf)).toEqual(readings.map(() => 'good'));
    const lost = readings.map((each) => (each.kind === 'answer' ? Number(each.values?.['lossRatio']) : 1));
    const share = lost.reduce((sum, ratio) => sum + ratio, 0) / lost.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.55);
  });

  test('all packets lost: fault timeout', async () => {
    await line.set(9, 1);
    const reading = await runners[0]?.probe('latency', { ...SERIES, roundTrips: 3 }, 300);
    expect(reading).toMatchObject({ kind: 'fault', fault: 'timeout' });
  });

  test('connecting: the smallest of 20 is the round trip', async () => {
    await line.set(9);
    for (const reading of await series(1, { ...SERIES, transport: 'tcp', port: TCP_PORT })) {
      expect(reading).toMatchObject({ kind: 'answer', values: { sent: 20, received: 20 } });
      expect(outcomeOf(reading)).toBe('good');
      expect(latencyOf(reading)).toBeGreaterThanOrEqual(9);
    }
  });
});
