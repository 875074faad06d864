import { html } from 'hono/html';
import type { VerdictJson } from '../../core/verdict-json.ts';
import { dayText } from './formats.ts';
import type { PromiseFacts } from './page-sources.ts';
import { type Html, rowPath, type View } from './view.ts';

/** Which period is shown, and the ways to those beside it. */
export function periodLinks(
  view: View,
  { period: kind }: PromiseFacts,
  { row, scope, reading, period, at }: VerdictJson,
  isCurrent: boolean,
): Html {
  const { texts } = view;
  const link = (name: string | undefined, words: string): Html => {
    if (name === undefined) return html``;
    const target = view.href(rowPath(row), { scope, reading, period: name });
    return html`<li><a href="${target}">${words} (${name})</a></li>`;
  };
  const last = dayText(new Date(Date.parse(period.to) - 1).toISOString(), view.zone);
  return html`<nav class="periods" aria-label="${texts.row.period}">
    <p>
      ${texts.row.period} <strong>${period.name}</strong>
      <span class="note">${dayText(period.from, view.zone)} – ${last}</span>
    </p>
    <ul>
      ${link(neighbour(period.name, kind, -1), texts.row.earlier)}
      ${isCurrent || period.from > at ? '' : link(neighbour(period.name, kind, 1), texts.row.later)}
      ${isCurrent ? '' : html`<li><a href="${view.href(rowPath(row), { scope })}">${texts.row.now}</a></li>`}
    </ul>
  </nav>`;
}

/** The name of the period before or after one; undefined where it has no such name. */
export function neighbour(name: string, kind: PromiseFacts['period'], step: 1 | -1): string | undefined {
  const whole = name.split('@')[0] ?? name;
  if (kind === 'year' || /^\d{4}$/.test(whole))
    return String(Number(whole.slice(0, 4)) + step).padStart(4, '0');
  if (!/^\d{4}-\d{2}$/.test(whole)) return undefined;
  return Temporal.PlainYearMonth.from(whole).add({ months: step }).toString();
}
