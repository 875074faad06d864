import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import { DayAllowance } from './lib/day-allowance.ts';
import { BLOCK_BYTES } from './lib/disk-messages.ts';
import type { BurstCount, BurstPlan } from './lib/disk-messages.ts';
import { DiskProcesses } from './lib/disk-processes.ts';
import { DISK_OWN_MS, runOnDisk } from './lib/disk-run.ts';
import { checkPlaceSettings, placeFields, placeOf } from './lib/disk-settings.ts';
import { troubleReading } from './lib/disk-trouble.ts';

const DEFAULT_BYTES = 67_108_864;

/** Asked for a little more than what was subscribed, so that what is delivered is the volume's doing. */
const DEMAND_RATIO = 1.05;

/** What a burst of a few seconds can be measured to. */
const MET_RATIO = 0.99;

/** A volume that takes a millisecond for an operation delivers a thousand a second for each under way. */
const PER_DEPTH = 1_000;

const settingsSchema = z
  .strictObject({
    ...placeFields,
    subscribedIops: z
      .int()
      .min(10)
      .max(20_000)
      .describe('Operations of 4 KiB a second that were subscribed for this volume.'),
    seconds: z.number().min(0.2).max(30).prefault(2).describe('How long a burst lasts.'),
    depth: z
      .int()
      .min(1)
      .max(128)
      .prefault(16)
      .describe('Operations under way at once, at the most; one for every 1000 subscribed at the least.'),
    readShare: z.number().min(0).max(1).prefault(0.5).describe('Share of the operations that are reads.'),
    maxBytesPerDay: z
      .int()
      .min(1)
      .prefault(10_737_418_240)
      .describe(
        'Bytes read and written in a day (UTC) at the most, by this check since it was started; bursts beyond it are skipped.',
      ),
  })
  .superRefine((settings, context) => {
    checkPlaceSettings(settings, context);
    if (settings.depth * PER_DEPTH < settings.subscribedIops)
      context.addIssue({
        code: 'custom',
        path: ['depth'],
        message: `expected at least ${Math.ceil(settings.subscribedIops / PER_DEPTH)}, one for every ${PER_DEPTH} subscribed: with fewer it is the probe that is slow`,
      });
  });

/** Settings of an `iops` check, parsed: where a burst goes, how long and how hard, and what was subscribed. */
export type IopsSettings = z.output<typeof settingsSchema>;

/** One burst is one test of contract SLA7: the share of the tests that are met is for the verdict (sla-math §8). */
const DEFAULTS: Expectations = { met: { is: true } };

const VALUES = {
  met: {
    type: 'boolean',
    summary:
      'Whether the burst was served at the subscribed rate, within the 1 % that it can be measured to.',
    cause: 'slow',
  },
  achievedIops: { type: 'number', summary: 'Operations of 4 KiB done a second.', cause: 'slow' },
  subscribedIops: {
    type: 'number',
    summary: 'Operations a second that were subscribed.',
    cause: 'unexpected',
  },
  metRatio: {
    type: 'number',
    summary: 'The achieved rate over the subscribed one; 1.05 at the most.',
    cause: 'slow',
  },
  demand: {
    type: 'boolean',
    summary:
      'Whether the subscribed rate was asked for all the time. A burst that fell short while it was our own processors that were slow is no test, and blind.',
    cause: 'unexpected',
  },
  meanMs: { type: 'number', summary: 'Mean time of an operation, in milliseconds.', cause: 'slow' },
} as const satisfies Record<string, ValueSpec>;

/**
 * The kind `iops` (contract SLA7): a burst of reads and writes of 4 KiB at random, asking for 5 % more than the
 * subscribed rate and never for more. Whether one burst is met; not whether 90 % are.
 */
export function iopsProbe(): ProbeKind<IopsSettings> {
  const processes = new DiskProcesses();
  return {
    kind: 'iops',
    summary:
      'Asks a volume for the subscribed operations a second, for a moment, and counts what it delivers.',
    settings: settingsSchema,
    phases: ['burst'],
    values: () => VALUES,
    defaults: DEFAULTS,
    leastMs: ({ seconds }) => DISK_OWN_MS + seconds * 1_000,
    configure: (settings) => configured(settings, processes),
    close: () => processes.close(),
  };
}

function configured(settings: IopsSettings, processes: DiskProcesses): ConfiguredProbe {
  const { subscribedIops, seconds, depth, readShare, maxBytesPerDay } = settings;
  const place = placeOf(settings, 'iops', DEFAULT_BYTES);
  const plan: BurstPlan = { perSecond: subscribedIops * DEMAND_RATIO, seconds, depth, readShare };
  const allowance = new DayAllowance(maxBytesPerDay);
  const bytes = Math.ceil(plan.perSecond * seconds) * BLOCK_BYTES;
  return {
    identity: JSON.stringify(['iops', place.path, place.offsetBytes]),
    async run(context: ProbeContext): Promise<Reading> {
      if (!context.signal.aborted && !allowance.take(bytes, context.clock.wallMs()))
        return {
          kind: 'blind',
          blind: 'skipped',
          detail: `${place.path}: the ${maxBytesPerDay} bytes of today are used up`,
        };
      const process = processes.of(place.path, depth);
      const end = await runOnDisk(process, { job: 'burst', place, plan }, context);
      if (end.kind === 'burst') return countReading(end.count, subscribedIops, place.path);
      if (end.kind === 'round-trip') throw new Error('a burst came to a round trip');
      return troubleReading(place, end);
    },
  };
}

/** Shares of time beyond which it is we who were slow. */
const BUSY_SHARE = 0.9;
const QUEUED_SHARE = 0.1;

/** What a burst says of the volume; blind when it fell short and we cannot tell that it was not we. */
export function countReading(count: BurstCount, subscribedIops: number, path: string): Reading {
  const metRatio = count.perSecond / subscribedIops;
  const met = metRatio >= MET_RATIO;
  const { busyShare, queuedShare, elapsedMs, meanMs, reads, writes } = count;
  if (!met && (busyShare > BUSY_SHARE || queuedShare > QUEUED_SHARE)) {
    const own = `${percent(busyShare)} of the time at work, ${percent(queuedShare)} of it waiting for a processor`;
    const rate = `${Math.round(count.perSecond)} of ${subscribedIops} IOPS`;
    return {
      kind: 'blind',
      blind: 'local-resource',
      detail: `${path}: ${rate} with our own processors as the limit (${own})`,
    };
  }
  const values = { met, achievedIops: count.perSecond, subscribedIops, metRatio, demand: true, meanMs };
  return {
    kind: 'answer',
    latencyMs: elapsedMs,
    phases: { burst: elapsedMs },
    values,
    evidence: { reads, writes },
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
