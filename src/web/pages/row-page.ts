import { html } from 'hono/html';
import type { Explanation } from '../../core/explanation.ts';
import { burnDownChart } from './burn-down-chart.ts';
import type { ShownLatencies } from '../latency-source.ts';
import { exclusionTable } from './exclusion-table.ts';
import { stateBadge, alarmBadge } from './icons.ts';
import { latencySection } from './latency-section.ts';
import { promiseTerms } from './overview-table.ts';
import type { PromiseFacts, SlotStrip } from './page-sources.ts';
import { periodLinks } from './period-links.ts';
import { arithmeticSection } from './row-arithmetic.ts';
import { causesTable, checksTable } from './row-checks.ts';
import { readingsTable } from './row-figures.ts';
import { incidentTable } from './row-incidents.ts';
import { stripsSection } from './slot-strips.ts';
import { timelineSection } from './timeline.ts';
import { asGiven, duration, type Html, incidentPath, rowPath, time, type View } from './view.ts';

/** What the page of one member of a row tells. */
export interface RowPage {
  readonly promise: PromiseFacts;
  /** Under each reading in the contract's order; at least one. */
  readonly explanations: readonly [Explanation, ...Explanation[]];
  /** The one that the details are told under. */
  readonly chosen: Explanation;
  /** How many members the row has. */
  readonly memberCount: number;
  /** Empty for a period that is over. */
  readonly strips: readonly SlotStrip[];
  readonly latencies: ShownLatencies;
  /** Whether the period is the current one. */
  readonly isCurrent: boolean;
}

/** The page of one member of a row. */
export function rowContent(view: View, page: RowPage): Html {
  const { row } = view.texts;
  const { chosen, explanations, isCurrent } = page;
  return html`${heading(view, page)} ${periodLinks(view, page.promise, chosen.verdict, isCurrent)}
    ${readingsTable(view, explanations)}
    <section>
      <h2 id="burn-down">${row.burnDown}</h2>
      ${burnDownChart(view, explanations)}
    </section>
    ${readingLinks(view, page)} ${timelineSection(view, chosen)} ${incidentTable(view, chosen)}
    <section>
      <h2 id="exclusions">${row.exclusions}</h2>
      ${exclusionTable(view, chosen.exclusions, 'exclusions')}
    </section>
    ${isCurrent ? stripsSection(view, page.strips, chosen.checks.length) : ''} ${checksTable(view, chosen)}
    ${causesTable(view, chosen)} ${latencySection(view, page.latencies)} ${arithmeticSection(view, chosen)}
    ${rulesSection(view, chosen)}
    <p class="note"><a href="${jsonAddress(chosen)}">${view.texts.frame.json}</a></p>`;
}

function heading(view: View, { promise, explanations: [first], memberCount }: RowPage): Html {
  const { row, scope, state, openIncident } = first.verdict;
  const { texts } = view;
  return html`<div class="heading">
      <p class="crumbs">
        <a href="${view.href('/')}">${texts.overview.title}</a> ›
        ${
          memberCount > 1
            ? html`<a href="${view.href(rowPath(row), { members: 'all' })}"
                  >${asGiven(view, promise.title)}</a
                >
                ›`
            : ''
        }
      </p>
      <h1>${asGiven(view, promise.title)}</h1>
      <p class="sub">
        <span class="clause">${promise.clause}</span> <code>${row}</code> · ${scope} ·
        ${promiseTerms(view, promise)}
      </p>
    </div>
    <div class="headline" role="status">
      ${stateBadge(view, state)}
      ${
        openIncident
          ? html`<a href="${view.href(incidentPath(row, scope, openIncident.from))}"
              >${alarmBadge(html`${texts.overview.incidentSince} ${time(view, openIncident.from)}`)}</a
            >`
          : ''
      }
    </div>
    <p>${texts.stateMeanings[state]}</p>`;
}

/** By which reading the details below are told. */
function readingLinks(view: View, { explanations, chosen }: RowPage): Html {
  const { row, scope, period } = chosen.verdict;
  return html`<nav class="tabs" aria-label="${view.texts.row.reading}">
    <ul>
      ${explanations.map(({ verdict: { reading } }) => {
        const target = view.href(rowPath(row), { scope, reading, period: period.name });
        const isChosen = reading === chosen.verdict.reading;
        return html`<li>
          <a href="${target}" ${isChosen ? html` aria-current="true"` : ''}
            >${view.texts.overview.stateUnder(reading)}</a
          >
        </li>`;
      })}
    </ul>
  </nav>`;
}

function rulesSection(view: View, { rules, verdict }: Explanation): Html {
  if (rules.length === 0 && !verdict.durability) return html``;
  const { row } = view.texts;
  return html`<section>
    <h2>${row.rules}</h2>
    <ul>
      ${rules.map((rule) => html`<li>${asGiven(view, rule)}</li>`)}
    </ul>
    ${verdict.durability ? html`<p>${row.statement}: ${asGiven(view, verdict.durability.statement)}</p>` : ''}
  </section>`;
}

function jsonAddress({ verdict: { row, scope, reading, period } }: Explanation): string {
  return `/api/explain?${new URLSearchParams({ row, scope, reading, period: period.name }).toString()}`;
}

/** Milliseconds, with a dash for none. */
export function orDash(view: View, ms: number | null): string {
  return ms === null ? '–' : duration(view, ms);
}
