import type { MetricName } from '../catalogue.ts';
import { formatDuration } from '../../core/duration.ts';
import type { RowRules } from '../../contract/rules.ts';
import type { ContractRow } from '../../contract/schema.ts';

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

/**
 * What a text begins with: `$m`, the selector of the member's series, and how a figure of it is told in each format:
 * "not known" where there is none. Defined once, because a rule's text is as long as its queries.
 */
function preamble({ row, reading }: RowRules): string {
  const formats = Object.entries(FORMATS).map(
    ([name, format]) =>
      `{{ define "${name}" }}{{ with query . }}{{ . | first | value | ${format} }}{{ else }}not known{{ end }}{{ end }}`,
  );
  const list =
    '{{ define "list" }}{{ with query . }}{{ range $i, $one := . }}{{ if $i }}, {{ end }}' +
    '{{ range $name, $value := .Labels }}{{ $value }}{{ end }}{{ end }}{{ else }}none{{ end }}{{ end }}';
  const member = `{{ $m := printf \`row="${row}",scope=%q,reading="${reading}"\` $labels.scope }}`;
  return [...formats, list, member].join('');
}

/** A template that asks for a figure of the member when the alert is told. */
function told({ metric, where, as }: ToldFigure): string {
  return `{{ template "${as}" (printf \`max(${metric}{%s${where === undefined ? '' : `,${where}`}})\` $m) }}`;
}

/** A template that lists the values of the one label of what a query over the member finds. */
function listed(query: string, variable: '$m' | '$labels.scope'): string {
  return `{{ template "list" (printf \`${query}\` ${variable}) }}`;
}

/** What a row promises, in a sentence. */
export function promiseText(row: ContractRow): string {
  switch (row.type) {
    case 'availability':
      return `${row.clause} promises ${row.target} % a ${row.period}: ${row.title}.${deductionText(row.incident.deduct)}`;
    case 'latency-bound':
      return `${row.clause} promises at most ${formatDuration(row.bound)}: ${row.title}.`;
    case 'sampled-share':
      return `${row.clause} promises ${row.target} % of the time, a ${row.period}: ${row.title}.`;
    case 'durability':
      return `${row.clause} promises ${row.target} %: ${row.title}.`;
    case 'support':
      return `${row.clause} promises ${formatDuration(row.limit)}: ${row.title}.`;
    case 'none':
      return `${row.clause} promises nothing: ${row.title}.`;
  }
}

function deductionText(deductMs: number): string {
  return deductMs > 0 ? ` The first ${formatDuration(deductMs)} of each incident are not counted.` : '';
}

/** All that is known of a member when it is told of: the promise, the figures, and what is not known. */
export function rowText(row: ContractRow, rules: RowRules): string {
  const texts = [
    promiseText(row),
    INCIDENT_TEXT,
    ...measuredText(row, rules),
    vantagesText(rules),
    unknownText(rules),
  ];
  return preamble(rules) + texts.join('\n');
}

function measuredText(row: ContractRow, rules: RowRules): readonly string[] {
  if (row.type === 'sampled-share') return [sampleText(rules)];
  if (row.type !== 'availability' && row.type !== 'latency-bound') return [];
  const downtime = (bound: string): string =>
    told({ metric: 'vigie_sla_downtime_seconds', where: `bound="${bound}"`, as: 'duration' });
  const duration = (metric: MetricName): string => told({ metric, as: 'duration' });
  return [
    `Measured this ${rules.period}: ${downtime('estimate')} of downtime count (${downtime('best')} at best, ` +
      `${downtime('worst')} at worst), ${downtime('raw')} before deductions.`,
    `Budget left: ${duration('vigie_sla_budget_remaining_seconds')} of ${duration('vigie_sla_budget_seconds')}. ` +
      `An outage from now on would break the promise after ${duration('vigie_sla_time_to_breach_seconds')}.`,
  ];
}

function sampleText(rules: RowRules): string {
  const ratio = (bound: string): string =>
    told({ metric: 'vigie_sla_sample_ratio', where: `bound="${bound}"`, as: 'percentage' });
  const tests = told({ metric: 'vigie_sla_sample_tests', as: 'number' });
  return (
    `Measured this ${rules.period}: ${ratio('share')} of ${tests} tests were met; ` +
    `the share lies between ${ratio('lower')} and ${ratio('upper')} (95 %).`
  );
}

/** Since when, and of what causes, if an incident is going on. */
const INCIDENT_TEXT = incidentText();

function incidentText(): string {
  const since = 'max(vigie_sla_incident_since_timestamp_seconds{%s})';
  const bad = told({ metric: 'vigie_sla_incident_bad_seconds', as: 'duration' });
  const causes = listed('count by (cause) (vigie_sla_incident_cause{%s} == 1)', '$m');
  return (
    `{{ with query (printf \`${since}\` $m) }}` +
    `Incident since {{ . | first | value | humanizeTimestamp }}, ${bad} of it bad. ` +
    `Causes seen: ${causes}.{{ else }}No incident is going on.{{ end }}`
  );
}

/** Which vantages see it, and which do not. */
function vantagesText({ row }: RowRules): string {
  const saw = (outcome: string): string =>
    `sum by (vantage) (increase(vigie_probe_observations_total{outcome="${outcome}"}[5m]) and on (check) ` +
    `vigie_sla_member_check{row="${row}",scope=%q}) > 0`;
  const bad = listed(saw('bad'), '$labels.scope');
  return `Vantages that saw it bad in the last 5 minutes: ${bad}; good: ${listed(saw('good'), '$labels.scope')}.`;
}

/** What was not seen, which may be more or less than what was. */
function unknownText({ period }: RowRules): string {
  const unknown = told({ metric: 'vigie_sla_downtime_seconds', where: 'bound="unknown"', as: 'duration' });
  const seen = told({ metric: 'vigie_sla_coverage_ratio', where: 'window="1h"', as: 'percentage' });
  return `Not known: ${unknown} of this ${period} were not seen; of the last hour, ${seen} were.`;
}
