import type { ClosedExclusion, ClosingChange, ComparedFigures } from '../core/closed-period.ts';
import type { ExplainedIncident } from '../core/explanation.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { percentText, shareText } from './figures.ts';
import { html, type Html, type Part } from './html.ts';
import type { Column } from './texts/texts.ts';
import { clocksOf, type ReportedVerdict, type Telling } from './words.ts';

/** A table with these columns; a word instead when it has no rows. */
export function table(
  telling: Telling,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Html {
  const { texts } = telling;
  if (rows.length === 0) return html`<p>${texts.nothing}</p>`;
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${texts.columns[column]}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The figures of all verdicts on a row, readings side by side. */
export function measuredTable(telling: Telling, reported: readonly ReportedVerdict[]): Html {
  const columns: readonly Column[] = [
    ...(['scope', 'reading', 'period', 'state', 'budget', 'best', 'estimate', 'worst'] as const),
    ...(['raw', 'excluded', 'unknown', 'coverage', 'availability'] as const),
  ];
  return table(
    telling,
    columns,
    reported.map(({ verdict, explanation }) => {
      const { texts } = telling;
      const { scope, reading, period, state, budgetMs, downtimeMs, excludedMs, unknownMs } = verdict;
      const elapsedMs = explanation?.arithmetic.elapsedMs ?? 0;
      return [
        ...[scope, reading, period.name, html`<b class="${state}">${texts.states[state]}</b>`],
        budgetMs === null ? '–' : telling.duration(budgetMs),
        ...[downtimeMs.best, downtimeMs.estimate, downtimeMs.worst, downtimeMs.raw].map((ms) =>
          telling.duration(ms),
        ),
        telling.duration(excludedMs),
        telling.duration(unknownMs),
        shareText(elapsedMs - unknownMs, elapsedMs, texts.language),
        availabilityText(telling, verdict),
      ];
    }),
  );
}

function availabilityText({ texts }: Telling, { availability: { final, toDate } }: VerdictJson): string {
  const share = final ?? toDate;
  return share === null ? '–' : percentText(share, texts.language);
}

/** Incidents of one verdict with what became of their bad time. */
export function incidentTable(telling: Telling, incidents: readonly ExplainedIncident[]): Html {
  return table(
    telling,
    ['from', 'to', 'duration', 'bad', 'deducted', 'outside', 'counted', 'causes', 'checks'],
    incidents.map((incident) => [
      telling.instant(incident.from),
      telling.instant(incident.to),
      telling.duration(Date.parse(incident.to) - Date.parse(incident.from)),
      ...[incident.badMs, incident.deductedMs, incident.outsideMs, incident.countedMs].map((ms) =>
        telling.duration(ms),
      ),
      incident.causes.join(', '),
      incident.checks.join(', '),
    ]),
  );
}

/** The figures of one verdict with and without each kind of exclusion. */
export function kindTable(telling: Telling, { explanation }: ReportedVerdict): Html {
  const { texts } = telling;
  type Way = NonNullable<typeof explanation>['kinds'][number]['counted'];
  const way = ({ state, downtimeMs }: Way): string =>
    `${texts.states[state]}: ${telling.duration(downtimeMs.estimate)}`;
  return table(
    telling,
    ['kind', 'effect', 'with', 'without'],
    (explanation?.kinds ?? []).map(({ kind, honoured, excluded, counted }) => [
      texts.kinds[kind],
      texts.honoured[honoured ? 'yes' : 'no'],
      way(excluded),
      way(counted),
    ]),
  );
}

/** All exclusions that touch the period, with their authors and reasons. */
export function exclusionTable(telling: Telling, exclusions: readonly ClosedExclusion[]): Html {
  const { texts } = telling;
  return table(
    telling,
    ['id', 'kind', 'state', 'spans', 'scope', 'reason', 'author', 'entered'],
    exclusions.map((exclusion) => [
      exclusion.id,
      texts.kinds[exclusion.kind],
      texts.exclusionStates[exclusion.state],
      exclusion.spans.map(({ from, to }) => html`${telling.instant(from)} – ${telling.instant(to)}<br />`),
      [...(exclusion.rows ?? []), ...(exclusion.scopes ?? []), ...(exclusion.checks ?? [])].join(', ') || '–',
      [exclusion.reason, exclusion.evidence === undefined ? '' : ` (${exclusion.evidence})`],
      exclusion.author,
      [
        exclusion.enteredAt === null ? '' : html`${telling.instant(exclusion.enteredAt)}<br />`,
        texts.afterTheFact[exclusion.afterTheFact],
        exclusion.history
          .slice(1)
          .map(
            ({ event, at, author, reason }) =>
              html`<br />${event}, ${author}, ${telling.instant(at)}: ${reason}`,
          ),
      ],
    ]),
  );
}

/** The clocks of all tickets. */
export function ticketTable(telling: Telling): Html {
  const { texts, closing } = telling;
  return table(
    telling,
    ['ticket', 'title', 'severity', 'from', 'clock', 'state', 'limit', 'elapsed', 'deadline'],
    closing.tickets.flatMap((ticket) =>
      clocksOf(ticket).map(({ name, state, limitMs, elapsedMs, deadline }) => [
        ...[ticket.ticket, ticket.title, ticket.severity, telling.instant(ticket.opened), name],
        html`<b class="${state}">${texts.clockStates[state]}</b>`,
        telling.duration(limitMs),
        telling.duration(elapsedMs),
        deadline === null ? '–' : telling.instant(deadline),
      ]),
    ),
  );
}

/** What is owed, where the contract file says what a breach is worth. */
export function penaltyTable(telling: Telling): Html {
  const owed = ({ credit, amount }: { readonly credit: string; readonly amount: string | null }): string =>
    amount === null ? `${credit} %` : `${credit} % (${amount})`;
  return table(
    telling,
    ['promise', 'scope', 'reading', 'period', 'certain', 'likely', 'atMost', 'claimBy'],
    (telling.closing.penalties ?? []).map(({ row, scope, reading, period, claimBy, ...due }) => [
      ...[row, scope, reading, period, owed(due.certain), owed(due.estimate), owed(due.atMost)],
      claimBy === null ? '–' : telling.instant(claimBy),
    ]),
  );
}

/** One change in a sentence. */
export function changeText(telling: Telling, change: ClosingChange): string {
  const { changes } = telling.texts;
  switch (change.what) {
    case 'observations':
      return changes.observations(change.check);
    case 'exclusion': {
      const at = change.at === null ? changes.nobody : telling.instant(change.at);
      return changes.exclusion(change.id, change.event, change.author ?? '–', at, change.reason ?? '–');
    }
    case 'ticket': {
      const acts = change.acts.map(({ at, who, act }) => `${act}, ${who}, ${telling.instant(at)}`);
      return changes.ticket(change.ticket, acts.join('; ') || changes.nobody);
    }
  }
}

/** Both figures of the verdicts that an amendment changed. */
export function changedTable(telling: Telling): Html {
  const { texts } = telling;
  const figures = ({ state, downtimeMs, availability }: ComparedFigures): string =>
    `${texts.states[state]}: ${telling.duration(downtimeMs.estimate)}${
      availability === null ? '' : `, ${percentText(availability, texts.language)}`
    }`;
  return table(
    telling,
    ['promise', 'scope', 'reading', 'period', 'was', 'is'],
    (telling.closing.amends?.figures ?? []).map(({ row, scope, reading, period, was, is }) => [
      ...[row, scope, reading, period, figures(was), figures(is)],
    ]),
  );
}
