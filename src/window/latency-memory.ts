import type { LatencyDay, LatencyStore } from './latency-store.ts';

/** Latencies that live and end with the process: for tests, and for judging from files alone. */
export function memoryLatencies(): LatencyStore {
  const stored = new Map<string, LatencyDay>();
  return {
    put(days) {
      for (const one of days)
        stored.set(JSON.stringify([one.check, one.day, one.vantage]), { ...one, body: one.body.slice() });
      return Promise.resolve();
    },
    read: ({ checks, fromDay, toDay }) =>
      Promise.resolve(
        checks.flatMap((check) =>
          [...stored.values()]
            .filter((one) => one.check === check && one.day >= fromDay && one.day < toDay)
            .sort((a, b) => a.day - b.day || (a.vantage < b.vantage ? -1 : 1)),
        ),
      ),
  };
}
