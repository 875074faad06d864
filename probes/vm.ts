import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import { INSTANT_EXPECTED, parseInstant } from '../src/core/instant.ts';
import type { ProbeKind } from '../src/core/probe.ts';
import { durationSetting } from './lib/duration-setting.ts';
import { HTTP_PHASES } from './lib/http-phases.ts';
import { createLookup } from './lib/lookup.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { createOutscaleClients } from './lib/outscale-client.ts';
import { connectionFields } from './lib/outscale-settings.ts';
import { VM_VALUES } from './lib/vm-reading.ts';
import { type VmPlan, VmWatch } from './lib/vm-watch.ts';

const instantSchema = z
  .string({ error: `expected ${INSTANT_EXPECTED}` })
  .transform((text, context): number => {
    const ms = parseInstant(text);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `expected ${INSTANT_EXPECTED}` });
    return z.NEVER;
  });

const knownStopSchema = z
  .strictObject({
    from: instantSchema.describe('The first instant at which the machine stands still by your own will.'),
    to: instantSchema.optional().describe('The first at which it should run again; open when absent.'),
  })
  .refine(({ from, to }) => to === undefined || to > from, {
    path: ['to'],
    error: 'expected an instant after `from`',
  });

const restartSchema = z.strictObject({
  allowed: z
    .boolean()
    .describe('Whether vigie may start this machine (StartVms) when it is down and no client stopped it.'),
  every: durationSetting(10_000, 3_600_000)
    .prefault('60s')
    .describe('From one attempt, by anyone, to the next of ours.'),
  after: durationSetting(0, 3_600_000)
    .prefault('2m')
    .describe(
      'How long it is seen down before the first, so that the record of calls can tell who stopped it.',
    ),
});

function settingsSchema(access: OutscaleAccess) {
  return z
    .strictObject({
      ...connectionFields(access),
      vmId: z
        .string()
        .regex(/^i-[0-9a-f]{8,17}$/, { error: 'expected the id of a machine, like i-0b0c5e01' })
        .describe('The machine that is watched.'),
      heartbeat: z
        .strictObject({
          host: z.string().min(1).max(255).describe('Host name or IP address of the machine.'),
          port: z.int().min(1).max(65_535).describe('A TCP port on which it listens.'),
        })
        .optional()
        .describe('Where the machine is to be heard; absent, only the provider is asked.'),
      placementServer: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('The hardware that it runs on, as its metadata tell (placement/server); shown as a value.'),
      knownStops: z
        .array(knownStopSchema)
        .prefault([])
        .describe(
          'When the machine stands still by your own will; then nobody starts it, and it is excluded.',
        ),
      restart: restartSchema
        .prefault({ allowed: false })
        .describe('Whether and when vigie itself tries to start the machine.'),
      startWithin: durationSetting(10_000, 3_600_000)
        .prefault('5m')
        .describe('A start that was accepted has failed when the machine does not run this long after it.'),
      patience: durationSetting(1_000, 60_000)
        .prefault('5s')
        .describe('How long one look waits for the API and the heartbeat; the timeout must be longer.'),
    })
    .superRefine(({ credentials }, context) => {
      if (credentials === undefined)
        context.addIssue({ code: 'custom', path: ['credentials'], message: 'expected credentials' });
    });
}

/** Settings of a `vm` check, parsed; durations and instants in milliseconds. */
export type VmSettings = z.output<ReturnType<typeof settingsSchema>>;

/** SLA9 counts nothing but the time in which the machine can't be restarted. */
const DEFAULTS: Expectations = { canRestart: { is: true } };

/**
 * The kind `vm` (contract SLA9, sla-math §8): the state of one machine as the provider tells it (`ReadVmsState`), its
 * heartbeat, and, while it is down, who stopped it and who tried to start it (`ReadApiLogs`).
 *
 * - Running is good. Running and not reachable is good as well, by the letter of SLA9; what makes a zone of machines
 *   (sla1.az) says `expect: { reachable: true }`.
 * - Down: bad `cannot-restart` from the first failed start until it runs again; else excluded, as `client-stop`,
 *   `client-quota` or `not-restarted`.
 * - Where the provider does not tell the state, a heartbeat that is heard stands for `running`; without one the slot
 *   is not seen. An API that is down is the matter of `outscale-api`, and no machine's downtime.
 * - Vigie starts a machine only where `restart.allowed` says so, at most every `restart.every`, never one that a client
 *   stopped, and never without having read the record of calls. Have one vantage do it: each vantage counts its own.
 * - What it saw lives with the process, and is lost when vigie restarts or the check's settings change: the codes of
 *   its own failed starts (the record keeps only their status: a 400 then counts as a failure, until the next attempt
 *   tells whether it was the quota), and that an accepted start did not lead to a running machine. Who stopped it and
 *   that a start was refused are read again from the record, 31 days back.
 * - Planned interventions are shown in `maintenance`, and proposed as exclusions: they exclude nothing unless confirmed.
 */
export function vmProbe(access: OutscaleAccess = openOutscaleAccess()): ProbeKind<VmSettings> {
  const clients = createOutscaleClients(access);
  const lookup = createLookup();
  return {
    kind: 'vm',
    summary: 'Watches one virtual machine: its state, its heartbeat, and whether it can be restarted.',
    settings: settingsSchema(access),
    phases: [...HTTP_PHASES, 'heartbeat'],
    values: () => VM_VALUES,
    defaults: DEFAULTS,
    leastMs: ({ patience }) => patience,
    configure: (settings) => new VmWatch(planOf(settings), clients.open(settings, 'api'), lookup),
    close: () => clients.close(),
  };
}

function planOf(settings: VmSettings): VmPlan {
  const { vmId, heartbeat, placementServer, knownStops, restart, startWithin, patience } = settings;
  return {
    vmId,
    heartbeat,
    placementServer,
    patienceMs: patience,
    restart: {
      allowed: restart.allowed,
      everyMs: restart.every,
      afterMs: restart.after,
      startWithinMs: startWithin,
    },
    isKnownStop: (nowMs) => knownStops.some(({ from, to = Infinity }) => from <= nowMs && nowMs < to),
  };
}
