import { html } from 'hono/html';
import type { Explanation } from '../../core/explanation.ts';
import { dayText } from './formats.ts';
import { type Html, type View } from './view.ts';

/** A stretch on the axis of a period, in percent of it. */
interface Stretch {
  readonly key: string;
  readonly from: number;
  readonly width: number;
  readonly kind: string;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

/** What is shorter would not be seen. */
const LEAST_PERCENT = 0.25;

/** Incidents, exclusions and what was not seen, drawn on the axis of the period. All of it is in tables as well. */
export function timelineSection(view: View, explanation: Explanation): Html {
  const { row } = view.texts;
  const { incidents, exclusions, unknown, verdict } = explanation;
  const place = placer(verdict.period);
  const nowPercent = place({ from: verdict.at, to: verdict.at })?.from ?? 100;
  const stretches = (spans: readonly Span[], kindOf: (i: number) => string): readonly Stretch[] =>
    spans.flatMap((span, i) => {
      const placed = place(span);
      return placed ? [{ ...placed, kind: kindOf(i) }] : [];
    });
  const lanes = [
    [row.lanes.incidents, stretches(incidents, (i) => (incidents[i]?.countedMs ? 'counted' : 'uncounted'))],
    [row.lanes.exclusions, stretches(exclusions, (i) => (exclusions[i]?.honoured ? 'honoured' : 'counts'))],
    [row.lanes.unknown, stretches(unknown, () => 'unknown')],
  ] as const;
  return html`<section>
    <h2 id="timeline">${row.timeline}</h2>
    <div class="timeline" role="img" aria-label="${row.timelineLabel(incidents.length, exclusions.length)}">
      ${lanes.map(([name, lane]) => laneOf(name, lane, nowPercent))}
      <div class="axis">
        <span>${dayText(verdict.period.from, view.zone)}</span>
        <span>${dayText(new Date(Date.parse(verdict.period.to) - 1).toISOString(), view.zone)}</span>
      </div>
    </div>
  </section>`;
}

function laneOf(name: string, lane: readonly Stretch[], nowPercent: number): Html {
  return html`<div class="lane">
    <span class="name">${name}</span>
    <svg class="track" preserveAspectRatio="none" aria-hidden="true">
      <rect class="past" width="${nowPercent.toFixed(3)}%" height="100%" />
      ${lane.map(
        ({ key, from, width, kind }) =>
          html`<rect
            data-key="${key}"
            class="${kind}"
            x="${from.toFixed(3)}%"
            width="${width.toFixed(3)}%"
            height="100%"
          />`,
      )}
      <rect class="now" x="${Math.min(nowPercent, 99.9).toFixed(3)}%" width="1.5" height="100%" />
    </svg>
  </div>`;
}

/** Where a span lies in a period; undefined when outside. */
function placer(period: Span): (span: Span) => Omit<Stretch, 'kind'> | undefined {
  const start = Date.parse(period.from);
  const length = Date.parse(period.to) - start;
  const percentOf = (instant: string): number => ((Date.parse(instant) - start) / length) * 100;
  return ({ from, to }) => {
    const [begin, end] = [Math.max(0, percentOf(from)), Math.min(100, percentOf(to))];
    if (begin > 100 || end < 0) return undefined;
    const width = Math.max(LEAST_PERCENT, end - begin);
    return { key: from, from: Math.min(begin, 100 - width), width };
  };
}
