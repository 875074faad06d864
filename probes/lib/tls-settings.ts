import { isIP } from 'node:net';
import { z } from 'zod';
import { secretSchema } from '../../src/core/secret.ts';
import { CA_EXPECTED, holdsCertificates } from './trust.ts';

/** Schema of how a server is to prove who it is: the `tls` of every kind that speaks it. */
export const tlsSchema = z.strictObject({
  ca: z
    .union([z.string().refine(holdsCertificates, { error: CA_EXPECTED }), secretSchema], {
      error: CA_EXPECTED,
    })
    .optional()
    .describe('The authorities to trust, in PEM, instead of those of the system.'),
  verify: z.boolean().prefault(true).describe('Whether the certificate must be valid for the server.'),
  serverName: z
    .string()
    .min(1)
    .refine((name) => isIP(name) === 0, { error: 'expected a host name, not an address' })
    .optional()
    .describe('The name asked for (SNI) and looked for in the certificate; the host when absent.'),
});
