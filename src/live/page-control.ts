import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import { getBit, type SlotBits, type VantageBits } from '../core/slots.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { LatencyControlOptions } from './latency-control.ts';
import { shownLatencies } from './latency-shown.ts';
import type { PageSources, SlotOutcome, SlotStrip } from '../web/pages/page-sources.ts';
import type { WindowStore } from '../window/store.ts';

/** What the pages are shown. All is asked for at each request. */
export interface PageControlOptions {
  readonly config: () => Config;
  readonly tickets: () => readonly TicketVerdict[];
  readonly latencies: LatencyControlOptions;
  /** Undefined before it is opened. */
  readonly store: () => Pick<WindowStore, 'read'> | undefined;
  readonly nowMs: () => number;
}

/** How many slots of a check are shown. */
const SLOTS_SHOWN = 60;
/** Of how many checks of a member slots are shown. */
const MOST_CHECKS = 20;

/** What the pages show beside what the API tells. */
export function pageControl(options: PageControlOptions): PageSources {
  const { config, tickets, latencies, store, nowMs } = options;
  return {
    tickets: () => tickets().map(ticketJson),
    limitMs: (row) => limitOf(config(), row),
    latencies: shownLatencies(latencies),
    async strips(ids) {
      const windows = store();
      const checks = config()
        .checks.filter(({ id }) => ids.includes(id))
        .slice(0, MOST_CHECKS);
      if (!windows) return [];
      const atMs = nowMs();
      // The bits may be views of what the store works with: they are read in this very turn.
      const read = await windows.read(checks.map((check) => lately(check, atMs)));
      return checks.flatMap((check, i) => {
        const bits = read[i];
        return bits ? [stripOf(check, bits, atMs)] : [];
      });
    },
  };
}

function limitOf({ contract }: Config, row: string): number | null {
  const promise = contract.rows.find(({ id }) => id === row);
  switch (promise?.type) {
    case 'support':
      return promise.limit;
    case 'latency-bound':
      return promise.bound;
    default:
      return null;
  }
}

function lately({ id, intervalMs }: Check, atMs: number) {
  const toSlot = Math.floor(atMs / intervalMs) + 1;
  return { check: id, intervalMs, fromSlot: toSlot - SLOTS_SHOWN, toSlot };
}

function stripOf(check: Check, bits: SlotBits, atMs: number): SlotStrip {
  const { fromSlot } = lately(check, atMs);
  return {
    check: check.id,
    intervalMs: check.intervalMs,
    from: instantJson(fromSlot * check.intervalMs),
    vantages: check.vantages.map((vantage) => {
      const own = bits.vantages.find((one) => one.vantage === vantage);
      const slots = Array.from({ length: SLOTS_SHOWN }, (_, i) =>
        own === undefined
          ? unseen(check, fromSlot + i, atMs)
          : (outcomeAt(own, fromSlot + i - bits.baseSlot) ?? unseen(check, fromSlot + i, atMs)),
      );
      return { vantage, slots };
    }),
  };
}

function outcomeAt({ seen, bad, excluded }: VantageBits, i: number): SlotOutcome | undefined {
  if (getBit(excluded, i)) return 'excluded';
  if (getBit(bad, i)) return 'bad';
  return getBit(seen, i) ? 'good' : undefined;
}

/** As long as the watermark of sla-math §2 is ahead, a slot may still be heard of. */
function unseen({ intervalMs, timeoutMs }: Check, slot: number, atMs: number): SlotOutcome {
  const watermarkMs = (slot + 1) * intervalMs + Math.max(timeoutMs, intervalMs);
  return atMs < watermarkMs ? 'waiting' : 'absent';
}
