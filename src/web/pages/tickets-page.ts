import { html } from 'hono/html';
import type { TicketJson } from '../../core/ticket-json.ts';
import { bar } from './budget-bar.ts';
import { cardTable } from './cards.ts';
import { coverageText } from './formats.ts';
import { clockBadge } from './icons.ts';
import { duration, type Html, time, type View } from './view.ts';

type Clock = NonNullable<TicketJson['gti']>;

/** The support tickets with their clocks, those that are open first. */
export function ticketsContent(view: View, tickets: readonly TicketJson[], atMs: number): Html {
  const { texts } = view;
  const open = tickets.filter(({ resolved }) => resolved === null);
  const breached = tickets
    .flatMap(({ gti, gtr }) => [gti, gtr])
    .filter((clock) => clock?.state === 'breached').length;
  return html`<div class="heading"><h1>${texts.tickets.title}</h1></div>
    <p class="headline" role="status">${texts.tickets.headline(open.length, breached)}</p>
    ${
      tickets.length === 0
        ? html`<p>${texts.tickets.none}</p>`
        : ticketTable(view, [...open, ...tickets.filter(({ resolved }) => resolved !== null)], atMs)
    }
    <p class="note"><a href="/api/tickets">${texts.frame.json}</a></p>`;
}

function ticketTable(view: View, tickets: readonly TicketJson[], atMs: number): Html {
  const { tickets: words } = view.texts;
  const columns = [words.ticket, words.severity, words.opened, words.status, words.gti, words.gtr];
  const groups = tickets.map((ticket) => ticketGroup(view, ticket, atMs));
  return cardTable({ kind: 'tickets', caption: words.caption, columns, groups });
}

function ticketGroup(view: View, ticket: TicketJson, atMs: number): Html {
  const { tickets: words } = view.texts;
  const { gti, gtr, answered, resolved } = ticket;
  const cell = (name: string, content: Html): Html =>
    html`<td role="cell" data-label="${name}"><div>${content}</div></td>`;
  return html`<tbody role="rowgroup" data-key="${ticket.ticket}">
    <tr role="row">
      <th scope="row" role="rowheader"><code>${ticket.ticket}</code> ${ticket.title ?? ''}</th>
      ${cell(words.severity, html`${ticket.severity}`)} ${cell(words.opened, time(view, ticket.opened))}
      ${cell(words.status, statusOf(view, ticket))}
      ${cell(words.gti, clockCell(view, gti, { hasEnded: answered !== null, atMs }))}
      ${cell(words.gtr, clockCell(view, gtr, { hasEnded: resolved !== null, atMs }))}
    </tr>
  </tbody>`;
}

function statusOf(view: View, { resolved, complete }: TicketJson): Html {
  const { tickets } = view.texts;
  if (resolved !== null) return html`${tickets.resolved} ${time(view, resolved)}`;
  return html`${complete === null ? tickets.incomplete : tickets.open}`;
}

function clockCell(
  view: View,
  clock: Clock | null,
  { hasEnded, atMs }: { readonly hasEnded: boolean; readonly atMs: number },
): Html {
  const { tickets } = view.texts;
  if (!clock) return html`<span class="note">${tickets.nothingPromised}</span>`;
  const { state, elapsedMs, limitMs, deadline } = clock;
  const share = elapsedMs / limitMs;
  return html`${clockBadge(view, state)}
    ${bar({ used: share, atWorst: share }, tickets.usedLabel(coverageText(share, view.language)))}
    <span class="number">${tickets.used(duration(view, elapsedMs, 'h'), duration(view, limitMs, 'h'))}</span>
    ${hasEnded || deadline === null ? '' : dueLine(view, deadline, { isFrozen: state === 'frozen', atMs })}`;
}

/** What is left until a deadline; a script lets it run, but for a clock that stands still. */
function dueLine(
  view: View,
  deadline: string,
  { isFrozen, atMs }: { readonly isFrozen: boolean; readonly atMs: number },
): Html {
  const { tickets } = view.texts;
  const leftMs = Math.trunc((Date.parse(deadline) - atMs) / 1000) * 1000;
  const words = `${leftMs < 0 ? tickets.overdue : tickets.dueIn} ${duration(view, Math.abs(leftMs))}`;
  const running = html` data-deadline="${deadline}" data-left="${tickets.dueIn}"
  data-over="${tickets.overdue}"`;
  return html`<span class="due">
    <span class="note"
      >${tickets.due} ${time(view, deadline)}${isFrozen ? ` (${tickets.ifAnswered})` : ''}</span
    >
    <strong class="number" ${isFrozen ? '' : running}>${words}</strong>
  </span>`;
}
