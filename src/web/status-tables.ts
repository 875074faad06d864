import { html } from 'hono/html';
import { formatDuration } from '../core/duration.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import type { VerdictState } from '../core/verdict.ts';
import type { CheckStatus } from './sources.ts';

/** A piece of a page, escaped. */
export type Html = ReturnType<typeof html>;

const STATE_CLASSES: Readonly<Record<VerdictState, string>> = {
  breached: 'bad',
  met: 'good',
  'on-track': 'good',
  undecided: 'unsure',
  'not-applicable': '',
  'no-commitment': '',
};

/** The verdicts, one a row of the table. */
export function verdictTable(verdicts: readonly VerdictJson[]): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        Verdicts
      </caption>
      <thead>
        <tr>
          <th scope="col">Row</th>
          <th scope="col">Scope</th>
          <th scope="col">Reading</th>
          <th scope="col">Period</th>
          <th scope="col">State</th>
          <th scope="col" class="number">Target</th>
          <th scope="col" class="number">Down</th>
          <th scope="col" class="number">Unknown</th>
          <th scope="col" class="number">Budget left</th>
          <th scope="col">Incident</th>
        </tr>
      </thead>
      <tbody>
        ${verdicts.map(verdictRow)}
      </tbody>
    </table>
  </div>`;
}

function verdictRow(verdict: VerdictJson): Html {
  const { row, scope, reading, period, state, target, downtimeMs, unknownMs, remainingMs, openIncident } =
    verdict;
  return html`<tr>
    <th scope="row">${row}</th>
    <td>${scope}</td>
    <td>${reading}</td>
    <td>${period.name}</td>
    <td class="${STATE_CLASSES[state]}">${state}</td>
    <td class="number">${target === null ? '–' : `${target} %`}</td>
    <td class="number">${formatDuration(downtimeMs.estimate)}</td>
    <td class="number">${formatDuration(unknownMs)}</td>
    <td class="number">${remainingMs === null ? '–' : formatDuration(remainingMs)}</td>
    <td>${openIncident ? html`<span class="bad">since ${openIncident.from}</span>` : '–'}</td>
  </tr> `;
}

const OUTCOME_CLASSES: Readonly<Record<NonNullable<CheckStatus['outcome']>, string>> = {
  good: 'good',
  bad: 'bad',
  excluded: 'unsure',
  absent: 'unsure',
};

/** What each vantage last saw of each check. */
export function checkTable(checks: readonly CheckStatus[]): Html {
  return html`<div class="scroll">
    <table>
      <caption>
        Checks
      </caption>
      <thead>
        <tr>
          <th scope="col">Check</th>
          <th scope="col">Vantage</th>
          <th scope="col">Probe</th>
          <th scope="col">Row</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="number">Latency</th>
          <th scope="col">Detail</th>
        </tr>
      </thead>
      <tbody>
        ${checks.map(checkRow)}
      </tbody>
    </table>
  </div>`;
}

function checkRow({ check, vantage, probe, row, outcome, cause, detail, latencyMs }: CheckStatus): Html {
  return html`<tr>
    <th scope="row">${check}</th>
    <td>${vantage}</td>
    <td>${probe}</td>
    <td>${row}</td>
    <td class="${outcome ? OUTCOME_CLASSES[outcome] : ''}">
      ${outcome ?? 'waiting'}${cause ? `: ${cause}` : ''}
    </td>
    <td class="number">${latencyMs === null ? '–' : `${latencyMs.toFixed(1)} ms`}</td>
    <td>${detail ?? ''}</td>
  </tr> `;
}
