import type { ProbeContext } from '../../src/core/probe.ts';
import type { OutscaleClient } from './outscale-client.ts';
import { toldBy } from './outscale-result.ts';
import { RECORDED_CALLS, recordedCalls } from './vm-calls.ts';
import type { VmCall } from './vm-state.ts';

/** The provider keeps its record of calls for 32 days. */
const RECORD_KEPT_MS = 31 * 86_400_000;
const PAGE_LENGTH = 500;
const MOST_PAGES = 10;

/** The calls of one machine on record, or why they could not be read, whole, to the end. */
export type VmRecord =
  | { readonly kind: 'read'; readonly calls: readonly VmCall[] }
  | { readonly kind: 'unread'; readonly why: string };

/**
 * Reads the record of calls (`ReadApiLogs`) for one machine, back to `fromMs` (all that is kept when undefined);
 * `nowMs` by the provider's clock, both in milliseconds since the epoch. A record read in part would hide who stopped
 * the machine, and counts as unread.
 */
export async function readRecord(
  client: OutscaleClient,
  vmId: string,
  { fromMs, nowMs }: { readonly fromMs: number | undefined; readonly nowMs: number },
  context: ProbeContext,
): Promise<VmRecord> {
  const Filters = {
    QueryCallNames: RECORDED_CALLS,
    QueryDateAfter: isoInstant(Math.max(fromMs ?? -Infinity, nowMs - RECORD_KEPT_MS)),
    // Without an end it would be two days after the beginning.
    QueryDateBefore: isoInstant(nowMs + 60_000),
  };
  const all = { Filters, ResultsPerPage: PAGE_LENGTH, With: { QueryHeaderRaw: false } };
  const calls: VmCall[] = [];
  let page: object = {};
  for (let read = 0; read < MOST_PAGES; read++) {
    const call = client.prepare({ action: 'ReadApiLogs', parameters: { ...all, ...page } });
    const result = await call.share(context);
    if (result.kind === 'unanswered') return { kind: 'unread', why: result.reading.detail ?? '' };
    const { answer, meaning, label } = result;
    const found = meaning.kind === 'served' ? recordedCalls(answer.fields, vmId) : undefined;
    if (!found) return { kind: 'unread', why: `${label}: ${toldBy(answer)}` };
    calls.push(...found);
    const token = answer.fields['NextPageToken'];
    if (typeof token !== 'string' || token === '') return { kind: 'read', calls };
    page = { NextPageToken: token };
  }
  return { kind: 'unread', why: `more than ${MOST_PAGES * PAGE_LENGTH} calls on record` };
}

function isoInstant(ms: number): string {
  return new Date(Math.floor(ms)).toISOString();
}
