import { parseInstant } from '../../src/core/instant.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { isObject } from './outscale-answer.ts';
import type { OutscaleClient } from './outscale-client.ts';
import { readingOfAnswer } from './outscale-reading.ts';
import { type OutscaleAnswered, type OutscaleResult, toldBy } from './outscale-result.ts';

/** One snapshot as the API tells of it. */
export interface SnapshotFact {
  readonly id: string;
  /** `in-queue`, `pending`, `completed`, `error`, `deleting`. */
  readonly state: string;
  /** Percent. */
  readonly progress: number;
  readonly sizeGib: number;
  /** Milliseconds since the epoch; undefined when the date cannot be read. */
  readonly createdMs: number | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

/** All snapshots that were asked for, or a reading that says why they cannot be told. */
export type SnapshotList =
  | {
      readonly kind: 'listed';
      readonly snapshots: readonly SnapshotFact[];
      /** The last page's exchange. */
      readonly last: OutscaleAnswered;
      /** Of all pages together, in milliseconds. */
      readonly latencyMs: number;
    }
  | { readonly kind: 'untold'; readonly reading: Reading };

/** `Filters` of ReadSnapshots. */
export type SnapshotFilters = Readonly<Record<string, readonly string[]>>;

const MOST_PAGES = 20;

/**
 * Lists the snapshots that match any of several filters (ReadSnapshots), every page of them: half a list would read as
 * losses. What keeps the API from telling is no fault of the snapshots: it is blind, or excluded when it is throttled.
 */
export async function listSnapshots(
  client: OutscaleClient,
  filters: readonly SnapshotFilters[],
  context: ProbeContext,
): Promise<SnapshotList> {
  const snapshots = new Map<string, SnapshotFact>();
  const asked: PageRequest[] = filters.map((Filters) => ({ Filters }));
  let last: OutscaleAnswered | undefined;
  let latencyMs = 0;
  // The list grows while it is gone through: each page may name another.
  for (const parameters of asked) {
    if (asked.length > MOST_PAGES) return untold('local-resource', `more than ${MOST_PAGES} pages`);
    const call = client.prepare({ action: 'ReadSnapshots', parameters });
    // The first is the one by which runs are kept apart.
    const page = pageOf(await (last ? call.share(context) : call.send(context)));
    if (page.kind === 'untold') return page;
    for (const fact of page.snapshots) snapshots.set(fact.id, fact);
    last = page.answered;
    latencyMs += last.seen.latencyMs;
    if (page.next !== undefined) asked.push({ Filters: parameters.Filters, NextPageToken: page.next });
  }
  if (!last) throw new Error('snapshots listed without a filter');
  return { kind: 'listed', snapshots: [...snapshots.values()], last, latencyMs };
}

type PageRequest = { readonly Filters: SnapshotFilters; readonly NextPageToken?: string };

function untold(
  blind: 'skipped' | 'local-resource',
  detail: string,
): SnapshotList & { readonly kind: 'untold' } {
  return { kind: 'untold', reading: { kind: 'blind', blind, detail } };
}

interface Page {
  readonly kind: 'page';
  readonly snapshots: readonly SnapshotFact[];
  readonly next: string | undefined;
  readonly answered: OutscaleAnswered;
}

function pageOf(result: OutscaleResult): Page | (SnapshotList & { readonly kind: 'untold' }) {
  if (result.kind === 'unanswered') {
    const { reading } = result;
    return reading.kind === 'fault' ? untold('skipped', reading.detail) : { kind: 'untold', reading };
  }
  const { answer, meaning, label } = result;
  if (meaning.kind === 'blind' || meaning.kind === 'refused')
    return { kind: 'untold', reading: readingOfAnswer(result) };
  const { Snapshots: members, NextPageToken: next } = answer.fields;
  if (meaning.kind !== 'served') return untold('skipped', `${label}: ${toldBy(answer)}`);
  const facts = Array.isArray(members) && answer.wellFormed ? members.map(factOf) : [undefined];
  const known = facts.filter((fact) => fact !== undefined);
  if (known.length < facts.length) return untold('skipped', `${label}: the answer is no list of snapshots`);
  return {
    kind: 'page',
    snapshots: known,
    next: typeof next === 'string' && next !== '' ? next : undefined,
    answered: result,
  };
}

function factOf(member: unknown): SnapshotFact | undefined {
  if (!isObject(member)) return undefined;
  const { SnapshotId: id, State: state, VolumeSize: sizeGib, Progress, CreationDate, Tags } = member;
  if (typeof id !== 'string' || typeof state !== 'string' || typeof sizeGib !== 'number') return undefined;
  return {
    id,
    state,
    sizeGib,
    progress: typeof Progress === 'number' ? Progress : 0,
    createdMs: typeof CreationDate === 'string' ? parseInstant(CreationDate) : undefined,
    tags: tagsOf(Tags),
  };
}

/** The tags of a resource by key. */
export function tagsOf(tags: unknown): ReadonlyMap<string, string> {
  const members = Array.isArray(tags) ? tags.filter(isObject) : [];
  return new Map(members.map(({ Key, Value }) => [String(Key), String(Value)]));
}
