import type { ClosedPeriod, ClosedRow } from '../core/closed-period.ts';
import type { ReportLanguage } from './figures.ts';
import { html, Html } from './html.ts';
import {
  changedTable,
  changeText,
  exclusionTable,
  incidentTable,
  kindTable,
  measuredTable,
  penaltyTable,
  table,
  ticketTable,
} from './page-tables.ts';
import { STYLE } from './style.ts';
import { type ReportedVerdict, scopeText, Telling } from './words.ts';

/** A report as one page that needs nothing besides itself and runs nothing. The same closing gives the same bytes. */
export function reportPage(closing: ClosedPeriod, language: ReportLanguage): string {
  const telling = new Telling(closing, language);
  const { texts } = telling;
  const title = texts.title(closing.contract.title ?? closing.contract.id, closing.period.name);
  const page = html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>${closing.region} · ${closing.contract.id} ${closing.contract.version}</p>
          <p>
            ${texts.span(telling.instant(closing.period.from), telling.instant(closing.period.to))}
            ${texts.judgedAt(telling.instant(closing.at), closing.vigie)}
          </p>
          ${status(telling)}
        </header>
        <main>
          ${cover(telling)} ${amendment(telling)}
          <h2>${texts.headings.rows}</h2>
          ${closing.rows.map((row) => section(telling, row))}
          <h2>${texts.headings.exclusions}</h2>
          ${exclusionTable(telling, closing.exclusions)}
          <h2>${texts.headings.tickets}</h2>
          ${ticketTable(telling)}
          ${
            closing.penalties &&
            html`<h2>${texts.headings.penalties}</h2>
              ${penaltyTable(telling)}`
          }
          <h2>${texts.headings.method}</h2>
          ${texts.method.map((paragraph) => html`<p>${paragraph}</p>`)}
          <h2>${texts.headings.digests}</h2>
          ${digests(telling)}
        </main>
      </body>
    </html> `;
  return page.toString();
}

function status({ closing, texts }: Telling): Html | undefined {
  if (closing.number === null) return html`<p class="note">${texts.provisional}</p>`;
  return closing.number > 0 ? html`<p class="note">${texts.amended(closing.number)}</p>` : undefined;
}

/** The verdict of each clause in words: the worst member under each reading. */
function cover(telling: Telling): Html {
  const { texts, closing } = telling;
  const lines = closing.rows.map((row) => {
    const reported = telling.verdictsOn(row);
    const worst = closing.readings.flatMap(
      ({ name }) => reported.find(({ verdict }) => verdict.reading === name) ?? [],
    );
    const words =
      worst.length === 0
        ? telling.sentenceWithout(row)
        : worst.map(
            ({ verdict }) =>
              html`<p><b class="${verdict.state}">${scopeText(verdict)}</b> ${telling.sentence(verdict)}</p>`,
          );
    return [row.clause, html`<a href="#${row.row}">${row.title}</a>`, words];
  });
  return html`<h2>${texts.headings.cover}</h2>
    ${table(telling, ['clause', 'promise', 'state'], lines)}`;
}

function amendment(telling: Telling): Html | undefined {
  const { closing, texts } = telling;
  if (!closing.amends) return undefined;
  return html`<h2>${texts.headings.amendment}</h2>
    <ul>
      ${closing.amends.changes.map((change) => html`<li>${changeText(telling, change)}</li>`)}
    </ul>
    <h3>${texts.headings.changedFigures}</h3>
    ${changedTable(telling)}`;
}

function section(telling: Telling, row: ClosedRow): Html {
  const { texts } = telling;
  const reported = telling.verdictsOn(row);
  return html`<section id="${row.row}">
    <h3>${row.clause} · ${row.title} <code>${row.row}</code></h3>
    <p>
      ${row.target !== null && texts.promised(row.target, row.period)}
      ${row.limitMs !== null && texts.limit(telling.duration(row.limitMs))} ${row.starred && texts.star}
    </p>
    ${
      row.rules.length > 0 &&
      html`<ul>
        ${row.rules.map((rule) => html`<li>${rule}</li>`)}
      </ul>`
    }
    ${reported.length === 0 ? html`<p>${telling.sentenceWithout(row)}</p>` : measured(telling, reported)}
  </section> `;
}

function measured(telling: Telling, reported: readonly ReportedVerdict[]): Html {
  const { texts } = telling;
  return html`<h4>${texts.headings.measured}</h4>
    ${measuredTable(telling, reported)} ${reported.map((one) => details(telling, one))}`;
}

function details(telling: Telling, reported: ReportedVerdict): Html {
  const { texts } = telling;
  const { verdict, explanation } = reported;
  const counted = (explanation?.incidents ?? []).filter(({ tooShort }) => !tooShort);
  return html`<h4>${texts.headings.incidents}: ${scopeText(verdict)}, ${verdict.period.name}</h4>
    ${incidentTable(telling, counted)}
    ${
      (explanation?.kinds.length ?? 0) > 0 &&
      html`<h4>${texts.headings.kinds}</h4>
        ${kindTable(telling, reported)}`
    }
    ${explanation && html`<p class="parameters">${texts.columns.parameters}: ${parameters(telling, explanation)}</p>`}`;
}

function parameters(telling: Telling, { arithmetic }: NonNullable<ReportedVerdict['explanation']>): string {
  const { lengthMs, borne, mergeGapMs, minimumMs, deductMs } = arithmetic;
  return telling.texts.methodOfRow({
    length: telling.duration(lengthMs),
    borne: borne === null ? '–' : `${borne.numerator}/${borne.denominator}`,
    mergeGap: telling.duration(mergeGapMs),
    minimum: telling.duration(minimumMs),
    deduct: telling.duration(deductMs),
  });
}

function digests(telling: Telling): Html {
  const { rules, inputs } = telling.closing;
  const rows = [
    ['rules', rules.judged],
    ...rules.contracts.map((digest, i) => [i === 0 ? 'contract' : `contract.${i}`, digest]),
    ['configuration', rules.configuration],
    ['exclusions', inputs.exclusions],
    ['tickets', inputs.tickets],
    ...Object.entries(inputs.checks),
  ];
  return table(
    telling,
    ['what', 'digest'],
    rows.map(([what, digest]) => [what, html`<code>${digest}</code>`]),
  );
}
