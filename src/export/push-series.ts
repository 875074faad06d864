import { PUSH_RESULTS, type PushResult } from './alerting/alertmanager.ts';
import type { Series, SeriesTable } from './series.ts';

/** Counts requests to Alertmanagers; every result of one that was asked at all is there from its first request on. */
export function createPushSeries(table: SeriesTable): (alertmanager: string, result: PushResult) => void {
  const counted = new Map<string, ReadonlyMap<PushResult, Series>>();
  return (alertmanager, result) => {
    const open = (one: PushResult) => table.open('vigie_alert_push_total', { alertmanager, result: one });
    const series = counted.get(alertmanager) ?? new Map(PUSH_RESULTS.map((one) => [one, open(one)]));
    counted.set(alertmanager, series);
    const counter = series.get(result);
    if (counter) table.add(counter, 1);
  };
}
