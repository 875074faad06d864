import type { Config } from '../config/config.ts';
import { periodAt } from '../contract/periods.ts';
import type { Check } from '../core/check.ts';
import { checksUnder } from '../core/checks-under.ts';
import type { ExplainedIncident, Explanation } from '../core/explanation.ts';
import { requestIdsIn } from '../core/request-ids.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { TicketLink } from '../register/ticket-entry.ts';
import { pageOf } from '../web/api/page.ts';
import type {
  IncidentAnswer,
  IncidentDetailsJson,
  IncidentQuery,
  IncidentReadingJson,
  SampleJson,
} from '../web/record-source.ts';
import type { ExplainAnswer, ExplainQuery } from '../web/sources.ts';
import type { WindowStore } from '../window/store.ts';

/** What an incident is gathered from. */
export interface IncidentSources {
  readonly config: Config;
  readonly store: Pick<WindowStore, 'marks'>;
  readonly explain: (query: ExplainQuery) => Promise<ExplainAnswer>;
  /** What tickets are linked to. */
  readonly links: readonly TicketLink[];
  /** Gives the event loop a turn. */
  readonly breathe: () => Promise<void>;
}

/** How many slots of a check are read at a time. */
const SLOTS_A_TIME = 8_640;
/** How many samples of an incident are looked at. */
const MOST_SAMPLES = 20_000;

/** An incident as one reading sees it. */
interface Sight {
  readonly explanation: Explanation;
  readonly incident: ExplainedIncident;
}

/**
 * The incident of a member that begins at an instant, or goes on then, with all that a claim is made of. Samples are there
 * as far back as the windows keep them. Rejects when the store is broken.
 */
export async function incidentDetails(
  query: IncidentQuery,
  sources: IncidentSources,
): Promise<IncidentAnswer> {
  const { row, scope, fromMs } = query;
  const { contract, formerContracts = [] } = sources.config;
  const promise = [contract, ...formerContracts].flatMap(({ rows }) => rows).find(({ id }) => id === row);
  if (!promise) return absent(`the contract has no row ${JSON.stringify(row)}`);
  const kind = 'period' in promise ? promise.period : undefined;
  if (!kind) return absent(`there are no incidents of ${row}`);
  const period = periodAt(contract, kind, fromMs).name;
  const answer = await sources.explain({ row, scope, period });
  const sights = answer.ok ? answer.explanations.flatMap((each) => sightOf(each, fromMs)) : [];
  const [first] = sights;
  if (!first) return absent(`there is no incident of ${row}, ${scope}, at ${instantJson(fromMs)}`);
  const samples = await samplesOf(first.incident, checksUnder(sources.config, row, scope), sources);
  const page = pageOf(samples.found, sampleKey, query);
  if (!page) return { ok: false, why: 'not-possible', detail: 'after is no cursor of this list; begin anew' };
  const { count, complete } = samples;
  const shown = { count, complete, shown: page.items, next: page.next };
  const requestIds = [...new Set(samples.found.flatMap(({ evidence }) => requestIdsIn(evidence)))];
  return {
    ok: true,
    incident: { ...detailsOf(query, sights, first, sources.links), requestIds, samples: shown },
  };
}

function absent(detail: string): IncidentAnswer {
  return { ok: false, why: 'absent', detail };
}

function sightOf(explanation: Explanation, atMs: number): readonly Sight[] {
  const { incidents } = explanation;
  const incident =
    incidents.find(({ from }) => Date.parse(from) === atMs) ??
    incidents.find(({ from, to }) => Date.parse(from) <= atMs && atMs < Date.parse(to));
  return incident ? [{ explanation, incident }] : [];
}

function detailsOf(
  { row, scope }: IncidentQuery,
  sights: readonly Sight[],
  { explanation, incident }: Sight,
  links: readonly TicketLink[],
): Omit<IncidentDetailsJson, 'requestIds' | 'samples'> {
  const { from, to, causes, checks } = incident;
  const { clause, title, verdict } = explanation;
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  return {
    ...{ row, scope, clause, title, from, to, causes, checks },
    durationMs: toMs - fromMs,
    open: verdict.openIncident?.from === from,
    readings: sights.map(readingOf),
    exclusions: explanation.exclusions.filter(
      (one) => Date.parse(one.to) > fromMs && Date.parse(one.from) < toMs,
    ),
    tickets: links
      .filter((link) => link.row === row && link.scope === scope)
      .filter((link) => fromMs <= link.fromMs && link.fromMs < toMs)
      .map(({ ticket }) => ticket),
  };
}

function readingOf({ explanation: { verdict, arithmetic }, incident }: Sight): IncidentReadingJson {
  const { from, to, badMs, tooShort, deductedMs, outsideMs, countedMs } = incident;
  const { mergeGapMs, minimumMs, deductMs } = arithmetic;
  const { reading, period } = verdict;
  return {
    ...{ reading, period: period.name, from, to, badMs, tooShort, deductedMs, outsideMs, countedMs },
    ...{ mergeGapMs, minimumMs, deductMs },
  };
}

function sampleKey({ at, check, vantage }: SampleJson): string {
  return JSON.stringify([at, check, vantage]);
}

async function samplesOf(
  { from, to }: ExplainedIncident,
  checks: readonly Check[],
  { store, breathe }: IncidentSources,
) {
  const found: SampleJson[] = [];
  for (const { id: check, intervalMs } of checks) {
    const end = Math.ceil(Date.parse(to) / intervalMs);
    for (let slot = Math.floor(Date.parse(from) / intervalMs); slot < end; slot += SLOTS_A_TIME) {
      if (found.length >= MOST_SAMPLES)
        return { found: inOrder(found), count: found.length, complete: false };
      const toSlot = Math.min(end, slot + SLOTS_A_TIME);
      const marks = await store.marks({ check, intervalMs, fromSlot: slot, toSlot });
      for (const { vantage, outcome, cause, evidence, slot: at } of marks)
        found.push({
          check,
          vantage,
          at: instantJson(at * intervalMs),
          outcome,
          cause,
          evidence: evidence ?? null,
        });
      await breathe();
    }
  }
  return { found: inOrder(found), count: found.length, complete: true };
}

/** Instants of one form sort as they are written. */
function inOrder(samples: readonly SampleJson[]): readonly SampleJson[] {
  return samples.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));
}
