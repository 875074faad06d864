import { describe, expect, it } from 'vitest';
import { better, kissOf, sampleOf } from '../../../probes/lib/ntp-sample.ts';
import type { NtpSample } from '../../../probes/lib/ntp-sample.ts';
import { NTP_MODE, timestampOf } from '../../../probes/wire/ntp.ts';
import type { NtpPacket } from '../../../probes/wire/ntp.ts';

const WALL_LESS_MONOTONIC = Date.parse('2026-03-01T00:00:00Z');

function packetOf(receiveMs: number, transmitMs: number, fields: Partial<NtpPacket> = {}): NtpPacket {
  return {
    leap: 0,
    version: 4,
    mode: NTP_MODE.server,
    stratum: 2,
    poll: 0,
    precision: -20,
    rootDelayMs: 0,
    rootDispersionMs: 0,
    referenceId: 1,
    reference: 0n,
    origin: 0n,
    receive: timestampOf(WALL_LESS_MONOTONIC + receiveMs),
    transmit: timestampOf(WALL_LESS_MONOTONIC + transmitMs),
    ...fields,
  };
}

/** Sent at 1000, arrived at 1100, both by our clock; the server's own times are given by our clock as well. */
const sampleAt = (receiveMs: number, transmitMs: number): NtpSample =>
  sampleOf({ packet: packetOf(receiveMs, transmitMs), sentMs: 1_000, arrivedMs: 1_100 }, WALL_LESS_MONOTONIC);

describe('sampleOf (RFC 5905 §8)', () => {
  it.each([
    ['a clock in step, half way', 1_050, 1_050, 0, 100],
    ['a server that is 200 ms ahead and takes 20 ms', 1_240, 1_260, 200, 80],
    ['a server that is 200 ms behind', 850, 850, -200, 100],
    ['a way there of 30 ms and back of 50 ms: an error of 10 ms', 1_030, 1_050, -10, 80],
    ['a turnaround that seems a little longer than the round trip', 998, 1_104, 1, 0],
  ])('%s', (_, receiveMs, transmitMs, offsetMs, delayMs) => {
    const sample = sampleAt(receiveMs, transmitMs);
    expect(sample.synchronised).toBe(true);
    expect(sample.roundTripMs).toBe(100);
    expect(sample.offsetMs).toBeCloseTo(offsetMs, 2);
    expect(sample.delayMs).toBeCloseTo(delayMs, 2);
  });

  it.each([
    ['a turnaround much longer than the round trip', 1_000, 1_111],
    ['a turnaround that goes back', 1_050, 1_039],
  ])('%s tells no time', (_, receiveMs, transmitMs) => {
    expect(sampleAt(receiveMs, transmitMs)).toMatchObject({
      offsetMs: undefined,
      synchronised: false,
      delayMs: 100,
    });
  });
});

describe('better', () => {
  const sample = (fields: Partial<NtpSample>): NtpSample => ({ ...sampleAt(1_050, 1_050), ...fields });
  it.each([
    ['synchronised before quick', { delayMs: 90 }, { delayMs: 1, synchronised: false }],
    [
      'one that tells the time before a quick one',
      { delayMs: 90, synchronised: false },
      { delayMs: 1, synchronised: false, offsetMs: undefined },
    ],
    ['quick before slow', { delayMs: 1 }, { delayMs: 2 }],
  ])('%s, in either order', (_, first, second) => {
    const [winner, loser] = [sample(first), sample(second)];
    expect(better(winner, loser)).toBe(winner);
    expect(better(loser, winner)).toBe(winner);
  });
});

describe('kissOf', () => {
  it.each([
    ['RATE', 0, 'RATE'],
    ['DENY', 0, 'DENY'],
    ['RSTR', 0, 'RSTR'],
    ['INIT', 0, undefined],
    ['RATE', 1, undefined],
  ])('%s at stratum %i: %s', (letters, stratum, kiss) => {
    const referenceId = Buffer.from(letters, 'latin1').readUInt32BE();
    expect(kissOf(packetOf(0, 0, { stratum, referenceId }))).toBe(kiss);
  });
});
