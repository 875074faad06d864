import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { HTTP_PHASES } from './lib/http-phases.ts';
import { type OutscaleAccess, openOutscaleAccess } from './lib/outscale-access.ts';
import { createOutscaleClients } from './lib/outscale-client.ts';
import { factsOf } from './lib/outscale-facts.ts';
import { OUTSCALE_VALUES, readingOfAnswer } from './lib/outscale-reading.ts';
import { OUTSCALE_SERVICES } from './lib/outscale-request.ts';
import { connectionFields } from './lib/outscale-settings.ts';

function settingsSchema(access: OutscaleAccess) {
  return z
    .strictObject({
      ...connectionFields(access),
      service: z
        .enum(OUTSCALE_SERVICES)
        .prefault('api')
        .describe('The service: api speaks JSON; fcu, lbu and eim are AWS-style and speak XML.'),
      action: z
        .string()
        .regex(/^[A-Z][A-Za-z0-9]*$/, { error: 'expected the name of a call, like ReadRegions' })
        .optional()
        .describe(
          'The call; ReadRegions, which needs no credentials, or DescribeRegions of fcu when absent.',
        ),
      body: z
        .record(z.string(), z.json())
        .prefault({})
        .describe('Parameters of the call, as the service documents them; sent as JSON or as a query.'),
    })
    .superRefine(({ service, action }, context) => {
      if (action === undefined && DEFAULT_ACTIONS[service] === undefined)
        context.addIssue({ code: 'custom', path: ['action'], message: 'expected a call of the service' });
    });
}

/** The light calls that need no credentials. */
const DEFAULT_ACTIONS: Readonly<Record<string, string>> = { api: 'ReadRegions', fcu: 'DescribeRegions' };

/** Settings of an `outscale-api` check, parsed: one call, where to and by whom. */
export type OutscaleApiSettings = z.output<ReturnType<typeof settingsSchema>>;

const VALUES = {
  ...OUTSCALE_VALUES,
  itemCount: {
    type: 'number',
    summary: 'How many members the list in the answer has; the first list where there are several.',
    cause: 'content',
  },
  regionNames: {
    type: 'list',
    summary: 'The regions in the answer to ReadRegions or DescribeRegions.',
    cause: 'content',
  },
  subregionNames: {
    type: 'list',
    summary: 'The subregions in the answer to ReadSubregions or DescribeAvailabilityZones.',
    cause: 'content',
  },
} as const satisfies Record<string, ValueSpec>;

/** 412 is what the AWS-style services answer to a dry run that would have been carried out. */
const DEFAULTS: Expectations = {
  platformThrottle: { is: false },
  status: { in: [200, 412] },
  wellFormed: { is: true },
};

/**
 * The kind `outscale-api`: one call to the provider's API, signed (Signature Version 4) or not. What is our own doing
 * is told from what is the provider's by the code in the answer; after three refused signatures in a row a key is not
 * used again before the credentials in the configuration change.
 */
export function outscaleApiProbe(
  access: OutscaleAccess = openOutscaleAccess(),
): ProbeKind<OutscaleApiSettings> {
  const clients = createOutscaleClients(access);
  return {
    kind: 'outscale-api',
    summary: "Makes one call to the provider's API and tells our own faults from the provider's.",
    settings: settingsSchema(access),
    phases: HTTP_PHASES,
    values: () => VALUES,
    defaults: DEFAULTS,
    configure(settings) {
      const { service } = settings;
      const action = settings.action ?? DEFAULT_ACTIONS[service] ?? '';
      const call = clients.open(settings, service).prepare({ action, parameters: settings.body });
      return {
        identity: call.identity,
        async run(context) {
          const result = await call.send(context);
          if (result.kind === 'unanswered') return result.reading;
          return readingOfAnswer(result, factsOf(action, result.answer));
        },
      };
    },
    close: () => clients.close(),
  };
}
