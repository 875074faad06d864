import type { ClosedExplanation, ClosedPeriod, ClosedRow } from '../core/closed-period.ts';
import type { TicketJson } from '../core/ticket-json.ts';
import { worstFirst } from '../core/verdict-order.ts';
import type { VerdictJson } from '../core/verdict-json.ts';
import { durationText, instantText, type ReportLanguage } from './figures.ts';
import { type ReportTexts, reportTexts } from './texts/texts.ts';

/** A verdict with how it came about. */
export interface ReportedVerdict {
  readonly verdict: VerdictJson;
  readonly explanation: ClosedExplanation | undefined;
}

/** A closing as it is told in one language. */
export class Telling {
  readonly closing: ClosedPeriod;
  readonly texts: ReportTexts;

  constructor(closing: ClosedPeriod, language: ReportLanguage) {
    this.closing = closing;
    this.texts = reportTexts(language);
  }

  /** A duration of milliseconds. */
  duration(ms: number): string {
    return durationText(ms, this.texts.language);
  }

  /** An instant in the zone of the contract, with its offset. */
  instant(instant: string): string {
    return instantText(instant, this.closing.contract.timezone);
  }

  /** The verdicts on a row: readings in the order of the contract, in each the worst member on top. */
  verdictsOn({ row }: ClosedRow): readonly ReportedVerdict[] {
    const { verdicts, explanations, readings } = this.closing;
    const own = verdicts.flatMap((verdict, i) =>
      verdict.row === row ? [{ verdict, explanation: explanations[i] }] : [],
    );
    return readings.flatMap(({ name }) =>
      worstFirst(
        own.filter(({ verdict }) => verdict.reading === name),
        ({ verdict }) => verdict,
      ),
    );
  }

  /** A verdict in one sentence. */
  sentence({ state, reading, downtimeMs, budgetMs, unknownMs, target }: VerdictJson): string {
    return this.texts.verdict({
      ...{ state, reading, target },
      counted: this.duration(downtimeMs.estimate),
      budget: budgetMs === null ? null : this.duration(budgetMs),
      unknown: unknownMs === 0 ? null : this.duration(unknownMs),
    });
  }

  /** A row without verdicts in one sentence: its tickets, or where it is judged. */
  sentenceWithout(row: ClosedRow): string {
    if (row.type !== 'support') return this.texts.otherPeriod[row.period ?? 'year'];
    const clocks = this.closing.tickets.flatMap((ticket) => clocksOf(ticket, row.row));
    if (clocks.length === 0) return this.texts.noTickets;
    const count = (states: readonly string[]): number =>
      clocks.filter(({ state }) => states.includes(state)).length;
    return this.texts.ofTickets(count(['met']), count(['breached']), count(['running', 'frozen']));
  }
}

/** The clocks of a ticket that a row judges. */
export function clocksOf({ gti, gtr }: TicketJson, row?: string) {
  return [
    { name: 'GTI', clock: gti },
    { name: 'GTR', clock: gtr },
  ].flatMap(({ name, clock }) =>
    clock && (row === undefined || clock.row === row) ? [{ name, ...clock }] : [],
  );
}

/** The scope of a verdict as it is told: not at all where there is only the one. */
export function scopeText({ scope, reading }: VerdictJson): string {
  return scope === 'region' ? reading : `${scope}, ${reading}`;
}
