import type { MetricName } from '../catalogue.ts';
import { formatDuration } from '../../core/duration.ts';
import type { ContractRow } from '../../contract/schema.ts';
import type { RowFamily } from './row-family.ts';
import { type ExtraLabels, matchers } from './selector.ts';

/** A gauge of the member that an alert is about, in its text. */
interface ToldFigure {
  readonly metric: MetricName;
  /** Another matcher. */
  readonly where?: string;
  readonly as: 'duration' | 'percentage' | 'number';
}

const FORMATS: Readonly<Record<ToldFigure['as'], string>> = {
  duration: 'humanizeDuration',
  percentage: 'humanizePercentage',
  number: 'humanize',
};

/** The member that an alert is about, as a text names it. */
export const MEMBER = '{{ $labels.row }} ({{ $labels.scope }})';

/** What a row promises, in a sentence. */
export function promiseText(row: ContractRow): string {
  return `${row.clause} promises ${promiseOf(row)}`;
}

/** What a row promises, after "promises": a label of `vigie_sla_info`, for the rules' texts. */
export function promiseOf(row: ContractRow): string {
  switch (row.type) {
    case 'availability':
      return `${row.target} % a ${row.period}: ${row.title}.${deductionText(row.incident.deduct)}`;
    case 'latency-bound':
      return `at most ${formatDuration(row.bound)}: ${row.title}.`;
    case 'sampled-share':
      return `${row.target} % of the time, a ${row.period}: ${row.title}.`;
    case 'durability':
      return `${row.target} %: ${row.title}.`;
    case 'support':
      return `${formatDuration(row.limit)}: ${row.title}.`;
    case 'none':
      return `nothing: ${row.title}.`;
  }
}

function deductionText(deductMs: number): string {
  return deductMs > 0 ? ` The first ${formatDuration(deductMs)} of each incident are not counted.` : '';
}

/**
 * All that is known of a member when it is told of, for every rule of a family: the promise, the figures, and what is
 * not known. A Prometheus template, which asks for the rest when the alert is told.
 */
export function memberText({ type, reading }: RowFamily, extra: ExtraLabels = {}): string {
  const body = [PROMISE_TEXT, INCIDENT_TEXT, ...measuredText(type), VANTAGES_TEXT, UNKNOWN_TEXT].join('\n');
  return preamble(body, reading, extra) + body;
}

/**
 * What a text begins with: the selectors `$w` of the member, `$m` of its figures and `$p` of its period, its promise,
 * and how a figure is told in each format that the text uses: "not known" where there is none.
 */
function preamble(body: string, reading: string, extra: ExtraLabels): string {
  const formats = Object.entries(FORMATS).map(
    ([name, format]) =>
      `{{ define "${name}" }}{{ with query . }}{{ . | first | value | ${format} }}{{ else }}not known{{ end }}{{ end }}`,
  );
  const list =
    '{{ define "list" }}{{ with query . }}{{ range $i, $one := . }}{{ if $i }}, {{ end }}' +
    '{{ range $name, $value := .Labels }}{{ $value }}{{ end }}{{ end }}{{ else }}none{{ end }}{{ end }}';
  const more = matchers(extra);
  const tail = more === '' ? '' : `,${more}`;
  const variables =
    `{{ $w := printf \`row=%q,scope=%q${tail}\` $labels.row $labels.scope }}` +
    `{{ $m := printf \`%s,reading="${reading}"\` $w }}` +
    `{{ $saw := \`sum by (vantage) (increase(vigie_probe_observations_total{outcome=%q${tail}}[5m]) and on (check) ` +
    'vigie_sla_member_check{%s}) > 0` }}' +
    `{{ $promise := \`something\` }}{{ $p := \`period\` }}{{ with query (printf \`vigie_sla_info{row=%q${tail}}\` $labels.row) }}` +
    '{{ with first . }}{{ $promise = .Labels.promise }}{{ with .Labels.period }}{{ $p = . }}{{ end }}{{ end }}{{ end }}';
  const used = [...formats, list].filter((one) => body.includes(`template ${/"\w+"/.exec(one)?.[0]}`));
  return [...used, variables].join('');
}

const PROMISE_TEXT = '{{ $labels.clause }} promises {{ $promise }}';

/** A template that asks for a figure of the member when the alert is told. */
function told({ metric, where, as }: ToldFigure): string {
  return `{{ template "${as}" (printf \`max(${metric}{%s${where === undefined ? '' : `,${where}`}})\` $m) }}`;
}

function measuredText(type: RowFamily['type']): readonly string[] {
  if (type === 'sampled-share') return [sampleText()];
  if (type !== 'availability' && type !== 'latency-bound') return [];
  const downtime = (bound: string): string =>
    told({ metric: 'vigie_sla_downtime_seconds', where: `bound="${bound}"`, as: 'duration' });
  const duration = (metric: MetricName): string => told({ metric, as: 'duration' });
  return [
    `Measured this {{ $p }}: ${downtime('estimate')} of downtime count (${downtime('best')} at best, ` +
      `${downtime('worst')} at worst), ${downtime('raw')} before deductions.`,
    `Budget left: ${duration('vigie_sla_budget_remaining_seconds')} of ${duration('vigie_sla_budget_seconds')}. ` +
      `An outage from now on would break the promise after ${duration('vigie_sla_time_to_breach_seconds')}.`,
  ];
}

function sampleText(): string {
  const ratio = (bound: string): string =>
    told({ metric: 'vigie_sla_sample_ratio', where: `bound="${bound}"`, as: 'percentage' });
  const tests = told({ metric: 'vigie_sla_sample_tests', as: 'number' });
  return (
    `Measured this {{ $p }}: ${ratio('share')} of ${tests} tests were met; ` +
    `the share lies between ${ratio('lower')} and ${ratio('upper')} (95 %).`
  );
}

/** Since when, and of what causes, if an incident is going on. */
const INCIDENT_TEXT =
  '{{ with query (printf `max(vigie_sla_incident_since_timestamp_seconds{%s})` $m) }}' +
  `Incident since {{ . | first | value | humanizeTimestamp }}, ${told({ metric: 'vigie_sla_incident_bad_seconds', as: 'duration' })} of it bad. ` +
  'Causes seen: {{ template "list" (printf `count by (cause) (vigie_sla_incident_cause{%s} == 1)` $m) }}.' +
  '{{ else }}No incident is going on.{{ end }}';

/** Which vantages see it, and which do not. */
const VANTAGES_TEXT =
  'Vantages that saw it bad in the last 5 minutes: {{ template "list" (printf $saw "bad" $w) }}; ' +
  'good: {{ template "list" (printf $saw "good" $w) }}.';

/** What was not seen, which may be more or less than what was. */
const UNKNOWN_TEXT =
  `Not known: ${told({ metric: 'vigie_sla_downtime_seconds', where: 'bound="unknown"', as: 'duration' })} of this {{ $p }} were not seen; ` +
  `of the last hour, ${told({ metric: 'vigie_sla_coverage_ratio', where: 'window="1h"', as: 'percentage' })} were.`;
