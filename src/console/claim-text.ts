import { formatDuration } from '../core/duration.ts';
import type { TicketJson } from '../core/ticket-json.ts';
import { NOTHING } from './figures.ts';

/** What the text tells of a claim. */
export interface ToldClaim extends TicketJson {
  readonly region: string;
  readonly incidents: readonly ToldIncident[];
}

interface ToldIncident {
  readonly row: string;
  readonly clause: string | null;
  readonly scope: string;
  readonly linkedFrom: string;
  readonly incident: {
    readonly from: string;
    readonly to: string;
    readonly durationMs: number;
    readonly badMs: number;
    readonly countedMs: number;
    readonly causes: readonly string[];
  } | null;
  readonly samples: {
    readonly count: number;
    /** Whether the request ids are those of all of them. */
    readonly complete: boolean;
    readonly shown: readonly ToldSample[];
  };
  readonly requestIds: readonly string[];
}

interface ToldSample {
  readonly at: string;
  readonly check: string;
  readonly vantage: string;
  readonly outcome: string;
  readonly cause: string;
  readonly evidence: Readonly<Record<string, string | number>> | null;
}

/** How many samples the text shows of an incident; JSON has more. */
const SAMPLES_SHOWN = 20;

/** A claim as text to be sent: lines without colour. */
export function claimText(claim: ToldClaim): readonly string[] {
  const { ticket, title, severity, region, opened, answered, resolved, gti, gtr } = claim;
  const clocks = [
    ['time to intervene', gti],
    ['time to recover', gtr],
  ] as const;
  return [
    `Ticket ${ticket}${title === null ? '' : `: ${title}`}`,
    `Severity ${severity}, region ${region}`,
    `Opened ${opened}, answered ${answered ?? NOTHING}, resolved ${resolved ?? NOTHING}`,
    ...clocks.flatMap(([name, clock]) =>
      clock
        ? [
            `${clock.row}, ${name}: ${formatDuration(clock.elapsedMs)} of ${formatDuration(clock.limitMs)}, due ${clock.deadline ?? NOTHING}, ${clock.state}`,
          ]
        : [],
    ),
    ...claim.incidents.flatMap(incidentText),
    ...(claim.incidents.length === 0 ? ['', 'No incident is linked to it: vigie ticket link'] : []),
  ];
}

function incidentText({
  row,
  clause,
  scope,
  linkedFrom,
  incident,
  samples,
  requestIds,
}: ToldIncident): readonly string[] {
  const heading = `${row} (${clause ?? 'no clause'}), ${scope}`;
  if (!incident) return ['', `${heading}: no incident at ${linkedFrom}`];
  const { from, to, durationMs, badMs, countedMs, causes } = incident;
  return [
    '',
    heading,
    `  from ${from} to ${to}, ${formatDuration(durationMs)}`,
    `  down ${formatDuration(badMs)}, counted ${formatDuration(countedMs)}, causes: ${causes.join(', ') || NOTHING}`,
    `  ${samples.count} samples that were not good${idsText(requestIds, samples.complete)}`,
    ...samples.shown.slice(0, SAMPLES_SHOWN).map(sampleText),
    ...restText(samples.count, samples.shown.length),
  ];
}

function idsText(ids: readonly string[], areAll: boolean): string {
  return ids.length === 0 ? '' : `; request ids${areAll ? '' : ' of some'}: ${ids.join(' ')}`;
}

function restText(count: number, shown: number): readonly string[] {
  if (count <= SAMPLES_SHOWN) return [];
  const some = shown < count ? `${shown} of all` : 'all';
  return [`    … and ${count - SAMPLES_SHOWN} more; ${some} with --output json`];
}

function sampleText({ at, check, vantage, outcome, cause, evidence }: ToldSample): string {
  const facts = Object.entries(evidence ?? {}).map(([name, value]) => `${name}=${value}`);
  return `    ${[at, check, vantage, outcome, cause, ...facts].join(' ')}`;
}
