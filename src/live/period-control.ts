import type { PeriodSource } from '../web/period-source.ts';

/** The closed periods, once there are books to read them from; the server may be asked before. */
export function periodControl(source: () => PeriodSource | undefined): PeriodSource {
  return {
    closings: async () => (await source()?.closings()) ?? [],
    closing: async (period, number) => source()?.closing(period, number),
    timelines: async (checks, fromMs, toMs) => (await source()?.timelines(checks, fromMs, toMs)) ?? [],
  };
}
