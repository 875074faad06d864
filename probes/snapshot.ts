import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import { INSTANT_EXPECTED, parseInstant } from '../src/core/instant.ts';
import type { ConfiguredProbe, ProbeKind } from '../src/core/probe.ts';
import { DrillVolumes } from './lib/drill-volumes.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { HTTP_PHASES } from './lib/http-phases.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { createOutscaleClients, type OutscaleClient } from './lib/outscale-client.ts';
import { connectionFields } from './lib/outscale-settings.ts';
import { RestoreDrill } from './lib/restore-drill.ts';
import { SnapshotLedger } from './lib/snapshot-ledger.ts';
import { listSnapshots, type SnapshotFilters } from './lib/snapshot-list.ts';
import { SNAPSHOT_VALUES, snapshotReading } from './lib/snapshot-reading.ts';

const DAY_MS = 86_400_000;

const idSchema = z
  .string()
  .regex(/^snap-[0-9a-f]{8,32}$/, { error: 'expected the id of a snapshot, like snap-0a1b2c3d' });

const instantSchema = z.string().transform((text, context): number => {
  const ms = parseInstant(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `expected ${INSTANT_EXPECTED}` });
  return z.NEVER;
});

const listedSchema = z.strictObject({
  id: idSchema.describe('Its id.'),
  created: instantSchema
    .optional()
    .describe('When it was made; long ago when absent, so that it is lost as soon as it is not there.'),
  size: z
    .int()
    .min(1)
    .optional()
    .describe('Size of its volume in GiB; that which it has when first seen, when absent.'),
});

const drillSchema = z.strictObject({
  snapshot: idSchema.describe('The snapshot that a volume is made of; one of `snapshots`.'),
  subregion: z
    .string()
    .regex(/^[a-z0-9-]+$/, { error: 'expected the name of a subregion' })
    .describe('Where the volume is made.'),
  maxSize: z.int().min(1).max(1_000).prefault(10).describe('GiB; of a larger snapshot no volume is made.'),
  perDay: z.int().min(1).max(24).prefault(1).describe('How many volumes a day are made at most.'),
  within: durationSetting(1_000, DAY_MS)
    .prefault('30m')
    .describe('After that a volume that is not available is a failed restore.'),
});

function settingsSchema(access: OutscaleAccess) {
  return z
    .strictObject({
      ...connectionFields(access),
      snapshots: z
        .array(listedSchema)
        .max(500)
        .prefault([])
        .describe(
          'Snapshots that must be there: one that is not is lost, even if it was gone before the start.',
        ),
      tag: z
        .string()
        .regex(/^[^=]{1,255}(?:=.{0,255})?$/, { error: 'expected a tag, KEY or KEY=VALUE' })
        .optional()
        .describe(
          'Watches all snapshots with this tag, too; missed from then on when they were seen once. vigie:sentinel by custom.',
        ),
      acquiredAfter: durationSetting(0, 365 * DAY_MS)
        .prefault('24h')
        .describe('Age from which the durability of a snapshot is promised.'),
      stuckAfter: durationSetting(60_000, 365 * DAY_MS)
        .prefault('24h')
        .describe('Age from which a snapshot that is not completed is stuck.'),
      drill: drillSchema
        .optional()
        .describe(
          'Makes a volume of a snapshot now and then and deletes it; costs money, needs a key that may do so, and writes the tag vigie:drill. Absent: never.',
        ),
    })
    .superRefine(({ credentials, snapshots, tag, drill }, context) => {
      const complain = (path: string[], message: string): void =>
        context.addIssue({ code: 'custom', path, message });
      if (!credentials) complain(['credentials'], 'expected a key or a profile: these calls are signed');
      if (snapshots.length === 0 && tag === undefined)
        complain(['snapshots'], 'expected at least one snapshot, or a tag');
      if (drill && !snapshots.some(({ id }) => id === drill.snapshot))
        complain(['drill', 'snapshot'], 'expected one of those in snapshots');
    });
}

/** Settings of a `snapshot` check, parsed; instants in ms since the epoch, durations in ms, sizes in GiB. */
export type SnapshotSettings = z.output<ReturnType<typeof settingsSchema>>;

/** Nothing lost, altered, in error or stuck, and restored where that is tried (contract SLA7, sla-math §8). */
const DEFAULTS: Expectations = {
  lostCount: { is: 0 },
  alteredCount: { is: 0 },
  errorCount: { is: 0 },
  stuckCount: { is: 0 },
  drillFailed: { is: false },
};

/**
 * The kind `snapshot` (contract SLA7): whether snapshots are still there, as they were and completed, by the provider's
 * API. What keeps the API from telling is no fault of the snapshots: it leaves a hole.
 *
 * Of the causes of a bad slot only two speak of durability: `lost` (a whole list without one whose durability was
 * acquired) and `altered` (another size, or completed before and no longer); the snapshots are named in the evidence.
 * `status` (in error, or not restored) and `slow` (stuck) speak of availability.
 */
export function snapshotProbe(access: OutscaleAccess = openOutscaleAccess()): ProbeKind<SnapshotSettings> {
  const clients = createOutscaleClients(access);
  const drills = new Set<RestoreDrill>();
  return {
    kind: 'snapshot',
    summary:
      'Looks by the API whether snapshots are there, completed and unaltered, and restores one if asked to.',
    settings: settingsSchema(access),
    phases: HTTP_PHASES,
    values: () => SNAPSHOT_VALUES,
    defaults: DEFAULTS,
    // How many have the tag is not known beforehand: it vouches for those that are listed.
    sentinels: ({ snapshots }) => snapshots.length,
    configure(settings) {
      const client = clients.open(settings, 'api');
      const drill = drillOf(settings, client);
      if (drill) drills.add(drill);
      return configured(settings, client, drill);
    },
    async close() {
      for (const drill of drills) drill.stop();
      await clients.close();
    },
  };
}

function drillOf({ drill }: SnapshotSettings, client: OutscaleClient): RestoreDrill | undefined {
  if (!drill) return undefined;
  const { subregion, maxSize: maxSizeGib, perDay, within: withinMs } = drill;
  return new RestoreDrill(new DrillVolumes(client, drill.snapshot), {
    subregion,
    maxSizeGib,
    perDay,
    withinMs,
  });
}

function configured(
  settings: SnapshotSettings,
  client: OutscaleClient,
  drill: RestoreDrill | undefined,
): ConfiguredProbe {
  const { snapshots, tag, acquiredAfter: acquiredAfterMs, stuckAfter: stuckAfterMs } = settings;
  const listed = snapshots.map(({ id, created, size }) => ({ id, createdMs: created, sizeGib: size }));
  const ledger = new SnapshotLedger(listed, { acquiredAfterMs, stuckAfterMs });
  const first = filtersFor(ledger.ids, tag)[0];
  return {
    identity: client.prepare({ action: 'ReadSnapshots', parameters: { Filters: first } }).identity,
    async run(context) {
      drill?.stop();
      const list = await listSnapshots(client, filtersFor(ledger.ids, tag), context);
      if (list.kind === 'untold') return list.reading;
      const nowMs = context.clock.wallMs();
      const findings = ledger.inspect(list.snapshots, nowMs);
      const report = drill && { sight: drill.sight, hasFailed: drill.takeFailure() };
      const wanted = settings.drill?.snapshot;
      if (!context.signal.aborted)
        drill?.begin(
          context,
          list.snapshots.find(({ id }) => id === wanted),
        );
      return snapshotReading(list, findings, report, nowMs);
    },
  };
}

/** What is asked for by name, and what by its tag. */
function filtersFor(ids: readonly string[], tag: string | undefined): readonly SnapshotFilters[] {
  const byTag = tag === undefined ? [] : [tag.includes('=') ? { Tags: [tag] } : { TagKeys: [tag] }];
  return [...(ids.length === 0 ? [] : [{ SnapshotIds: ids }]), ...byTag];
}
