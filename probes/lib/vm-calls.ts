import { parseInstant } from '../../src/core/instant.ts';
import { isObject } from './outscale-answer.ts';
import type { OutscaleAnswered, OutscaleResult } from './outscale-result.ts';
import type { StartCall, StartResult, VmCall } from './vm-state.ts';

/** The calls that start or stop a machine, as the record of calls names them. */
export const RECORDED_CALLS = ['StartVms', 'StopVms', 'DeleteVms'] as const;

/** Codes of 10000 to 10999 are limits, the client's own but for these: the provider's capacity. */
const CAPACITY_CODES: readonly string[] = ['10001'];
const LIMIT_CODE = /^10\d{3}$/;

/**
 * What came of a call of our own to start a machine; `atMs` is its instant by the provider's clock. Without an answer
 * it may have been carried out. An error of the provider's (5xx) and its lack of capacity are failures; an error of
 * the call's own, a wrong state (409) and any throttle say nothing.
 */
export function ownStart(result: OutscaleResult, atMs: number): StartCall {
  if (result.kind === 'answered') return answeredStart(result, atMs);
  const sent = result.reading.kind === 'blind' ? 'void' : 'sent';
  return { kind: 'start', atMs, requestId: undefined, result: sent, answer: undefined };
}

function answeredStart({ answer, meaning }: OutscaleAnswered, atMs: number): StartCall {
  const code = answer.error?.code;
  return {
    kind: 'start',
    atMs,
    requestId: answer.requestId,
    result: meaning.kind === 'served' ? 'sent' : meaning.kind === 'failed' ? ofError() : 'void',
    answer: code === undefined ? String(answer.status) : `${answer.status} ${code}`,
  };

  function ofError(): StartResult {
    if (answer.status >= 500 || (code !== undefined && CAPACITY_CODES.includes(code))) return 'failed';
    return code !== undefined && LIMIT_CODE.test(code) ? 'quota' : 'void';
  }
}

/**
 * What a status alone says of a start on record, where no code is kept. 503 may be a throttle of the whole platform,
 * and 400 the client's quota as well as a lack of capacity.
 */
function recordedResult(status: number): StartResult {
  if (status >= 200 && status <= 299) return 'sent';
  if (status === 400) return 'refused';
  return status >= 500 && status !== 503 ? 'failed' : 'void';
}

/**
 * The calls of one machine in a page of `ReadApiLogs`, in the order of the page. Undefined when the page is not one.
 * Members that are not whole are left out, and so are dry runs and stops that were not carried out.
 */
export function recordedCalls(
  fields: Readonly<Record<string, unknown>>,
  vmId: string,
): readonly VmCall[] | undefined {
  const logs = fields['Logs'];
  if (!Array.isArray(logs)) return undefined;
  return logs.flatMap((log: unknown): readonly VmCall[] => {
    const call = isObject(log) ? recordedCall(log, vmId) : undefined;
    return call ? [call] : [];
  });
}

function recordedCall(log: Readonly<Record<string, unknown>>, vmId: string): VmCall | undefined {
  const { QueryCallName: name, QueryDate: date, ResponseStatusCode: status, RequestId: id } = log;
  const atMs = typeof date === 'string' ? parseInstant(date) : undefined;
  if (atMs === undefined || typeof status !== 'number' || !concerns(log['QueryPayloadRaw'], vmId))
    return undefined;
  const requestId = typeof id === 'string' ? id : undefined;
  if (name === 'StartVms')
    return { kind: 'start', atMs, requestId, result: recordedResult(status), answer: String(status) };
  const stopped = (name === 'StopVms' || name === 'DeleteVms') && status >= 200 && status <= 299;
  return stopped ? { kind: 'stop', atMs, requestId } : undefined;
}

function concerns(payload: unknown, vmId: string): boolean {
  if (typeof payload !== 'string') return false;
  try {
    const body: unknown = JSON.parse(payload);
    if (!isObject(body) || body['DryRun'] === true) return false;
    const ids = body['VmIds'];
    return Array.isArray(ids) && ids.includes(vmId);
  } catch {
    return false;
  }
}
