import { html } from 'hono/html';
import { dataTable } from './data-table.ts';
import type { Evidence } from '../../core/reading.ts';
import type { IncidentDetailsJson, SampleJson } from '../record-source.ts';
import { outcomeBadge } from './icons.ts';
import { type Html, time, type View } from './view.ts';

/** What each vantage noted of the slots of an incident. */
export function samplesSection(view: View, { shown, complete, next }: IncidentDetailsJson['samples']): Html {
  const { incident } = view.texts;
  return html`<section>
    <h2 id="samples">${incident.samples}</h2>
    ${
      shown.length === 0
        ? html`<p>${incident.noSamples}</p>`
        : html`<p class="note">
              ${incident.samplesNote} ${complete && next === null ? '' : incident.notWhole}
            </p>
            ${samplesTable(view, shown)}`
    }
  </section>`;
}

function samplesTable(view: View, samples: readonly SampleJson[]): Html {
  const { incident, row } = view.texts;
  const columns = [incident.at, row.check, row.vantage, incident.outcome, incident.cause, incident.evidence];
  return dataTable(
    'samples',
    columns,
    samples.map((sample) => sampleRow(view, sample)),
  );
}

function sampleRow(view: View, { at, check, vantage, outcome, cause, evidence }: SampleJson): Html {
  return html`<tr data-key="${at} ${check} ${vantage}">
    <th scope="row">${time(view, at)}</th>
    <td><code>${check}</code></td>
    <td>${vantage}</td>
    <td>${outcomeBadge(view, outcome)}</td>
    <td>${view.texts.causes[cause]}</td>
    <td>${evidence ? evidenceList(evidence) : '–'}</td>
  </tr> `;
}

function evidenceList(evidence: Evidence): Html {
  return html`<ul class="evidence">
    ${Object.entries(evidence).map(
      ([name, value]) => html`<li><span class="note">${name}</span> <code>${String(value)}</code></li>`,
    )}
  </ul>`;
}
