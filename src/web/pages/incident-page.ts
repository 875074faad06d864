import { html } from 'hono/html';
import type { IncidentDetailsJson, IncidentReadingJson } from '../record-source.ts';
import { exclusionTable } from './exclusion-table.ts';
import { alarmBadge } from './icons.ts';
import { samplesSection } from './incident-samples.ts';
import { asGiven, duration, type Html, rowPath, time, type View } from './view.ts';

/** The page of one incident: all that a claim is made of. */
export function incidentContent(
  view: View,
  incident: IncidentDetailsJson,
  readings: readonly string[],
): Html {
  const { texts } = view;
  const { row, scope, title, clause, causes, checks, requestIds, exclusions } = incident;
  return html`<div class="heading">
      <p class="crumbs">
        <a href="${view.href('/')}">${texts.overview.title}</a> ›
        <a href="${view.href(rowPath(row), { scope })}">${asGiven(view, title)}</a> ›
      </p>
      <h1>${texts.incident.title}: ${asGiven(view, title)}</h1>
      <p class="sub"><span class="clause">${clause}</span> <code>${row}</code> · ${scope}</p>
    </div>
    <div class="headline" role="status">${span(view, incident)}</div>
    <dl class="facts">
      <div>
        <dt>${texts.row.causesOf}</dt>
        <dd>${causes.map((cause) => html`${texts.causes[cause]} <code>${cause}</code> `)}</dd>
      </div>
      <div>
        <dt>${texts.row.checksOf}</dt>
        <dd>${checks.map((check) => html`<code>${check}</code> `)}</dd>
      </div>
      ${
        incident.tickets.length === 0
          ? ''
          : html`<div>
              <dt>${texts.tickets.title}</dt>
              <dd>${incident.tickets.map((id) => html`<a href="${view.href('/tickets')}">${id}</a> `)}</dd>
            </div>`
      }
    </dl>
    ${countingSection(view, incident, readings)}
    <section>
      <h2 id="exclusions">${texts.incident.exclusions}</h2>
      ${exclusionTable(view, exclusions, 'exclusions')}
    </section>
    ${samplesSection(view, incident.samples)}
    ${
      requestIds.length === 0
        ? ''
        : html`<section>
            <h2>${texts.incident.requestId}</h2>
            <ul class="ids">
              ${requestIds.map((id) => html`<li><code>${id}</code></li>`)}
            </ul>
          </section>`
    }`;
}

function span(view: View, { from, to, open, durationMs }: IncidentDetailsJson): Html {
  const { texts } = view;
  const lasted = html`<strong class="number">${duration(view, durationMs)}</strong>`;
  return open
    ? html`${alarmBadge(texts.row.goingOn)} ${texts.incident.began} ${time(view, from)} · ${lasted}`
    : html`${time(view, from)} → ${time(view, to)} · ${lasted}`;
}

/** What each reading makes of it, as a sum. */
function countingSection(view: View, incident: IncidentDetailsJson, readings: readonly string[]): Html {
  const { texts } = view;
  return html`<section>
    <h2 id="counting">${texts.incident.counting}</h2>
    <dl class="facts sums">
      ${readings.map((reading) => {
        const own = incident.readings.filter((one) => one.reading === reading);
        return html`<div data-key="${reading}">
          <dt>${texts.overview.stateUnder(reading)}</dt>
          ${
            own.length === 0
              ? html`<dd>${texts.incident.notUnder}</dd>`
              : own.map((one) => html`<dd>${sum(view, one)}${rules(view, one)}</dd>`)
          }
        </div>`;
      })}
    </dl>
  </section>`;
}

function sum(view: View, one: IncidentReadingJson): string {
  const { incident } = view.texts;
  const ms = (value: number): string => duration(view, value);
  if (one.tooShort) return incident.tooShort(ms(one.badMs));
  return incident.sum(ms(one.badMs), ms(one.deductedMs), ms(one.outsideMs), ms(one.countedMs));
}

/** The rules that the sum follows from, and the period that it is counted in. */
function rules(view: View, { period, mergeGapMs, minimumMs, deductMs }: IncidentReadingJson): Html {
  const { row } = view.texts;
  const told = [
    [row.period, period],
    ...(deductMs > 0 ? [[row.deduct, duration(view, deductMs)]] : []),
    ...(mergeGapMs > 0 ? [[row.mergeGap, duration(view, mergeGapMs)]] : []),
    ...(minimumMs > 0 ? [[row.minimum, duration(view, minimumMs)]] : []),
  ];
  return html` <span class="note">${told.map(([name, value]) => `${name}: ${value}`).join(' · ')}</span>`;
}
