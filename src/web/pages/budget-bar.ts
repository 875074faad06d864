import { html } from 'hono/html';
import { coverageText } from './formats.ts';
import type { Html, View } from './view.ts';

/** How full a bar is. */
export interface BarFill {
  /** Share that is used for certain or by the best estimate; past 1 the bar is over. */
  readonly used: number;
  /** Share that may be used, at least `used`. */
  readonly atWorst: number;
}

/** A bar of what is used of a limit; what may be used besides is hatched. `label` says it in words. */
export function bar({ used, atWorst }: BarFill, label: string): Html {
  const full = used > 1 ? 'over' : used > 0.75 ? 'near' : 'well';
  return html`<svg class="bar ${full}" role="img" aria-label="${label}" preserveAspectRatio="none">
    <rect class="track" width="100%" height="100%" rx="3" />
    <rect class="worst" width="${percentage(atWorst)}" height="100%" rx="3" />
    <rect class="used" width="${percentage(used)}" height="100%" rx="3" />
  </svg>`;
}

/** The bar of a budget in milliseconds. */
export function budgetBar(
  view: View,
  { budgetMs, estimateMs, worstMs }: { budgetMs: number; estimateMs: number; worstMs: number },
): Html {
  const fill = { used: shareOf(estimateMs, budgetMs), atWorst: shareOf(worstMs, budgetMs) };
  const words = (share: number): string => coverageText(Math.min(share, 99), view.language);
  return bar(fill, view.texts.overview.budgetLabel(words(fill.used), words(fill.atWorst)));
}

/** A budget of nothing is used up by anything. */
function shareOf(part: number, whole: number): number {
  if (whole > 0) return part / whole;
  return part > 0 ? Number.MAX_SAFE_INTEGER : 0;
}

function percentage(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}
