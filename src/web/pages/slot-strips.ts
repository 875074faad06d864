import { html } from 'hono/html';
import { countText } from './formats.ts';
import { outcomeBadge } from './icons.ts';
import type { SlotOutcome, SlotStrip } from './page-sources.ts';
import { duration, type Html, time, type View } from './view.ts';

const OUTCOMES: readonly SlotOutcome[] = ['good', 'bad', 'excluded', 'absent', 'waiting'];
/** A slot is so wide and so high, and apart from the next by a gap. */
const SLOT = { width: 6, gap: 2, height: 22 } as const;
/** How high a mark is: what is bad stands tall, so that it tells itself from the good without its colour. */
const HEIGHTS: Readonly<Record<SlotOutcome, number>> = {
  good: 8,
  bad: 22,
  excluded: 14,
  absent: 3,
  waiting: 0,
};

/**
 * The latest slots of each check, a line for each vantage, so that one sees where they do not agree; `all`: how many checks
 * there are.
 */
export function stripsSection(view: View, strips: readonly SlotStrip[], all: number): Html {
  const { row } = view.texts;
  const text = (count: number): string => countText(count, view.language);
  if (strips.length === 0) return html``;
  return html`<section>
    <h2 id="vantages">${row.vantages}</h2>
    <p class="legend">
      ${row.legend}: ${OUTCOMES.filter((one) => one !== 'waiting').map((one) => outcomeBadge(view, one))}
    </p>
    ${strips.length < all ? html`<p class="note">${row.stripsShown(text(strips.length), text(all))}</p>` : ''}
    <div class="scroll" tabindex="0" role="region" aria-labelledby="vantages">
      ${strips.map((strip) => stripTable(view, strip))}
    </div>
  </section>`;
}

function stripTable(view: View, strip: SlotStrip): Html {
  const { row } = view.texts;
  return html`<table class="strip" data-key="${strip.check}">
    <caption>
      <code>${strip.check}</code>
      <span class="note"
        >${row.every} ${duration(view, strip.intervalMs)}, ${row.from} ${time(view, strip.from)}</span
      >
      ${agree(strip) ? '' : html`<strong class="unsure">${row.disagree}</strong>`}
    </caption>
    <tbody>
      ${strip.vantages.map(
        ({ vantage, slots }) =>
          html`<tr data-key="${vantage}">
            <th scope="row">${vantage}</th>
            <td>${marks(row.stripLabel(vantage, countsText(view, slots)), slots)}</td>
            <td>${outcomeBadge(view, lastSeen(slots))}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}

function marks(label: string, slots: readonly SlotOutcome[]): Html {
  const { width, gap, height } = SLOT;
  const length = slots.length * (width + gap);
  return html`<svg class="slots" role="img" aria-label="${label}" width="${length}" height="${height}">
    ${slots.map((slot, i) => {
      const tall = HEIGHTS[slot];
      if (tall === 0) return '';
      return html`<rect
        class="${slot}"
        x="${i * (width + gap)}"
        y="${height - tall}"
        width="${width}"
        height="${tall}"
      />`;
    })}
  </svg>`;
}

function countsText({ texts }: View, slots: readonly SlotOutcome[]): string {
  return OUTCOMES.flatMap((outcome) => {
    const count = slots.filter((slot) => slot === outcome).length;
    return count === 0 ? [] : [`${count} ${texts.outcomes[outcome]}`];
  }).join(', ');
}

/** Whether all vantages that saw the last slot that any of them saw saw the same. */
export function agree({ vantages }: Pick<SlotStrip, 'vantages'>): boolean {
  const length = Math.max(0, ...vantages.map(({ slots }) => slots.length));
  for (let i = length - 1; i >= 0; i--) {
    const seen = vantages.map(({ slots }) => slots[i]).filter((slot) => slot === 'good' || slot === 'bad');
    if (seen.length > 0) return new Set(seen).size === 1;
  }
  return true;
}

function lastSeen(slots: readonly SlotOutcome[]): SlotOutcome {
  return slots.findLast((slot) => slot !== 'waiting') ?? 'waiting';
}
