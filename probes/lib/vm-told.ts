import { isObject } from './outscale-answer.ts';
import type { OutscaleAnswered, OutscaleResult } from './outscale-result.ts';
import { VM_STATES, type VmState } from './vm-state.ts';

/** What the provider tells of a machine. */
export interface VmTold {
  readonly state: VmState;
  readonly subregion: string | undefined;
  /** Planned interventions, each as `system-reboot 2026-03-10T22:00:00Z/2026-03-11T00:00:00Z`. */
  readonly maintenance: readonly string[];
  /** The answer that tells it. */
  readonly by: OutscaleAnswered;
}

const MOST_EVENTS = 20;
const LONGEST_TEXT = 100;

/**
 * What an answer to `ReadVmsState` tells of a machine; `gone` when it is a whole answer, and the last page, that does not name it.
 * Undefined when it is no such answer, or the state is none that we know.
 */
export function toldOf(result: OutscaleResult, vmId: string): VmTold | undefined {
  if (result.kind === 'unanswered' || result.meaning.kind !== 'served') return undefined;
  const states = result.answer.fields['VmStates'];
  if (!result.answer.wellFormed || !Array.isArray(states)) return undefined;
  const members = states.filter((member: unknown) => isObject(member));
  const vm = members.find((member) => member['VmId'] === vmId);
  if (!vm && typeof result.answer.fields['NextPageToken'] === 'string') return undefined;
  if (!vm) return { state: 'gone', subregion: undefined, maintenance: [], by: result };
  const state = VM_STATES.find((each) => each === vm['VmState']);
  if (state === undefined) return undefined;
  return {
    state,
    subregion: shortText(vm['SubregionName']),
    maintenance: maintenanceOf(vm['MaintenanceEvents']),
    by: result,
  };
}

function maintenanceOf(events: unknown): readonly string[] {
  if (!Array.isArray(events)) return [];
  return events.slice(0, MOST_EVENTS).flatMap((event: unknown) => {
    if (!isObject(event)) return [];
    const [code, from, to] = [event['Code'], event['NotBefore'], event['NotAfter']].map(shortText);
    return [`${code ?? 'event'} ${from ?? ''}/${to ?? ''}`];
  });
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ').slice(0, LONGEST_TEXT) : undefined;
}
