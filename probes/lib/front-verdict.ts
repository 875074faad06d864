/** What a front was seen to do; `failing` is an HTTP status of 500 or more, `dead` is no answer at all. */
export type FrontState = 'answers' | 'failing' | 'dead' | 'unseen';

/**
 * What is known of one backend. `down`: of its own accord, whoever it is that runs it: us. `cut-off`: the balancer
 * itself says that it is the balancer which does not reach it. `unknown`: the balancer does not say. `unseen`: we could
 * not look.
 */
export type BackendState = 'up' | 'down' | 'cut-off' | 'unknown' | 'unseen';

/**
 * Whose doing it is (contract SLA5). `served`: nobody's. `front`: the balancer's. `no-backend`: ours, nothing is
 * there that it could pass a request to. `unseen`: cannot be told.
 */
export type FrontVerdict = 'served' | 'front' | 'no-backend' | 'unseen';

/**
 * Who is at fault for what a front does. A front that answers settles it; one that does not is the provider's fault
 * as soon as one backend is up, and ours when all are down. Where nothing is known of a backend the front decides, but
 * not where it is we who failed to look.
 */
export function frontVerdict(front: FrontState, backends: readonly BackendState[]): FrontVerdict {
  if (front === 'answers') return 'served';
  if (front === 'unseen') return 'unseen';
  if (backends.includes('up') || backends.includes('cut-off')) return 'front';
  if (backends.includes('unseen')) return 'unseen';
  return backends.length === 0 || backends.includes('unknown') ? 'front' : 'no-backend';
}
