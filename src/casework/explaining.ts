import { isNamed, type NamedPeriod, type PeriodKind } from '../contract/periods.ts';
import { contractAt, versionsOf } from '../contract/rule-history.ts';
import type { Check } from '../core/check.ts';
import type { ExplainedIncident, ExplainedSample, Explanation } from '../core/explanation.ts';
import { instantJson } from '../core/verdict-json.ts';
import { explain } from '../judge/explain.ts';
import type { Judge, Question } from '../judge/judge.ts';
import type { Mark, WindowStore } from '../window/store.ts';

/** Of how many incidents, the latest, samples are shown. */
const INCIDENTS_SAMPLED = 5;
/** How many slots at either end of an incident are looked into for samples. */
const SLOTS_LOOKED_INTO = 360;
/** How many samples are shown of a check at either end of an incident. */
const SAMPLES_SHOWN = 3;

/**
 * How the verdicts on a row came about at `nowMs`, up to where the judge has taken the windows in; one for each member,
 * reading and period that is asked for. Samples are shown as far back as the windows keep them.
 */
export async function explainRow(
  judge: Judge,
  store: Pick<WindowStore, 'marks'>,
  question: Question,
  nowMs: number,
  named?: NamedPeriod,
): Promise<readonly Explanation[]> {
  const { checks } = judge.setup;
  const versions = versionsOf(judge.setup);
  const eligible = judge.coversRegion;
  const explanations: Explanation[] = [];
  const { exclusions } = judge;
  const wholeOf = named && ((kind: PeriodKind) => (kind === named.kind ? named.period : undefined));
  for (const examined of judge.examined(question, nowMs, wholeOf)) {
    if (named && !isNamed(examined.setup.period, named)) continue;
    const { rows } = contractAt(versions, examined.setup.period.toMs - 1);
    const row = rows.find(({ id }) => id === question.row);
    if (!row) throw new Error(`a verdict on ${question.row}, which the contract of its period does not have`);
    // The verdict first: it brings up to date what the rest is read from.
    examined.verdict(nowMs, eligible);
    const counterfactuals = judge.counterfactuals(examined, nowMs);
    const told = explain(examined, { nowMs, eligible, row, checks, exclusions, counterfactuals });
    explanations.push({ ...told, samples: await samplesOf(told.incidents, checks, store) });
  }
  return explanations;
}

async function samplesOf(
  incidents: readonly ExplainedIncident[],
  checks: readonly Check[],
  store: Pick<WindowStore, 'marks'>,
): Promise<readonly ExplainedSample[]> {
  const samples: ExplainedSample[] = [];
  for (const incident of incidents.filter(({ tooShort }) => !tooShort).slice(-INCIDENTS_SAMPLED)) {
    for (const check of checks.filter(({ id }) => incident.checks.includes(id)))
      samples.push(...(await samplesIn(incident, check, store)));
  }
  return samples;
}

/** The first and the last notes of an incident: its long middle tells nothing new. */
async function samplesIn(
  { from, to }: ExplainedIncident,
  { id: check, intervalMs }: Check,
  store: Pick<WindowStore, 'marks'>,
): Promise<readonly ExplainedSample[]> {
  const first = Math.floor(Date.parse(from) / intervalMs);
  const end = Math.ceil(Date.parse(to) / intervalMs);
  const marksIn = (fromSlot: number, toSlot: number): Promise<readonly Mark[]> =>
    store.marks({ check, intervalMs, fromSlot, toSlot });
  const atFirst = (await marksIn(first, Math.min(end, first + SLOTS_LOOKED_INTO))).slice(0, SAMPLES_SHOWN);
  const atLast = (await marksIn(Math.max(first, end - SLOTS_LOOKED_INTO), end)).slice(-SAMPLES_SHOWN);
  const shown = new Map(
    [...atFirst, ...atLast].map(({ vantage, slot, outcome, cause, evidence = null }) => [
      `${slot} ${vantage}`,
      { check, vantage, at: instantJson(slot * intervalMs), outcome, cause, evidence },
    ]),
  );
  return [...shown.values()];
}
