import type { ConfiguredProbe } from '../core/probe.ts';

/**
 * Uniform in [0, 1) and the same for the same text on every machine and in every version: FNV-1a over the UTF-16
 * units, spread by the finalizer of MurmurHash3, since ids that differ in the last letter must not end up close.
 */
export function stableFraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

type Weight = Pick<ConfiguredProbe, 'light'>;

/** What the phase depends on, beside how much a run takes: nothing else moves it inside its slot. */
export interface Phased {
  readonly id: string;
  readonly intervalMs: number;
  readonly vantages: readonly string[];
}

/**
 * Checks begin at multiples of this, so that on a busy machine several share one turn of the event loop: a turn for
 * each costs a sixth more. A tick is short enough for none to wait long for those before it, and therefore longer
 * where each takes little: asking by a datagram costs a third of what a connection does.
 */
const TICK_MS = 5;
const LIGHT_TICK_MS = 10;

/**
 * How far into each slot a vantage runs a check, in whole milliseconds of [0, T) (sla-math §1). A hash of the
 * check's id spreads the checks over the slot, in steps of a tick; its V vantages, in the order of a hash of their own,
 * follow each other T/V apart, so that no two of them ask within the same second while T/V is a second or more. Stable
 * under restarts, and the same for every process that knows the same vantages.
 */
export function phaseMs(check: Phased, vantage: string, { light = false }: Weight = {}): number {
  const order = [...check.vantages].sort((a, b) => byFraction(check.id, a, b));
  const rank = order.indexOf(vantage);
  if (rank < 0) throw new RangeError(`vantage ${vantage} is not one of check ${check.id}`);
  const tickMs = light ? LIGHT_TICK_MS : TICK_MS;
  const base = Math.floor((stableFraction(check.id) * check.intervalMs) / tickMs) * tickMs;
  return (base + Math.floor((rank * check.intervalMs) / order.length)) % check.intervalMs;
}

function byFraction(id: string, a: string, b: string): number {
  return stableFraction(`${id}\0${a}`) - stableFraction(`${id}\0${b}`) || (a < b ? -1 : 1);
}
