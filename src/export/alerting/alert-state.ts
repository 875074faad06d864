/** Where an alert stands: not there, waiting for its condition to have held for long enough, firing, or ended. */
export type AlertState =
  | { readonly phase: 'inactive' }
  | { readonly phase: 'pending'; readonly sinceMs: number }
  | {
      readonly phase: 'firing';
      /** When what it tells of began. */
      readonly startsMs: number;
      /** Since when its condition has not held; undefined while it does. */
      readonly quietSinceMs?: number;
    }
  | { readonly phase: 'ended'; readonly startsMs: number; readonly endedMs: number };

/** How long a condition must hold before the alert fires, and how long it goes on afterwards, in milliseconds. */
export interface AlertDelays {
  readonly forMs: number;
  readonly keepMs: number;
}

/**
 * The state of an alert after its condition was found to hold or not, as Prometheus has it (`for`,
 * `keep_firing_for`). What it tells of may have begun before it was known: `beganMs`.
 */
export function nextState(
  state: AlertState,
  {
    holds,
    nowMs,
    beganMs = nowMs,
  }: { readonly holds: boolean; readonly nowMs: number; readonly beganMs?: number },
  { forMs, keepMs }: AlertDelays,
): AlertState {
  if (holds) {
    if (state.phase === 'firing') return { phase: 'firing', startsMs: Math.min(state.startsMs, beganMs) };
    const sinceMs = state.phase === 'pending' ? state.sinceMs : nowMs;
    if (nowMs - sinceMs < forMs) return { phase: 'pending', sinceMs };
    return { phase: 'firing', startsMs: Math.min(sinceMs, beganMs) };
  }
  if (state.phase === 'pending') return { phase: 'inactive' };
  if (state.phase !== 'firing') return state;
  const quietSinceMs = state.quietSinceMs ?? nowMs;
  if (nowMs - quietSinceMs < keepMs) return { ...state, quietSinceMs };
  return { phase: 'ended', startsMs: state.startsMs, endedMs: nowMs };
}
