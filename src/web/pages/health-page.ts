import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { CheckStatus } from '../sources.ts';
import { latencyText } from './formats.ts';
import { type HealthLine, healthLines } from './health-lines.ts';
import { healthBadge, outcomeBadge } from './icons.ts';
import type { HealthJson } from '../health-source.ts';
import { asGiven, type Html, rowPath, time, type View } from './view.ts';

/** What the page of the monitor's own health tells. */
export interface Health {
  readonly facts: HealthJson;
  readonly checks: readonly CheckStatus[];
}

/** Whether vigie itself sees what it should. */
export function healthContent(view: View, health: Health): Html {
  const { health: words } = view.texts;
  const lines = healthLines(view, health);
  const troubles = lines.filter(({ isFine }) => !isFine).length;
  return html`<div class="heading"><h1>${words.title}</h1></div>
    <p class="headline" role="status">${troubles === 0 ? words.fine : words.troubles(troubles)}</p>
    <section>
      <h2 id="subjects">${words.subjects}</h2>
      ${dataTable(
        'subjects',
        [words.subject, words.state, words.detail],
        lines.map((line) => lineRow(view, line)),
      )}
    </section>
    ${lastSeen(view, health.checks)}
    <p class="note">
      ${words.others}: <a href="/metrics">${words.metrics}</a>, <a href="/api/verdicts">${words.verdicts}</a>,
      <a href="/api/checks">${words.checksJson}</a>
    </p>`;
}

function lineRow(view: View, { subject, isFine, details }: HealthLine): Html {
  return html`<tr data-key="${subject}">
    <th scope="row">${subject}</th>
    <td>${healthBadge(view, isFine)}</td>
    <td>${details.map((detail) => html`<div>${detail}</div>`)}</td>
  </tr> `;
}

function lastSeen(view: View, checks: readonly CheckStatus[]): Html {
  const { health } = view.texts;
  const columns = [
    health.check,
    health.vantage,
    health.probe,
    health.row,
    health.outcome,
    { number: health.latency },
    health.detail,
    health.slot,
  ];
  return html`<section>
    <h2 id="last-seen">${health.lastSeen}</h2>
    ${dataTable(
      'last-seen',
      columns,
      checks.map((check) => checkRow(view, check)),
    )}
  </section>`;
}

function checkRow(view: View, one: CheckStatus): Html {
  const { check, vantage, probe, row, scope, outcome, cause, detail, latencyMs, slot } = one;
  const causes: Readonly<Record<string, string>> = view.texts.causes;
  return html`<tr data-key="${check} ${vantage}">
    <th scope="row"><code>${check}</code></th>
    <td>${vantage}</td>
    <td>${probe}</td>
    <td><a href="${view.href(rowPath(row), { scope })}">${row}</a></td>
    <td>${outcomeBadge(view, outcome ?? 'waiting')} ${cause === null ? '' : (causes[cause] ?? cause)}</td>
    <td class="number">${latencyMs === null ? '–' : latencyText(latencyMs, view.language)}</td>
    <td class="detail">${detail === null ? '' : asGiven(view, detail)}</td>
    <td>${slot === null ? '–' : time(view, slot)}</td>
  </tr> `;
}
