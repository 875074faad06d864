import type {
  CountingSteps,
  ExplainedCheck,
  ExplainedExclusion,
  ExplainedIncident,
  Explanation,
} from '../core/explanation.ts';
import type { Composition } from '../core/composition.ts';
import { partsOf } from '../core/composition.ts';
import { formatDuration } from '../core/duration.ts';

const INCIDENTS_SHOWN = 20;

/** How a verdict came about, in plain words and with its arithmetic, a line each. */
export function explanationText(explanation: Explanation): readonly string[] {
  const { verdict, incidents, exclusions, samples } = explanation;
  return [
    ...heading(explanation),
    '',
    ...arithmetic(explanation),
    '',
    `Looked at by (bad is ${compositionText(explanation.composition)}):`,
    ...(explanation.checks.length === 0
      ? ['  nobody: all of it is unknown']
      : explanation.checks.map(checkLine)),
    '',
    ...incidentLines(incidents),
    '',
    ...exclusionLines(exclusions),
    ...kindLines(explanation),
    '',
    ...unknownLines(explanation),
    ...(samples.length === 0 ? [] : ['', 'What the probes noted, of the latest incidents:']),
    ...samples.map(({ at, check, vantage, cause, evidence }) => {
      const facts = Object.entries(evidence ?? {}).map(([name, value]) => `${name}=${value}`);
      return `  ${at} ${check} from ${vantage}: ${[cause, ...facts].join(' ')}`;
    }),
    ...(verdict.durability ? ['', verdict.durability.statement] : []),
  ];
}

function heading({ verdict, clause, title, rules }: Explanation): readonly string[] {
  const { row, scope, reading, period, state, target, eligible } = verdict;
  const part = period.part ? `, part ${period.part.index} of ${period.part.count} of ${period.part.of}` : '';
  const promised = target === null ? 'nothing is promised' : `${target} % is promised`;
  return [
    `${row} (${clause}: ${title}), ${scope}, read as by "${reading}": ${state}`,
    `Period ${period.name}${part}: from ${period.from} to ${period.to}, as of ${verdict.at}; ${promised}.`,
    ...(eligible === false
      ? ['The deployment does not cover every subregion: the row may not be claimed.']
      : []),
    ...(eligible === null ? ['Whether the deployment covers every subregion is not known.'] : []),
    ...rules.map((rule) => `  · ${rule}`),
  ];
}

function arithmetic(explanation: Explanation): readonly string[] {
  const { verdict, arithmetic: sums } = explanation;
  const { lengthMs, removedMs, elapsedMs, borne, bounds } = sums;
  const removed = removedMs > 0 ? ` (${ms(removedMs)} of excluded time are removed from it)` : '';
  const share = borne && `1 − T*, the share that may be bad: ${borne.numerator}/${borne.denominator}`;
  return [
    `L, the length of the period: ${ms(lengthMs)}${removed}; elapsed: ${ms(elapsedMs)}`,
    ...(share ? [`${share}; B, the budget: ${ms(verdict.budgetMs ?? 0)}`] : []),
    ...countingRules(sums),
    ...boundLines('best (what is certain)', bounds.best),
    ...boundLines('estimate', bounds.estimate),
    ...boundLines('worst (all that was not seen counted as bad)', bounds.worst),
    ...sampleLines(explanation),
  ];
}

function countingRules({ mergeGapMs, minimumMs, deductMs }: Explanation['arithmetic']): readonly string[] {
  const rules = [
    ...(mergeGapMs > 0 ? [`bad runs at most ${ms(mergeGapMs)} apart are one incident`] : []),
    ...(minimumMs > 0 ? [`an incident with less than ${ms(minimumMs)} of bad time does not count`] : []),
    ...(deductMs > 0 ? [`the first ${ms(deductMs)} of bad time of each do not count`] : []),
  ];
  return rules.length === 0 ? [] : [`How bad time is counted: ${rules.join('; ')}.`];
}

function sampleLines({ verdict: { sample }, arithmetic: { shareTest } }: Explanation): readonly string[] {
  if (!sample || !shareTest) return [];
  const { met, tests, share, lower, upper, coverage } = sample;
  const { distance, left, right } = shareTest;
  const side = distance.startsWith('-') ? 'below' : 'at or above';
  return [
    `Tests: s ${met} of n ${tests} met; they cover ${(coverage * 100).toFixed(1)} % of the time.`,
    ...(share === null ? [] : [`  s/n ${share}, Wilson interval at 95 % from ${lower} to ${upper}`]),
    `  s·d − a·n = ${distance}: ${side} the promised a/d; its square · 625 = ${left}, 2401·a·(d − a)·n = ${right}: ` +
      `the target is ${BigInt(left) >= BigInt(right) ? 'outside' : 'inside'} the interval`,
  ];
}

function boundLines(name: string, steps: CountingSteps): readonly string[] {
  const { badMs, tooShortMs, deductedMs, outsideMs, countedMs, comparison } = steps;
  const line =
    `  ${name}: ${ms(badMs)} bad − ${ms(tooShortMs)} too short − ${ms(deductedMs)} deducted − ` +
    `${ms(outsideMs)} outside the period = D ${ms(countedMs)}`;
  if (!comparison) return [line];
  const { used, allowed, over } = comparison;
  return [
    line,
    `    D · denominator ${used} ${over ? '>' : '≤'} L · numerator ${allowed}: ${over ? 'over' : 'within'}`,
  ];
}

function checkLine(check: ExplainedCheck): string {
  const { vantages, quorum, confirm, causes } = check;
  const who =
    confirm === null
      ? `${quorum} of ${vantages.length} vantages (${vantages.join(', ')}) must agree`
      : `one vantage (${vantages.join(', ')}), believed ${confirm === 1 ? 'at once' : `after ${confirm} slots in a row`}`;
  const why = causes.map(
    ({ cause, state, ms: time }) => `${cause} ${ms(time)}${state === 'down' ? '' : ' excluded'}`,
  );
  return (
    `  ${check.check} (${check.probe}, every ${formatDuration(check.intervalMs)}; ${who}): down ${ms(check.downMs)}, ` +
    `excluded ${ms(check.excludedMs)}, unknown ${ms(check.unknownMs)}, contested ${ms(check.contestedMs)}` +
    (why.length === 0 ? '' : `; ${why.join(', ')}`)
  );
}

function incidentLines(incidents: readonly ExplainedIncident[]): readonly string[] {
  if (incidents.length === 0) return ['No bad time touches the period.'];
  const shown = incidents.slice(-INCIDENTS_SHOWN);
  const left = incidents.length - shown.length;
  return [
    `Bad runs of the estimate that touch the period${left > 0 ? `, the latest ${shown.length} of ${incidents.length}` : ''}:`,
    ...shown.map((incident) => {
      const { from, to, badMs, tooShort, deductedMs, outsideMs, countedMs, causes, checks } = incident;
      const counted = tooShort
        ? 'too short to count'
        : `${ms(deductedMs)} deducted, ${ms(outsideMs)} outside, ${ms(countedMs)} counted`;
      return `  ${from} … ${to}: ${ms(badMs)} bad, ${counted}; ${causes.join(', ') || 'no cause told'}; ${checks.join(', ')}`;
    }),
  ];
}

function exclusionLines(exclusions: readonly ExplainedExclusion[]): readonly string[] {
  if (exclusions.length === 0) return ['No exclusion was declared for it in this period.'];
  return [
    'Declared exclusions:',
    ...exclusions.map(({ id, kind, from, to, checks, reason, author, enteredAt, honoured, coversMs }) => {
      const of = checks ? ` of ${checks.join(', ')}` : '';
      const entered = enteredAt === null ? '' : `, entered ${enteredAt}`;
      const effect = honoured
        ? `takes ${ms(coversMs)} out`
        : `covers ${ms(coversMs)}, which this reading counts`;
      return `  ${id} (${kind}${of}) ${from} … ${to} by ${author}${entered}: ${effect}; ${reason}`;
    }),
  ];
}

function kindLines({ kinds }: Explanation): readonly string[] {
  return kinds.map(({ kind, honoured, excluded, counted }) => {
    const figure = ({ state, downtimeMs }: typeof excluded): string =>
      `${ms(downtimeMs.estimate)} counted, ${state}`;
    return (
      `  without ${kind}: ${figure(excluded)}${honoured ? ' (as read)' : ''}; ` +
      `with it: ${figure(counted)}${honoured ? '' : ' (as read)'}`
    );
  });
}

function unknownLines({ verdict, unknown }: Explanation): readonly string[] {
  if (verdict.unknownMs === 0) return ['Nothing was left unseen.'];
  return [
    `Not seen: ${ms(verdict.unknownMs)}; the longest spans:`,
    ...unknown.map(({ from, to }) => `  ${from} … ${to}: ${ms(Date.parse(to) - Date.parse(from))}`),
  ];
}

function compositionText(composition: Composition): string {
  if (typeof composition === 'string') return composition || 'unknown';
  const parts = partsOf(composition).map(compositionText).join(', ');
  if ('any' in composition) return `any of (${parts})`;
  if ('all' in composition) return `all of (${parts})`;
  return `at least ${composition.quorum} of (${parts})`;
}

/** Milliseconds as they are computed with, and for people. */
function ms(time: number): string {
  return time === 0 ? '0 ms' : `${time} ms (${formatDuration(time)})`;
}
