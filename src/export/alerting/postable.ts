import { instantJson } from '../../core/verdict-json.ts';
import { type AlertBackground, annotationsOf, linkOf } from './alert-texts.ts';
import type { TrackedAlert } from './watched.ts';
import { type PostableAlert, PUSH_DEADLINE_MS } from './alertmanager.ts';

/** From one telling of a firing alert to the next. */
export const RESEND_MS = 30_000;
/** An alert that is not told again ends so long after it was last told. */
const LASTS_MS = 4 * RESEND_MS;
/**
 * From the end of an alert until its end is told beside rules: longer than it takes Prometheus to see the end as well,
 * so that of two who tell of one alert, none says that it fires after the other has said that it ended. Untold, the
 * alert ends before.
 */
const SILENT_MS = 180_000;
/** Who tells the Alertmanagers of the alerts: rules as well, or nobody but this process. */
export type Tellers = 'rules-too' | 'alone';

/** The end of an alert is told for so long, for an Alertmanager that was away. */
const RESOLVED_TOLD_MS = 900_000;

/**
 * What an Alertmanager is to be told of an alert at an instant; undefined for nothing. A firing alert is told with an
 * end that lies ahead. Beside rules, one whose condition holds no more is told until just before its end, then not for
 * a while, then as resolved; alone, it is told until its end and then as resolved at once.
 */
export function postableAt(
  alert: TrackedAlert,
  nowMs: number,
  background: AlertBackground,
  tellers: Tellers,
): PostableAlert | undefined {
  const endsMs = tellers === 'alone' ? endAlone(alert, nowMs) : endBesideRules(alert, nowMs);
  if (endsMs === undefined) return undefined;
  const link = linkOf(alert.labels, background.links);
  return {
    labels: alert.labels,
    annotations: annotationsOf(alert, background),
    startsAt: instantJson(alert.state.startsMs),
    endsAt: instantJson(endsMs),
    ...(link !== undefined && { generatorURL: link }),
  };
}

function endBesideRules({ state, rule }: TrackedAlert, nowMs: number): number | undefined {
  if (state.phase === 'firing') {
    const { quietSinceMs } = state;
    const toldFor = rule.keepMs - Math.min(PUSH_DEADLINE_MS, rule.keepMs / 2);
    return quietSinceMs === undefined || nowMs - quietSinceMs < toldFor ? nowMs + LASTS_MS : undefined;
  }
  return nowMs - state.endedMs >= SILENT_MS
    ? resolvedAt(state.endedMs, nowMs, SILENT_MS + RESOLVED_TOLD_MS)
    : undefined;
}

function endAlone({ state }: TrackedAlert, nowMs: number): number | undefined {
  return state.phase === 'firing' ? nowMs + LASTS_MS : resolvedAt(state.endedMs, nowMs, RESOLVED_TOLD_MS);
}

function resolvedAt(endedMs: number, nowMs: number, toldForMs: number): number | undefined {
  return nowMs - endedMs < toldForMs ? endedMs : undefined;
}
