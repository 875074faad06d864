import type { Config } from '../config/config.ts';
import { periodAt, type PeriodKind } from '../contract/periods.ts';
import { contractAt, versionsOf } from '../contract/rule-history.ts';
import { leadingReading } from '../contract/rules.ts';
import type { Check } from '../core/check.ts';
import { checksOf } from '../core/composition.ts';
import { requestIdsIn } from '../core/request-ids.ts';
import type { TicketVerdict } from '../core/ticket.ts';
import { ticketJson } from '../core/ticket-json.ts';
import type { Incident, Period, Verdict } from '../core/verdict.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { TicketLink } from '../register/ticket-entry.ts';
import type { Mark, WindowStore } from '../window/store.ts';

/** What a claim is gathered from. */
export interface ClaimSources {
  readonly config: Config;
  readonly store: Pick<WindowStore, 'marks'>;
  /** The verdicts on the rows of a kind of period, in a period that may be over. */
  readonly verdictsOf: (kind: PeriodKind, period: Period) => Promise<readonly Verdict[]>;
}

/** Of how many samples each incident shows the whole; the rest is counted. */
const SAMPLES_SHOWN = 200;

/**
 * What the provider asks for when a ticket is claimed (contract, SLA10): the ticket and its clocks, and of each incident
 * that is linked to it start, end, duration, causes, the samples that were not good with their evidence, and the ids of
 * the requests. Samples are there as far back as the windows keep them.
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
  if (!incident) return { ...about, incident: null, samples: { count: 0, shown: [] }, requestIds: [] };
  const samples = await samplesIn(incident, checksUnder(row, scope, sources.config), sources.store);
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
    samples: { count: samples.length, shown: samples.slice(0, SAMPLES_SHOWN) },
    requestIds: [...new Set(samples.flatMap(({ evidence }) => requestIdsIn(evidence)))],
  };
}

type Place = Pick<TicketLink, 'row' | 'scope' | 'fromMs'>;

/**
 * Under the first reading of the contract that held then, in the period, or the part of one, that lies there: the incident
 * that begins then, or else the one that goes on then.
 */
async function incidentAt(
  { row, scope, fromMs }: Place,
  { config, verdictsOf }: ClaimSources,
): Promise<Incident | undefined> {
  const reading = leadingReading(contractAt(versionsOf(config), fromMs));
  for (const kind of ['month', 'year'] as const) {
    const verdicts = await verdictsOf(kind, periodAt(config.contract, kind, fromMs));
    const verdict = verdicts.find(
      (one) =>
        one.row === row &&
        one.scope === scope &&
        one.reading === reading &&
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

/** The checks that a member of a row is made of. */
export function checksUnder(row: string, scope: string, { checks, compositions }: Config): readonly Check[] {
  const composed = compositions.find((one) => one.row === row && one.scope === scope);
  if (!composed) return checks.filter((check) => check.row === row && check.scope === scope);
  const named = checksOf(composed.bad);
  return checks.filter(({ id }) => named.includes(id));
}

async function samplesIn(
  { fromMs, toMs }: Incident,
  checks: readonly Check[],
  store: Pick<WindowStore, 'marks'>,
) {
  const samples = [];
  for (const { id: check, intervalMs } of checks) {
    const range = {
      check,
      intervalMs,
      fromSlot: Math.floor(fromMs / intervalMs),
      toSlot: Math.ceil(toMs / intervalMs),
    };
    for (const mark of await store.marks(range)) samples.push(sampleOf(check, intervalMs, mark));
  }
  return samples
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, ...sample }) => ({ at: instantJson(atMs), ...sample }));
}

function sampleOf(check: string, intervalMs: number, { vantage, slot, outcome, cause, evidence }: Mark) {
  return { atMs: slot * intervalMs, check, vantage, outcome, cause, evidence: evidence ?? null };
}
