import { z } from 'zod';
import { tlsSchema } from '../../probes/lib/tls-settings.ts';
import { errorAt, type Finding } from '../contract/finding.ts';
import { type Secret, secretSchema } from '../core/secret.ts';
import type { ConfigDraft } from './draft.ts';

const ADDRESS_EXPECTED = 'expected an http:// or https:// address without user and password, or { url: … }';
const PUSH_EXPECTED = 'expected true, false or alone';
const LABEL_EXPECTED = 'expected a text of letters, digits, ".", "_", "-", "/" and ":"';
/** Labels that vigie sets itself, on series or alerts. */
const OWN_LABELS = ['alertname', 'severity', 'kind', 'region', 'row', 'scope', 'check', 'vantage'];
const LABEL_NAME_EXPECTED = `expected the name of a label that vigie does not set itself (${OWN_LABELS.join(', ')} …)`;

/** Labels by which this vigie is told from another in one Prometheus. */
export const alertLabelsSchema = z.record(
  z.string().refine((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && !OWN_LABELS.includes(name), {
    error: LABEL_NAME_EXPECTED,
  }),
  z.string({ error: LABEL_EXPECTED }).regex(/^[A-Za-z0-9._/:-]+$/, { error: LABEL_EXPECTED }),
);

const linkSchema = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// address' })
  .transform((url) => url.replace(/\/+$/, ''));

const addressSchema = linkSchema.refine(
  (text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '',
);

/** One Alertmanager as the file writes it: its address, or that and how it is to be spoken to. */
const alertmanagerSchema = z.union(
  [
    addressSchema.transform((url): AlertmanagerAccess => ({ url })),
    z.strictObject({
      url: addressSchema.describe('Its address, with a path where it has one; /api/v2/alerts is added.'),
      username: z.string().min(1).optional().describe('For basic authentication, with the password.'),
      password: secretSchema.optional(),
      token: secretSchema.optional().describe('A bearer token.'),
      tls: tlsSchema.optional(),
    }),
  ],
  { error: ADDRESS_EXPECTED },
);

/** How alerts are told, as the file writes it. */
export const alertingSchema = z.strictObject({
  alertmanagers: z
    .array(alertmanagerSchema)
    .prefault([])
    .describe('Every instance of a cluster of them, not what balances between them.'),
  push: z
    .union([z.boolean(), z.literal('alone')], { error: PUSH_EXPECTED })
    .prefault(false)
    .describe(
      'Whether vigie tells the Alertmanagers itself, beside Prometheus or without it; alone: no rules tell them of the ' +
        'same alerts, and the end of one is told at once.',
    ),
  labels: alertLabelsSchema
    .optional()
    .describe('What Prometheus labels the series of this vigie with: rules select by it, alerts carry it.'),
  url: linkSchema.optional().describe('Where people reach vigie; alerts link to it.'),
  runbooks: linkSchema.optional().describe('The runbooks’ document; alerts link to their section of it.'),
});

/** How one Alertmanager is spoken to. */
export interface AlertmanagerAccess {
  /** Without user, password and a slash at its end. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  /** A bearer token. */
  readonly token?: Secret | undefined;
  readonly tls?: z.output<typeof tlsSchema> | undefined;
}

/** How alerts are told. */
export type AlertingSettings = z.output<typeof alertingSchema>;

/** What is wrong with how alerts are told. */
export function alertingFindings({ sections }: ConfigDraft): readonly Finding[] {
  const { alertmanagers = [], push = false } = sections.alerting ?? {};
  const nobody = push !== false && alertmanagers.length === 0;
  return [
    ...(nobody
      ? [errorAt(['alerting', 'push'], `is ${push}, but alerting.alertmanagers names none to push to`)]
      : []),
    ...alertmanagers.flatMap(authenticationFindings),
  ];
}

function authenticationFindings(
  { username, password, token }: AlertmanagerAccess,
  index: number,
): readonly Finding[] {
  const at = (name: string) => ['alerting', 'alertmanagers', index, name];
  if (token && (username !== undefined || password))
    return [errorAt(at('token'), 'stands beside a username or password, expected the one or the other')];
  if (username !== undefined && !password)
    return [errorAt(at('username'), 'has no password beside it, expected both')];
  if (password && username === undefined)
    return [errorAt(at('password'), 'has no username beside it, expected both')];
  return [];
}
