import { z } from 'zod';
import { Secret, secretSchema } from '../../src/core/secret.ts';
import type { SigningAlgorithm } from '../wire/signature-v4.ts';
import type { OutscaleAccess } from './outscale-access.ts';
import { readProfile } from './outscale-profile.ts';
import { CA_EXPECTED, holdsCertificates } from './trust.ts';

const endpointSchema = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol)) return false;
    return url.username + url.password + url.hash + url.search === '' && url.pathname === '/';
  },
  { error: 'expected an https:// or http:// address of a host and nothing more' },
);

const ACCESS_KEY_EXPECTED = 'expected letters and digits, or a reference: { env: NAME } or { file: /path }';

const algorithmSchema = z
  .enum(['osc4', 'aws4'])
  .prefault('osc4')
  .describe("How to sign: the provider's own OSC4-HMAC-SHA256, or AWS4-HMAC-SHA256.");

const keySchema = z.strictObject({
  accessKey: z
    .union([z.string().regex(/^[A-Za-z0-9]+$/, { error: ACCESS_KEY_EXPECTED }), secretSchema], {
      error: ACCESS_KEY_EXPECTED,
    })
    .describe('The access key, which is no secret, or where to find it.'),
  secretKey: secretSchema.describe('Where to find its secret key.'),
  algorithm: algorithmSchema,
});

/** Has the profile looked up while the configuration is checked, so that a missing one is told with its place. */
function profileSchema({ profiles }: OutscaleAccess) {
  return z.strictObject({
    profile: z
      .string()
      .min(1)
      .superRefine((name, context) => {
        const profile = readProfile(profiles, name);
        if (profile.kind === 'missing')
          context.addIssue({ code: 'custom', message: `expected ${profile.expected}` });
      })
      .describe('A profile of ~/.osc/config.json.'),
    algorithm: algorithmSchema,
  });
}

/**
 * The settings by which any probe reaches the provider's API: spread them into its own schema. A `region` and an
 * `endpoint`, which is that of the public Internet unless it is said (a net access point, a region in a box), and
 * `credentials`, without which calls are not signed.
 */
export function connectionFields(access: OutscaleAccess) {
  return {
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/, { error: 'expected the name of a region, like cloudgouv-eu-west-1' })
      .describe('The region that is called; part of every signature.'),
    endpoint: endpointSchema
      .optional()
      .describe("Where the service is reached; the region's public address when absent."),
    credentials: z
      .union([keySchema, profileSchema(access)])
      .optional()
      .describe('Who signs the call; absent, it is sent unsigned.'),
    connection: z
      .enum(['fresh', 'reuse'])
      .prefault('fresh')
      .describe('A new connection every time, or one kept between runs where the server allows it.'),
    ca: z
      .union([z.string().refine(holdsCertificates, { error: CA_EXPECTED }), secretSchema], {
        error: CA_EXPECTED,
      })
      .optional()
      .describe('The authorities to trust, in PEM, instead of those of the system.'),
    maxBody: z
      .int()
      .min(0)
      .max(67_108_864)
      .prefault(4_194_304)
      .describe('Bytes of body beyond which reading stops with a protocol fault.'),
  };
}

/** The settings of {@link connectionFields}, parsed. */
export type OutscaleConnection = z.output<z.ZodObject<ReturnType<typeof connectionFields>>>;

/** Who signs, as configured. */
export type OutscaleCredentials = NonNullable<OutscaleConnection['credentials']>;

/** The name of the algorithm as it stands in a signature. */
export function signingAlgorithm({ algorithm }: OutscaleCredentials): SigningAlgorithm {
  return algorithm === 'osc4' ? 'OSC4-HMAC-SHA256' : 'AWS4-HMAC-SHA256';
}

/** The key for people: never a secret, and of an access key no more than its end. */
export function keyLabel(credentials: OutscaleCredentials): string {
  if ('profile' in credentials) return `profile ${credentials.profile}`;
  const { accessKey } = credentials;
  return accessKey instanceof Secret ? 'the access key' : `access key …${accessKey.slice(-4)}`;
}
