import { formatDuration } from '../../core/duration.ts';
import { instantJson } from '../../core/verdict-json.ts';
import type { SampleFigures, Verdict } from '../../core/verdict.ts';
import { runbookLink } from '../rules/rule-file.ts';
import type { AlertLinks } from '../rules/setup.ts';
import type { TrackedAlert } from './watched.ts';

/** What is told of an alert beside its labels. */
export type Annotations = Readonly<Record<string, string>>;

/** What the texts of pushed alerts are made of besides the alert. */
export interface AlertBackground {
  readonly links: AlertLinks;
  /** What a row promises, after "promises"; undefined for a row that the contract does not have. */
  readonly promiseOf: (row: string) => string | undefined;
  /** Which vantages last saw a member of a row good, and which bad; each once. */
  readonly sightingsOf: (row: string, scope: string) => Sightings;
}

/** The vantages that last saw something good, and those that last saw it bad. */
export interface Sightings {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** The texts of an alert, which say what those of the rule say. */
export function annotationsOf(alert: TrackedAlert, background: AlertBackground): Annotations {
  const { rule, labels, verdict } = alert;
  const isOfRow = rule.labels.kind === 'sla' && verdict !== undefined;
  const incident = linkOf(labels, background.links);
  return {
    summary: filledIn(rule.texts.summary, alert),
    description: isOfRow
      ? descriptionOf(labels, verdict, background)
      : filledIn(rule.texts.description, alert),
    ...(incident !== undefined && { incident }),
    runbook_url: runbookLink(rule.name, background.links),
  };
}

/** The page on which vigie tells of what an alert is about; undefined when it has no address. */
export function linkOf({ row, scope }: TrackedAlert['labels'], { url }: AlertLinks): string | undefined {
  if (url === undefined) return undefined;
  if (row === undefined || scope === undefined) return `${url}/`;
  return `${url}/rows/${encodeURIComponent(row)}?scope=${encodeURIComponent(scope)}`;
}

const PLACEHOLDER = /\{\{ \$(?:labels\.(\w+)|value)(?: \| (\w+))? \}\}/g;

/** Fills in a rule's template, as far as templates without queries go. */
function filledIn(template: string, { labels, value }: TrackedAlert): string {
  return template.replace(PLACEHOLDER, (_, label: string | undefined, format: string | undefined) =>
    label === undefined ? shown(value, format) : (labels[label] ?? ''),
  );
}

function shown(value: number | null, format: string | undefined): string {
  if (value === null) return 'not known';
  switch (format) {
    case 'humanizeDuration':
      return duration(value * 1000);
    case 'humanizePercentage':
      return percentage(value);
    default:
      return String(Number(value.toPrecision(4)));
  }
}

function descriptionOf(
  { row = '', scope = '', clause = '' }: TrackedAlert['labels'],
  verdict: Verdict,
  { promiseOf, sightingsOf }: AlertBackground,
): string {
  return [
    `${clause} promises ${promiseOf(row) ?? 'something'}`,
    incidentText(verdict),
    ...measuredText(verdict),
    ...vantagesText(sightingsOf(row, scope)),
    unknownText(verdict),
  ].join('\n');
}

/** Nothing where other processes look. */
function vantagesText({ good, bad }: Sightings): readonly string[] {
  if (good.length + bad.length === 0) return [];
  const list = (names: readonly string[]): string => names.join(', ') || 'none';
  return [`Vantages that last saw it bad: ${list(bad)}; good: ${list(good)}.`];
}

function incidentText({ openIncident }: Verdict): string {
  if (!openIncident) return 'No incident is going on.';
  const { fromMs, badMs, causes } = openIncident;
  const since = `Incident since ${instantJson(fromMs)}, ${duration(badMs)} of it bad.`;
  return `${since} Causes seen: ${causes.join(', ') || 'none'}.`;
}

function measuredText(verdict: Verdict): readonly string[] {
  const { sample, durability, downtimeMs, budgetMs, remainingMs, timeToBreachMs, period } = verdict;
  if (sample) return [sampleText(sample, period.name)];
  if (durability) return [durability.statement];
  const { estimate, best, worst, raw } = downtimeMs;
  return [
    `Measured in ${period.name}: ${duration(estimate)} of downtime count (${duration(best)} at best, ` +
      `${duration(worst)} at worst), ${duration(raw)} before deductions.`,
    `Budget left: ${maybe(remainingMs)} of ${maybe(budgetMs)}. ` +
      `An outage from now on would break the promise after ${maybe(timeToBreachMs)}.`,
  ];
}

function sampleText({ tests, share, lower, upper }: SampleFigures, period: string): string {
  const ratio = (part: number | null): string => (part === null ? 'not known' : percentage(part));
  return (
    `Measured in ${period}: ${ratio(share)} of ${tests} tests were met; ` +
    `the share lies between ${ratio(lower)} and ${ratio(upper)} (95 %).`
  );
}

function unknownText({ unknownMs, period, rolling }: Verdict): string {
  const seen = rolling['1h'];
  const share = seen ? percentage(seen.coverage) : 'not known how much';
  return `Not known: ${duration(unknownMs)} of ${period.name} were not seen; of the last hour, ${share} were.`;
}

function maybe(ms: number | null): string {
  return ms === null ? 'not known' : duration(ms);
}

function duration(ms: number): string {
  return formatDuration(Math.abs(ms) < 10_000 ? ms : Math.round(ms / 1000) * 1000);
}

function percentage(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(4))} %`;
}
