import { describe, expect, it } from 'vitest';
import type { OutscaleAnswered, OutscaleResult } from '../../../probes/lib/outscale-result.ts';
import { ownStart, recordedCalls } from '../../../probes/lib/vm-calls.ts';

const VM = 'i-0b0c5e01';
const LOG = {
  QueryCallName: 'StartVms',
  QueryDate: '2026-03-01T00:00:00.000Z',
  QueryPayloadRaw: JSON.stringify({ VmIds: ['i-0b0c5e02', VM] }),
  RequestId: 'r1',
  ResponseStatusCode: 500,
};

describe('recordedCalls: ReadApiLogs', () => {
  it('a start among those of other machines', () => {
    expect(recordedCalls({ Logs: [LOG] }, VM)).toEqual([
      { kind: 'start', atMs: Date.parse(LOG.QueryDate), requestId: 'r1', result: 'failed', answer: '500' },
    ]);
  });

  it.each([
    ['nothing', null],
    ['a number', 7],
    ['no date', { ...LOG, QueryDate: undefined }],
    ['a date that is none', { ...LOG, QueryDate: '2026-02-31T00:00:00Z' }],
    ['no status', { ...LOG, ResponseStatusCode: '500' }],
    ['no payload', { ...LOG, QueryPayloadRaw: undefined }],
    ['a payload cut short', { ...LOG, QueryPayloadRaw: LOG.QueryPayloadRaw.slice(0, -1) }],
    ['a payload that names no machines', { ...LOG, QueryPayloadRaw: '{"VmIds":"all"}' }],
    ['a dry run', { ...LOG, QueryPayloadRaw: JSON.stringify({ VmIds: [VM], DryRun: true }) }],
    ['another call', { ...LOG, QueryCallName: 'RebootVms' }],
  ])('%s: left out', (_case, log) => {
    expect(recordedCalls({ Logs: [log, LOG] }, VM)).toHaveLength(1);
  });

  it.each([[{}], [{ Logs: 'none' }], [{ Logs: {} }]])('%j is no record', (fields) => {
    expect(recordedCalls(fields, VM)).toBeUndefined();
  });
});

describe('ownStart: StartVms', () => {
  const answered = (
    status: number,
    code: string | undefined,
    kind: 'served' | 'failed',
  ): OutscaleAnswered => ({
    kind: 'answered',
    answer: {
      status,
      wellFormed: true,
      fields: {},
      xml: '',
      ...(code === undefined ? {} : { error: { code, type: '' } }),
    },
    meaning: { kind },
    seen: { kind: 'answer', latencyMs: 1 },
    label: 'StartVms',
    clockAheadMs: 0,
  });
  const unanswered = (kind: 'blind' | 'fault'): OutscaleResult => ({
    kind: 'unanswered',
    reading:
      kind === 'blind'
        ? { kind, blind: 'credentials', detail: '' }
        : { kind, fault: 'timeout', detail: 'no answer' },
  });

  it.each<[string, OutscaleResult, string]>([
    ['carried out', answered(200, undefined, 'served'), 'sent'],
    ['no answer: it may have been', unanswered('fault'), 'sent'],
    ['not sent', unanswered('blind'), 'void'],
    ['no capacity', answered(400, '10001', 'failed'), 'failed'],
    ['quota of machines', answered(400, '10042', 'failed'), 'quota'],
    ['another limit', answered(400, '10999', 'failed'), 'quota'],
    ['an error without a code', answered(502, undefined, 'failed'), 'failed'],
    ['no such machine', answered(400, '5063', 'failed'), 'void'],
    ['a code that only begins like a limit', answered(400, '100011', 'failed'), 'void'],
    [
      'platform throttle',
      { ...answered(503, '6', 'failed'), meaning: { kind: 'platform-throttle' } },
      'void',
    ],
  ])('%s', (_case, result, expected) => {
    expect(ownStart(result, 5)).toMatchObject({ kind: 'start', atMs: 5, result: expected });
  });
});
