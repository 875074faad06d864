import { html } from 'hono/html';
import { countText } from './formats.ts';
import type { Health } from './health-page.ts';
import { asGiven, type Html, time, type View } from './view.ts';

/** How one part of vigie stands. */
export interface HealthLine {
  readonly subject: string;
  readonly isFine: boolean;
  readonly details: readonly (Html | string)[];
}

/** A judge that has said nothing for so long wants a look; it speaks every second. */
const JUDGE_SILENT_MS = 15_000;

/** How each part of vigie stands. */
export function healthLines(view: View, health: Health): readonly HealthLine[] {
  return [
    ...readiness(view, health),
    judge(view, health),
    windows(view, health),
    checks(view, health),
    vantages(view, health),
    configuration(view, health),
    processLine(view, health),
  ];
}

function readiness(view: View, { facts: { reasons, warnings } }: Health): readonly HealthLine[] {
  const { health, frame } = view.texts;
  const told = (texts: readonly string[]): Html[] => texts.map((text) => asGiven(view, text));
  return [
    ...(reasons.length > 0 ? [{ subject: frame.notReady, isFine: false, details: told(reasons) }] : []),
    ...(warnings.length > 0 ? [{ subject: health.warnings, isFine: false, details: told(warnings) }] : []),
  ];
}

function judge(view: View, { facts: { at, judge: of } }: Health): HealthLine {
  const { health } = view.texts;
  const silentMs = of.lastAt === null ? Infinity : Date.parse(at) - Date.parse(of.lastAt);
  return {
    subject: health.judge,
    isFine: silentMs < JUDGE_SILENT_MS,
    details: [of.lastAt === null ? health.notJudged : html`${health.judgedAt} ${time(view, of.lastAt)}`],
  };
}

function windows(view: View, { facts }: Health): HealthLine {
  const { health } = view.texts;
  const { kind, up, trouble, spilledSlots } = facts.windows;
  return {
    subject: health.windows,
    isFine: up && spilledSlots === 0,
    details: [
      health[kind],
      ...(trouble === null ? [] : [asGiven(view, trouble)]),
      ...(spilledSlots > 0 ? [health.waiting(countText(spilledSlots, view.language))] : []),
    ],
  };
}

/** A check that sees nothing, for a reason of ours, vouches for nothing. */
function checks(view: View, { checks: all }: Health): HealthLine {
  const { health, causes } = view.texts;
  const blind = all.filter(({ outcome }) => outcome === 'absent');
  const words: Readonly<Record<string, string>> = causes;
  return {
    subject: health.checks,
    isFine: blind.length === 0,
    details:
      blind.length === 0
        ? [health.allSee(all.length)]
        : [
            health.blindChecks(blind.length, all.length),
            ...blind.slice(0, 10).map(({ check, vantage, cause }) => {
              const why = cause === null ? '' : (words[cause] ?? cause);
              return html`<code>${check}</code> ${vantage}: ${why}`;
            }),
          ],
  };
}

function vantages(view: View, { facts }: Health): HealthLine {
  const { health } = view.texts;
  return {
    subject: health.vantages,
    isFine: true,
    details: [
      ...facts.vantages.map(({ vantage, lastSlot }) =>
        lastSlot === null
          ? html`<code>${vantage}</code> ${health.here}`
          : html`<code>${vantage}</code> ${health.here}, ${health.lastSlot} ${time(view, lastSlot)}`,
      ),
      ...facts.elsewhere.map((vantage) => html`<code>${vantage}</code> ${health.elsewhere}`),
    ],
  };
}

function configuration(view: View, { facts: { configuration: of } }: Health): HealthLine {
  const { health } = view.texts;
  return {
    subject: health.configuration,
    isFine: of.isLatest,
    details: [html`${health.loaded} ${time(view, of.loadedAt)}`, ...(of.isLatest ? [] : [health.refused])],
  };
}

function processLine(view: View, { facts: { version, startedAt } }: Health): HealthLine {
  const { health } = view.texts;
  return {
    subject: health.process,
    isFine: true,
    details: [`vigie, ${health.version} ${version}`, html`${health.started} ${time(view, startedAt)}`],
  };
}
