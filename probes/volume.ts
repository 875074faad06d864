import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import type { DiskPlace, RoundTrip } from './lib/disk-messages.ts';
import { DiskProcesses } from './lib/disk-processes.ts';
import { DISK_OWN_MS, runOnDisk } from './lib/disk-run.ts';
import { checkPlaceSettings, placeFields, placeOf } from './lib/disk-settings.ts';
import { troubleReading } from './lib/disk-trouble.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { createOutscaleClients, type OutscaleClient } from './lib/outscale-client.ts';
import { connectionFields } from './lib/outscale-settings.ts';
import { askState, besideState, STATE_PATIENCE_MS } from './lib/volume-state.ts';

const DEFAULT_BYTES = 16_777_216;

function settingsSchema(access: OutscaleAccess) {
  const apiSchema = z.strictObject({
    ...connectionFields(access),
    volumeId: z
      .string()
      .regex(/^vol-[0-9a-f]{8,17}$/, { error: 'expected the id of a volume, like vol-0b0c5e01' })
      .describe('The volume that the file lies on.'),
  });
  return z
    .strictObject({
      ...placeFields,
      api: apiSchema
        .optional()
        .describe(
          'Ask the provider for the state of the volume as well. It is kept as evidence, beside what the disk says, and decides nothing.',
        ),
    })
    .superRefine((settings, context) => {
      checkPlaceSettings(settings, context);
      if (settings.api && settings.api.credentials === undefined)
        context.addIssue({ code: 'custom', path: ['api', 'credentials'], message: 'expected credentials' });
    });
}

/** Settings of a `volume` check, parsed: where on the volume a block is written and read. */
export type VolumeSettings = z.output<ReturnType<typeof settingsSchema>>;

/** A volume is available when what was written is what is read (contract SLA7). */
const DEFAULTS: Expectations = { bytesMatch: { is: true } };

const VALUES = {
  bytesMatch: { type: 'boolean', summary: 'Whether the block read is the one written.', cause: 'altered' },
  writeMs: { type: 'number', summary: 'Time of the write of 4 KiB, in milliseconds.', cause: 'slow' },
  syncMs: { type: 'number', summary: 'Time of the fsync after it, in milliseconds.', cause: 'slow' },
  readMs: { type: 'number', summary: 'Time of the read of the block, in milliseconds.', cause: 'slow' },
} as const satisfies Record<string, ValueSpec>;

/**
 * The kind `volume` (contract SLA7): writes a random block of 4 KiB to a file or a span of a device, syncs it, reads it
 * back and compares, each time at another place. A process of its own does it, so that a disk that hangs holds
 * nothing else. EIO is the fault `protocol`, a device that has gone `connect`; a full or read-only file system, and
 * whatever is not permitted, is our own doing and blind.
 */
export function volumeProbe(access: OutscaleAccess = openOutscaleAccess()): ProbeKind<VolumeSettings> {
  const processes = new DiskProcesses();
  const clients = createOutscaleClients(access);
  return {
    kind: 'volume',
    summary: 'Writes a block of 4 KiB to a volume, past all caches, and reads it back.',
    settings: settingsSchema(access),
    phases: ['write', 'sync', 'read'],
    values: () => VALUES,
    defaults: DEFAULTS,
    leastMs: ({ api }) => DISK_OWN_MS + (api ? STATE_PATIENCE_MS : 0),
    configure: (settings) => {
      const { api } = settings;
      const probe = diskProbe(placeOf(settings, 'volume', DEFAULT_BYTES), processes);
      return api ? withState(probe, api.volumeId, clients.open(api, 'api')) : probe;
    },
    close: async () => {
      await Promise.all([processes.close(), clients.close()]);
    },
  };
}

function withState(probe: ConfiguredProbe, volumeId: string, client: OutscaleClient): ConfiguredProbe {
  return {
    identity: probe.identity,
    async run(context) {
      const state = askState(client, volumeId, context);
      return besideState(...(await Promise.all([probe.run(context), state])));
    },
  };
}

function diskProbe(place: DiskPlace, processes: DiskProcesses): ConfiguredProbe {
  let turn: number | undefined;
  return {
    identity: JSON.stringify(['volume', place.path, place.offsetBytes]),
    async run(context) {
      // Begins anywhere, so that frequent starts of ours do not wear out the first blocks.
      turn = turn === undefined ? Math.floor(context.random() * place.sizeBytes) : turn + 1;
      const process = processes.of(place.path, 1);
      const end = await runOnDisk(process, { job: 'round-trip', place, turn }, context);
      if (end.kind === 'round-trip') return answer(end.roundTrip);
      if (end.kind === 'burst') throw new Error('a round trip came to a burst');
      return troubleReading(place, end);
    },
  };
}

function answer({ writeMs, syncMs, readMs, offsetBytes, differsAt }: RoundTrip): Reading {
  const values = { bytesMatch: differsAt === undefined, writeMs, syncMs, readMs };
  return {
    kind: 'answer',
    latencyMs: writeMs + syncMs + readMs,
    phases: { write: writeMs, sync: syncMs, read: readMs },
    values,
    evidence: { offsetBytes, ...(differsAt === undefined ? {} : { differsAt }) },
  };
}
