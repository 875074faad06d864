import type { ValueSpec } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { OUTSCALE_VALUES, readingOfAnswer } from './outscale-reading.ts';
import type { DrillSight } from './restore-drill.ts';
import type { SnapshotFindings } from './snapshot-ledger.ts';
import type { SnapshotList } from './snapshot-list.ts';

/** What a `snapshot` check may expect something of. */
export const SNAPSHOT_VALUES = {
  ...OUTSCALE_VALUES,
  snapshots: { type: 'number', summary: 'How many snapshots there are.', cause: 'unexpected' },
  completed: { type: 'number', summary: 'How many of them are completed.', cause: 'status' },
  lost: {
    type: 'list',
    summary: 'Ids of those that are gone after their durability was acquired.',
    cause: 'lost',
  },
  lostCount: { type: 'number', summary: 'How many are lost.', cause: 'lost' },
  missing: { type: 'list', summary: 'Ids of those that are gone before it was.', cause: 'unexpected' },
  altered: {
    type: 'list',
    summary: 'Those of another size than before, or completed before and no longer, with what changed.',
    cause: 'altered',
  },
  alteredCount: { type: 'number', summary: 'How many are altered.', cause: 'altered' },
  error: { type: 'list', summary: 'Ids of those in state error.', cause: 'status' },
  errorCount: { type: 'number', summary: 'How many are in state error.', cause: 'status' },
  pending: {
    type: 'list',
    summary: 'Those in state in-queue or pending, with their progress in percent.',
    cause: 'slow',
  },
  stuck: { type: 'list', summary: 'Those of them that have been so for too long.', cause: 'slow' },
  stuckCount: { type: 'number', summary: 'How many are stuck.', cause: 'slow' },
  oldestHours: {
    type: 'number',
    summary: 'Age of the oldest snapshot that is there, in hours; absent when there is none.',
    cause: 'unexpected',
  },
  drill: {
    type: 'string',
    summary:
      'Where the restore drill stands: off, idle, creating, restored, failed, refused (by the API) or withheld (too large, or not completed).',
    cause: 'unexpected',
  },
  drillFailed: {
    type: 'boolean',
    summary: 'Whether a restore drill has failed since the run before.',
    cause: 'status',
  },
  drillSeconds: {
    type: 'number',
    summary: 'Seconds that the last restore took, right to an interval.',
    cause: 'slow',
  },
  drillLeftovers: {
    type: 'list',
    summary: 'Ids of volumes of drills that are a day old or in use.',
    cause: 'unexpected',
  },
} as const satisfies Record<string, ValueSpec>;

/** What a restore drill has to say to a reading. */
export interface DrillReport {
  readonly sight: DrillSight;
  readonly hasFailed: boolean;
}

const HOUR_MS = 3_600_000;
const LONGEST_LIST = 100;

/** The reading of a list with what was found in it. `nowMs`: the wall clock; `drill`: undefined when it is off. */
export function snapshotReading(
  { last, latencyMs }: Extract<SnapshotList, { kind: 'listed' }>,
  findings: SnapshotFindings,
  drill: DrillReport | undefined,
  nowMs: number,
): Reading {
  const { lost, missing, altered, error, pending, stuck, oldestMs } = findings;
  const cut = (list: readonly string[]): readonly string[] => list.slice(0, LONGEST_LIST);
  const reading = readingOfAnswer(last, {
    snapshots: findings.count,
    completed: findings.completed,
    lost: cut(lost),
    lostCount: lost.length,
    missing: cut(missing),
    altered: cut(altered),
    alteredCount: altered.length,
    error: cut(error),
    errorCount: error.length,
    pending: cut(pending),
    stuck: cut(stuck),
    stuckCount: stuck.length,
    ...(oldestMs === undefined ? {} : { oldestHours: (nowMs - oldestMs) / HOUR_MS }),
    drill: drill?.sight.state ?? 'off',
    drillFailed: drill?.hasFailed ?? false,
    ...(drill?.sight.seconds === undefined ? {} : { drillSeconds: drill.sight.seconds }),
    drillLeftovers: cut(drill?.sight.leftovers ?? []),
  });
  if (reading.kind !== 'answer') return reading;
  const named = namedIn(findings);
  const detail = [...named.map(([what, who]) => `${what}: ${who}`), ...drillDetail(drill)].join('; ');
  return {
    ...reading,
    latencyMs,
    evidence: { ...reading.evidence, ...Object.fromEntries(named) },
    ...(detail === '' ? {} : { detail: detail.slice(0, DETAIL_LENGTH) }),
  };
}

const DETAIL_LENGTH = 299;

function drillDetail(drill: DrillReport | undefined): readonly string[] {
  if (!drill) return [];
  const { state, why, leftovers } = drill.sight;
  return [
    ...(why === '' ? [] : [`drill ${state}: ${why}`]),
    ...(leftovers.length === 0 ? [] : [`drill left ${shortList(leftovers)}`]),
  ];
}

/** What a claim needs to name. */
function namedIn(findings: SnapshotFindings): readonly (readonly [string, string])[] {
  return (['lost', 'altered', 'error', 'stuck'] as const).flatMap((what) =>
    findings[what].length === 0 ? [] : [[what, shortList(findings[what])] as const],
  );
}

const NAMED = 4;

function shortList(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
