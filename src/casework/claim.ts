import type { Config } from '../config/config.ts';
import { periodAt, type PeriodKind } from '../contract/periods.ts';
import { contractAt, versionsOf } from '../contract/rule-history.ts';
import { leadingReading } from '../contract/rules.ts';
import { checksUnder } from '../core/checks-under.ts';
import { requestIdsIn } from '../core/request-ids.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { Incident, Period, Verdict } from '../core/verdict.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { TicketLink } from '../register/ticket-entry.ts';
import { firstLastAndBetween, incidentSamples, type Sample, type SampleSources } from './claim-samples.ts';

/** What a claim is gathered from. */
export interface ClaimSources extends SampleSources {
  readonly config: Config;
  /** The verdicts on the rows of a kind of period, in a period that may be over. */
  readonly verdictsOf: (kind: PeriodKind, period: Period) => Promise<readonly Verdict[]>;
}

/** How many samples of each incident are shown; all are counted. */
const SAMPLES_SHOWN = 200;

/**
 * What the provider asks for when a ticket is claimed (contract, SLA10): the ticket and its clocks, and of each incident
 * that is linked to it start, end, duration, causes, the samples that were not good with their evidence, and the ids of
 * the requests. Samples are there as far back as the windows keep them; all are counted, and of very many the first, the
 * last and some between are looked at, which is told by `complete`.
 */
export async function claimOf(ticket: TicketVerdict, links: readonly TicketLink[], sources: ClaimSources) {
  const incidents = [];
  for (const link of links) incidents.push(await claimedIncident(link, sources));
  return { ...ticketJson(ticket), region: sources.config.region, incidents };
}

/** A claim as JSON has it. */
export type Claim = Awaited<ReturnType<typeof claimOf>>;

async function claimedIncident({ row, scope, fromMs }: TicketLink, sources: ClaimSources) {
  const { rows } = contractAt(versionsOf(sources.config), fromMs);
  const clause = rows.find(({ id }) => id === row)?.clause ?? null;
  const about = { row, clause, scope, linkedFrom: instantJson(fromMs) };
  const incident = await incidentAt({ row, scope, fromMs }, sources);
  if (!incident)
    return { ...about, incident: null, samples: { count: 0, complete: true, shown: [] }, requestIds: [] };
  const checks = checksUnder(sources.config, row, scope);
  const { count, lookedAt } = await incidentSamples(incident, checks, sources);
  const shown = firstLastAndBetween(lookedAt, SAMPLES_SHOWN).map(sampleJson);
  return {
    ...about,
    incident: {
      from: instantJson(incident.fromMs),
      to: instantJson(incident.toMs),
      durationMs: incident.toMs - incident.fromMs,
      badMs: incident.badMs,
      countedMs: incident.countedMs,
      causes: incident.causes,
    },
    samples: { count, complete: lookedAt.length >= count, shown },
    requestIds: [...new Set(lookedAt.flatMap(({ evidence = null }) => requestIdsIn(evidence)))],
  };
}

type Place = Pick<TicketLink, 'row' | 'scope' | 'fromMs'>;

/**
 * In the period, or the part of one, that lies there, under the first reading of the contract that held at its end: the
 * incident that begins then, or else the one that goes on then.
 */
async function incidentAt(
  { row, scope, fromMs }: Place,
  { config, verdictsOf }: ClaimSources,
): Promise<Incident | undefined> {
  const versions = versionsOf(config);
  for (const kind of ['month', 'year'] as const) {
    const verdicts = await verdictsOf(kind, periodAt(config.contract, kind, fromMs));
    const verdict = verdicts.find(
      (one) =>
        one.row === row &&
        one.scope === scope &&
        one.reading === leadingReading(contractAt(versions, one.period.toMs - 1)) &&
        one.period.fromMs <= fromMs &&
        fromMs < one.period.toMs,
    );
    const found =
      verdict?.incidents.find((incident) => incident.fromMs === fromMs) ??
      verdict?.incidents.find((incident) => incident.fromMs <= fromMs && fromMs < incident.toMs);
    if (found) return found;
  }
  return undefined;
}

function sampleJson({ atMs, check, vantage, outcome, cause, evidence }: Sample) {
  return { at: instantJson(atMs), check, vantage, outcome, cause, evidence: evidence ?? null };
}
