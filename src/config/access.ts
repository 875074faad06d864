import { isIP } from 'node:net';
import { z } from 'zod';
import { type DocumentPath, errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { type Secret, secretSchema } from '../core/secret.ts';
import type { ConfigDraft } from './draft.ts';
import { repeatedNames, unknownNames } from './name-findings.ts';

const NETWORK_EXPECTED = 'expected an address or a network, like 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32';
const HEADER_EXPECTED = 'expected the name of a header, like X-Forwarded-User';
const HOST_EXPECTED = 'expected a host name without scheme and port, like vigie.example.org';

const nameSchema = z.string().min(1).max(128);

const networkSchema = z.string({ error: NETWORK_EXPECTED }).refine(isNetwork, { error: NETWORK_EXPECTED });

const rightsSchema = z
  .array(z.enum(['read', 'write']))
  .min(1)
  .prefault(['read']);

const tokenSchema = z.strictObject({
  name: nameSchema.describe('Names its holder in the audit.'),
  token: secretSchema.describe('What the holder shows (Authorization: Bearer …).'),
  rights: rightsSchema.describe('`read`, `write` or both; who writes may read.'),
});

/** Who may do what over HTTP, as the file writes it. */
export const accessSchema = z.strictObject({
  token: secretSchema
    .optional()
    .describe('A token whose holder may read and write; named access.token in the audit.'),
  tokens: z.array(tokenSchema).prefault([]).describe('Tokens with rights of their own.'),
  writers: z
    .array(nameSchema)
    .prefault([])
    .describe('Users of web.basic_auth_users, of a trusted proxy or of client certificates who may write.'),
  trustedProxies: z
    .array(networkSchema)
    .prefault([])
    .describe('Addresses and networks of proxies that are believed when they say who asks, and from where.'),
  userHeader: z
    .string({ error: HEADER_EXPECTED })
    .regex(/^[A-Za-z0-9-]+$/, { error: HEADER_EXPECTED })
    .prefault('X-Forwarded-User')
    .describe('In which header a trusted proxy says who asks.'),
  hosts: z
    .array(z.string({ error: HOST_EXPECTED }).regex(/^[A-Za-z0-9._-]+$/, { error: HOST_EXPECTED }))
    .prefault([])
    .describe('Names under which writers reach vigie, beside its addresses.'),
  anonymous: z
    .enum(['none', 'metrics', 'read'])
    .optional()
    .describe(
      'What one may see without saying who one is; `read`, but `none` once there are users, tokens or proxies.',
    ),
});

/** Who may do what over HTTP. */
export interface AccessSettings {
  readonly anonymous: 'none' | 'metrics' | 'read';
  readonly tokens: readonly {
    readonly name: string;
    readonly token: Secret;
    readonly rights: readonly ('read' | 'write')[];
  }[];
  readonly writers: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly userHeader: string;
  /** Lower case. */
  readonly hosts: readonly string[];
}

type AccessFile = z.output<typeof accessSchema>;

/** The settings of a file; `isKnowing` where the connection or the web configuration tells who asks, too. */
export function accessOf(
  file: Partial<AccessFile> | undefined,
  { isKnowing, link }: { readonly isKnowing: boolean; readonly link?: string | undefined },
): AccessSettings {
  const { token, tokens = [], writers = [], trustedProxies = [], hosts = [], anonymous } = file ?? {};
  const isNamed = isKnowing || tokens.length > 0 || trustedProxies.length > 0;
  const linked = link === undefined ? undefined : URL.parse(link)?.hostname;
  return {
    anonymous: anonymous ?? (isNamed ? 'none' : 'read'),
    tokens: [
      ...(token ? [{ name: 'access.token', token, rights: ['read', 'write'] as const }] : []),
      ...tokens.map((one) => ({ ...one, rights: withReading(one.rights) })),
    ],
    writers,
    trustedProxies,
    userHeader: (file?.userHeader ?? 'X-Forwarded-User').toLowerCase(),
    hosts: [...hosts, ...(linked === undefined ? [] : [linked])].map((host) => host.toLowerCase()),
  };
}

function withReading(rights: readonly ('read' | 'write')[]): readonly ('read' | 'write')[] {
  return rights.includes('read') ? rights : ['read', ...rights];
}

/** What is wrong with who may do what; `users` are those whose passwords are known, undefined when others are, too. */
export function accessFindings(
  { sections }: ConfigDraft,
  users: readonly string[] | undefined,
): readonly Finding[] {
  const { tokens, writers, trustedProxies } = sections.access ?? {};
  const known = trustedProxies && trustedProxies.length > 0 ? undefined : users;
  return [
    ...repeatedNames(
      (tokens ?? []).map(({ name }) => name),
      (index) => ['access', 'tokens', index, 'name'],
      (first) => `access.tokens[${first}]`,
    ),
    ...unknownNames(['access', 'writers'], writers, known, 'a user of web.basic_auth_users'),
    ...(trustedProxies ?? []).flatMap((network, index) =>
      /\/0+$/.test(network)
        ? [
            errorAt(
              ['access', 'trustedProxies', index],
              'is everybody: whoever reaches vigie could say who they are',
            ),
          ]
        : [],
    ),
  ];
}

/** Warns where what proves who somebody is could be read on its way. */
export function clearTextFindings(
  { sections }: ConfigDraft,
  { hasUsers, hasTls }: { readonly hasUsers: boolean; readonly hasTls: boolean },
): readonly Finding[] {
  const { access, listen } = sections;
  const host = listen?.host ?? '127.0.0.1';
  const isSecret = hasUsers || access?.token !== undefined || (access?.tokens?.length ?? 0) > 0;
  const isProxied = (access?.trustedProxies?.length ?? 0) > 0;
  if (!isSecret || hasTls || isProxied || isLoopback(host)) return [];
  const path: DocumentPath = ['listen', 'host'];
  const message =
    'is not this machine alone, and passwords and tokens come in the clear: set web.tls_server_config, or ' +
    'access.trustedProxies where a proxy does TLS';
  return [warningAt(path, message)];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
