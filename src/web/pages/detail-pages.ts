import type { Explanation } from '../../core/explanation.ts';
import { parseInstant } from '../../core/instant.ts';
import type { Refusal } from '../api/answer.ts';
import type { Asked } from '../environment.ts';
import { incidentContent } from './incident-page.ts';
import type { PageBody } from './list-pages.ts';
import { membersContent } from './members-page.ts';
import { type MemberVerdicts, membersOf } from './overview-model.ts';
import { type PagedSources, promisesOf } from './paged-sources.ts';
import type { LatencySpan, PromiseFacts } from './page-sources.ts';
import { rowContent } from './row-page.ts';
import type { View } from './view.ts';

/** A page, or why there is none. */
export type PageAnswer = PageBody | Refusal;

/** Samples that an incident's page shows; the API has all. */
const SAMPLES_SHOWN = 200;

/** A row: one member of it with all its details, or, where it has several and none is named, all of them. */
export async function rowPage(view: View, sources: PagedSources, asked: Asked): Promise<PageAnswer> {
  const row = asked.req.param('row') ?? '';
  const promise = promisesOf(sources).find((one) => one.row === row);
  if (!promise) return { status: 404, detail: `${row} is no row of the contract` };
  const { scope, members: wish } = asked.req.query();
  const verdicts = sources.verdicts();
  const members = membersOf(
    verdicts.verdicts.filter((one) => one.row === row),
    verdicts.readings,
  );
  const wanted = scope ?? (members.length === 1 && wish === undefined ? members[0]?.scope : undefined);
  if (wanted !== undefined) return memberPage(view, sources, asked, { promise, scope: wanted, members });
  const content = membersContent(view, promise, members);
  return { title: promise.title, section: 'contract', at: verdicts.at, content };
}

interface WantedMember {
  readonly promise: PromiseFacts;
  readonly scope: string;
  readonly members: readonly MemberVerdicts[];
}

async function memberPage(
  view: View,
  sources: PagedSources,
  asked: Asked,
  { promise, scope, members }: WantedMember,
): Promise<PageAnswer> {
  const { reading, period } = asked.req.query();
  const answer = await sources.explain({ row: promise.row, scope, ...(period && { period }) });
  if (!answer.ok) return { status: 404, detail: answer.detail };
  const order = sources.contract().readings.map((one) => one.reading);
  const [first, ...others] = answer.explanations.toSorted(
    (a, b) => order.indexOf(a.verdict.reading) - order.indexOf(b.verdict.reading),
  );
  if (!first) return { status: 404, detail: `there is no verdict on ${scope}` };
  const isCurrent = members.some(({ first: now }) => now.period.name === first.verdict.period.name);
  const checks = first.checks.map(({ check }) => check);
  const content = rowContent(view, {
    promise,
    explanations: [first, ...others],
    chosen: chosenOf([first, ...others], reading),
    memberCount: members.length,
    strips: isCurrent ? await sources.pages.strips(checks) : [],
    latencies: await sources.pages.latencies(checks, isCurrent ? undefined : spanOf(first)),
    isCurrent,
  });
  const title = `${promise.title} · ${scope}`;
  return { title, section: 'contract', at: first.verdict.at, content, hasChart: true };
}

function spanOf({ verdict: { period } }: Explanation): LatencySpan {
  return { fromMs: Date.parse(period.from), toMs: Date.parse(period.to) };
}

function chosenOf(
  explanations: readonly [Explanation, ...Explanation[]],
  reading: string | undefined,
): Explanation {
  return explanations.find(({ verdict }) => verdict.reading === reading) ?? explanations[0];
}

/** One incident. Where none begins at that instant, any that was going on then is shown. */
export async function incidentPage(view: View, sources: PagedSources, asked: Asked): Promise<PageAnswer> {
  const { row = '', scope = '', from = '' } = asked.req.param();
  const fromMs = parseInstant(from);
  if (fromMs === undefined) return { status: 404, detail: `${from} is no instant` };
  const answer = await sources.record.incident({ row, scope, fromMs, limit: SAMPLES_SHOWN });
  if (!answer.ok) return { status: 404, detail: answer.detail };
  const { incident } = answer;
  const readings = sources.contract().readings.map(({ reading }) => reading);
  return {
    title: `${view.texts.incident.title} · ${incident.title}`,
    section: 'contract',
    at: sources.verdicts().at,
    content: incidentContent(view, incident, readings),
  };
}
