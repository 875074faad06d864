import type { ProbeContext } from '../../src/core/probe.ts';
import type { Evidence, Reading } from '../../src/core/reading.ts';
import { isObject } from './outscale-answer.ts';
import type { OutscaleClient } from './outscale-client.ts';
import type { OutscaleResult } from './outscale-result.ts';

/** How long a run waits for the provider to tell the state, in milliseconds; the timeout must be longer. */
export const STATE_PATIENCE_MS = 2_000;

/**
 * Asks the provider for the state of a volume (ReadVolumes): creating, available, in-use, deleting or error; `unknown`
 * when it knows no such volume. Undefined when it does not tell in time, or at all.
 */
export async function askState(
  client: OutscaleClient,
  volumeId: string,
  context: ProbeContext,
): Promise<string | undefined> {
  const patience = new AbortController();
  const giveUp = (): void => patience.abort();
  const cancel = context.clock.after(STATE_PATIENCE_MS, giveUp);
  context.signal.addEventListener('abort', giveUp, { once: true });
  if (context.signal.aborted) giveUp();
  const parameters = { Filters: { VolumeIds: [volumeId] } };
  const call = client.prepare({ action: 'ReadVolumes', parameters });
  try {
    return stateIn(await call.share({ ...context, signal: patience.signal }), volumeId);
  } finally {
    cancel();
    context.signal.removeEventListener('abort', giveUp);
  }
}

function stateIn(result: OutscaleResult, volumeId: string): string | undefined {
  if (result.kind === 'unanswered' || result.meaning.kind !== 'served') return undefined;
  const { Volumes: volumes } = result.answer.fields;
  if (!Array.isArray(volumes) || !result.answer.wellFormed) return undefined;
  const volume: unknown = volumes.find((one: unknown) => isObject(one) && one['VolumeId'] === volumeId);
  if (!isObject(volume)) return 'unknown';
  const { State: state } = volume;
  return typeof state === 'string' ? state.slice(0, STATE_LENGTH) : undefined;
}

const STATE_LENGTH = 32;

/** A reading with the state beside it, where it was told: shown, and never what decides. */
export function besideState(reading: Reading, state: string | undefined): Reading {
  if (state === undefined) return reading;
  const said = `the API says ${state}`;
  if (reading.kind === 'blind') return { ...reading, detail: `${reading.detail.slice(0, ROOM)} (${said})` };
  const evidence: Evidence = { ...reading.evidence, volumeState: state };
  if (reading.kind === 'answer') return { ...reading, evidence };
  return { ...reading, evidence, detail: `${reading.detail.slice(0, ROOM)} (${said})` };
}

/** What a detail may hold before the state follows. */
const ROOM = 240;
