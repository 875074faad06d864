import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { type DocumentPath, errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { Secret, secretSchema } from '../core/secret.ts';
import { resolveSecrets, type SecretStore } from './secret-findings.ts';
import { showText } from './shape.ts';
import { describeUnreadable } from './source-text.ts';

const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
const VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
/** A cost above it takes seconds for each log-in. */
const HASH = /^\$2[abxy]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;
const HASH_EXPECTED =
  'expected a bcrypt hash with a cost of 4 to 14, as by `htpasswd -nBC 10 ""`, or a reference to one';
/** As the exporter toolkit has them. */
const HEADERS = [
  'Strict-Transport-Security',
  'X-Content-Type-Options',
  'X-Frame-Options',
  'X-XSS-Protection',
  'Content-Security-Policy',
] as const;

const versionSchema = z.enum(['TLS12', 'TLS13']);

const tlsSchema = z.strictObject({
  cert_file: z.string().min(1).describe('The certificate and its chain, PEM.'),
  key_file: z.string().min(1).describe('Its key, PEM.'),
  client_auth_type: z.enum(CLIENT_AUTH_TYPES).prefault('NoClientCert'),
  client_ca_file: z.string().min(1).optional().describe('The authorities whose clients are believed, PEM.'),
  min_version: versionSchema.prefault('TLS12'),
  max_version: versionSchema.optional(),
  prefer_server_cipher_suites: z.boolean().optional().describe('Without effect, as in Go.'),
});

const httpSchema = z.strictObject({
  http2: z.boolean().optional().describe('This version speaks HTTP/1.1 whatever is said here.'),
  headers: z.partialRecord(z.enum(HEADERS), z.string().regex(/^[\x20-\x7e]*$/)).prefault({}),
});

/** How connections are protected, in the shape of Prometheus' exporter toolkit (web-configuration.md). */
export const webSchema = z.strictObject({
  tls_server_config: tlsSchema.optional(),
  http_server_config: httpSchema.optional(),
  basic_auth_users: z
    .record(
      z.string().min(1),
      z.union([z.string().regex(HASH, { error: HASH_EXPECTED }), secretSchema], { error: HASH_EXPECTED }),
    )
    .prefault({})
    .describe('bcrypt hashes of passwords, by user.'),
});

/** A web configuration as it was parsed. */
export type WebFile = z.output<typeof webSchema>;

/** How connections are protected, and whose passwords are known. */
export interface WebSettings {
  readonly tls?: {
    readonly cert: string;
    readonly key: string;
    readonly clientCa?: string;
    readonly clientAuth: (typeof CLIENT_AUTH_TYPES)[number];
    readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
    readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  };
  /** bcrypt hashes by user. */
  readonly users: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether client certificates are verified, so that they say who asks. */
export function verifiesClients(web: WebSettings | undefined): boolean {
  const clientAuth = web?.tls?.clientAuth;
  return clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
}

/** What a web configuration came to. */
export interface WebCheck {
  /** There when nothing is wrong. */
  readonly settings?: WebSettings;
  readonly findings: readonly Finding[];
}

/** Follows the references of a web configuration, which stands at `base`; paths are relative to the file that it stands in. */
export function webOf(file: WebFile, base: DocumentPath, store: SecretStore): WebCheck {
  const tls = file.tls_server_config && tlsOf(file.tls_server_config, [...base, 'tls_server_config'], store);
  const users = usersOf(file.basic_auth_users, [...base, 'basic_auth_users'], store);
  const http2 = [...base, 'http_server_config', 'http2'];
  const findings = [
    ...(tls?.findings ?? []),
    ...users.findings,
    ...(file.http_server_config?.http2 === true
      ? [warningAt(http2, 'is true, but this version speaks HTTP/1.1 alone')]
      : []),
  ];
  if (findings.some(({ severity }) => severity === 'error')) return { findings };
  const headers = file.http_server_config?.headers ?? {};
  return {
    settings: { ...(tls?.settings && { tls: tls.settings }), users: users.hashes, headers },
    findings,
  };
}

function usersOf(users: WebFile['basic_auth_users'], path: DocumentPath, store: SecretStore) {
  const hashes = new Map<string, string>();
  const findings = Object.entries(users).flatMap(([user, hash]): readonly Finding[] => {
    const at = [...path, user];
    if (user.includes(':'))
      return [{ ...errorAt(at, 'has a colon, and no user who logs in can'), at: 'key' }];
    const missing = resolveSecrets(hash, at, store);
    if (missing.length > 0) return missing;
    const text = hash instanceof Secret ? hash.reveal() : hash;
    if (!HASH.test(text)) return [errorAt(at, `refers to something else, ${HASH_EXPECTED}`)];
    hashes.set(user, text);
    return [];
  });
  return { hashes, findings };
}

function tlsOf(tls: NonNullable<WebFile['tls_server_config']>, path: DocumentPath, store: SecretStore) {
  const { client_auth_type: clientAuth, client_ca_file, min_version, max_version } = tls;
  const cert = textOf(tls.cert_file, [...path, 'cert_file'], store);
  const key = textOf(tls.key_file, [...path, 'key_file'], store);
  const ca =
    client_ca_file === undefined ? undefined : textOf(client_ca_file, [...path, 'client_ca_file'], store);
  const findings = [
    ...[cert, key, ca].flatMap((one) => (one && 'finding' in one ? [one.finding] : [])),
    ...clientFindings(clientAuth, client_ca_file, path),
    ...(max_version !== undefined && max_version < min_version
      ? [
          errorAt(
            [...path, 'max_version'],
            `must not be below min_version ${min_version}, got ${max_version}`,
          ),
        ]
      : []),
  ];
  if (findings.length > 0 || !('text' in cert) || !('text' in key)) return { findings };
  const clientCa = ca && 'text' in ca ? ca.text : undefined;
  const unusable = unusableKey(cert.text, key.text, clientCa, path);
  if (unusable) return { findings: [unusable] };
  const settings: NonNullable<WebSettings['tls']> = {
    ...{ cert: cert.text, key: key.text, clientAuth, minVersion: VERSIONS[min_version] },
    ...(clientCa !== undefined && { clientCa }),
    ...(max_version !== undefined && { maxVersion: VERSIONS[max_version] }),
  };
  return { settings, findings };
}

/** To verify a certificate takes an authority; to name one and not verify is a mistake that lets everybody in. */
function clientFindings(
  clientAuth: (typeof CLIENT_AUTH_TYPES)[number],
  caFile: string | undefined,
  path: DocumentPath,
): readonly Finding[] {
  const verifies = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (verifies === (caFile !== undefined)) return [];
  return verifies
    ? [errorAt([...path, 'client_auth_type'], `is ${clientAuth}, which needs client_ca_file`)]
    : [
        errorAt(
          [...path, 'client_ca_file'],
          `says whom to believe, and client_auth_type ${clientAuth} verifies nobody`,
        ),
      ];
}

function textOf(
  name: string,
  path: DocumentPath,
  { folder, environment, asked }: SecretStore,
): { readonly text: string } | { readonly finding: Finding } {
  const file = resolve(folder, name);
  asked(file);
  try {
    return { text: environment.readFile(file) };
  } catch (error) {
    return { finding: errorAt(path, `is "${showText(name)}", but ${describeUnreadable(error)}`) };
  }
}

const ENCRYPTED = 'key_file holds an encrypted key, expected one that is not';

/** What the codes of OpenSSL mean for a certificate and its key. */
const UNUSABLE: Readonly<Record<string, string>> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the key is not that of the certificate',
  ERR_OSSL_PEM_NO_START_LINE: 'cert_file or client_ca_file holds no certificate in PEM',
  ERR_OSSL_PEM_BAD_END_LINE: 'one of the files is cut short',
  ERR_OSSL_BAD_DECRYPT: ENCRYPTED,
  ERR_OSSL_BAD_PASSWORD_READ: ENCRYPTED,
  ERR_OSSL_UNSUPPORTED: 'key_file holds no private key in PEM',
};

function unusableKey(
  cert: string,
  key: string,
  ca: string | undefined,
  path: DocumentPath,
): Finding | undefined {
  try {
    createSecureContext({ cert, key, ...(ca !== undefined && { ca }) });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
    return errorAt(path, `cannot be used: ${UNUSABLE[code] ?? code}`);
  }
}
