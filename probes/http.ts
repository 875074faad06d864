import { isIP } from 'node:net';
import { z } from 'zod';
import { cancelOf } from '../src/core/cancellation.ts';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import { Secret, secretSchema } from '../src/core/secret.ts';
import { exchange } from './lib/http-exchange.ts';
import { createExtractor, extractSchema } from './lib/http-extract.ts';
import { Lane } from './lib/http-lane.ts';
import { createLookup } from './lib/lookup.ts';
import { HTTP_PHASES } from './lib/http-phases.ts';
import { readingOf } from './lib/http-reading.ts';
import { HEADER_VALUE, identityOf, labelOf, requestOf, secretsOf } from './lib/http-request.ts';
import { createTrust } from './lib/trust.ts';
import { tlsSchema } from './lib/tls-settings.ts';

const urlSchema = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
  },
  { error: 'expected an http:// or https:// address without user, password and fragment', abort: true },
);

const FRAMING_HEADERS: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];

const headerNameSchema = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'expected a header name' })
  .refine((name) => !FRAMING_HEADERS.includes(name.toLowerCase()), {
    error: `expected a header other than those the client sets itself: ${FRAMING_HEADERS.join(', ')}`,
  });

const HEADER_VALUE_EXPECTED =
  'expected a text of one line, or a reference to a secret: { env: NAME } or { file: /path }';

const headerValueSchema = z.union(
  [z.string().regex(HEADER_VALUE, { error: HEADER_VALUE_EXPECTED }), secretSchema],
  { error: HEADER_VALUE_EXPECTED },
);

const BUILT_IN_VALUES = {
  status: { type: 'number', summary: 'Status code of the answer.', cause: 'status' },
  httpVersion: {
    type: 'string',
    summary: 'Version that the server answered in, 1.0 or 1.1.',
    cause: 'unexpected',
  },
  bodyBytes: { type: 'number', summary: 'Length of the body in bytes, as sent.', cause: 'content' },
  address: { type: 'string', summary: 'The IP address connected to.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const TLS_VALUES = {
  certificateDaysLeft: {
    type: 'number',
    summary: 'Whole days until the certificate ends; negative once it has.',
    cause: 'certificate',
  },
  tlsVersion: { type: 'string', summary: 'Version of TLS, like TLSv1.3.', cause: 'unexpected' },
} as const satisfies Record<string, ValueSpec>;

const RESERVED_NAMES: readonly string[] = ['latency', ...Object.keys({ ...BUILT_IN_VALUES, ...TLS_VALUES })];

const valueNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, { error: 'expected a name of letters, digits, "_" and "-"' })
  .refine((name) => !RESERVED_NAMES.includes(name), {
    error: `expected a name other than those of the probe's own values: ${RESERVED_NAMES.join(', ')}`,
  });

/** Headers that carry credentials and nothing else. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'x-auth-token',
]);

const settingsSchema = z
  .strictObject({
    url: urlSchema.describe('What is asked for. A redirection is not followed: it is an answer.'),
    method: z
      .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      .prefault('GET')
      .describe('Method of the request.'),
    headers: z
      .record(headerNameSchema, headerValueSchema)
      .prefault({})
      .describe('Headers of the request; a value that is a secret is a reference.'),
    body: z.string().optional().describe('Body of the request.'),
    ipVersion: z
      .union([z.literal(4), z.literal(6), z.literal('any')], { error: 'expected 4, 6 or any' })
      .prefault('any')
      .describe('Family of the address; `any` takes the first that the system offers.'),
    connection: z
      .enum(['fresh', 'reuse'])
      .prefault('fresh')
      .describe('A new connection every time, or one kept between runs where the server allows it.'),
    maxBody: z
      .int()
      .min(0)
      .max(67_108_864)
      .prefault(1_048_576)
      .describe('Bytes of body beyond which reading stops with a protocol fault.'),
    tls: tlsSchema.optional().describe('How the server is to prove who it is.'),
    extract: z
      .record(valueNameSchema, extractSchema)
      .prefault({})
      .describe('Values taken out of the answer, by the name that `expect` calls them.'),
  })
  .superRefine(({ headers }, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (!CREDENTIAL_HEADERS.has(name.toLowerCase()) || value instanceof Secret) continue;
      const message =
        'expected a reference, { env: NAME } or { file: /path }: a secret is never written here';
      context.addIssue({ code: 'custom', path: ['headers', name], message });
    }
  })
  .superRefine(({ url, tls, ipVersion }, context) => {
    if (tls && !isSecure(url)) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'expected only with an https:// address' });
    }
    const family = isIP(hostOf(url));
    if (family !== 0 && ipVersion !== 'any' && ipVersion !== family) {
      context.addIssue({
        code: 'custom',
        path: ['ipVersion'],
        message: `expected ${family}: the address is one of IPv${family}`,
      });
    }
  });

/** Settings of an `http` check, parsed: an HTTP/1.1 request and what to take out of its answer. */
export type HttpSettings = z.output<typeof settingsSchema>;

/** Any answer that is neither an error of the client nor of the server (RFC 9110 §15). */
const DEFAULTS: Expectations = { status: { atLeast: 200, atMost: 399 } };

function valuesOf({ url, extract }: HttpSettings): Readonly<Record<string, ValueSpec>> {
  const values: Record<string, ValueSpec> = { ...BUILT_IN_VALUES };
  if (isSecure(url)) Object.assign(values, TLS_VALUES);
  for (const [name, rule] of Object.entries(extract)) {
    values[name] = { type: rule.as, summary: 'Extracted from the answer.', cause: 'content' };
  }
  return values;
}

function isSecure(url: string): boolean {
  return new URL(url).protocol === 'https:';
}

/** The host of a URL as sockets want it: IPv6 addresses without brackets. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: string): number {
  return Number(new URL(url).port) || (isSecure(url) ? 443 : 80);
}

/**
 * The kind `http`: one HTTP/1.1 request (RFC 9112), by default on a connection of its own. A redirection is an
 * answer, and nothing is tried twice.
 */
export function httpProbe(): ProbeKind<HttpSettings> {
  const trust = createTrust();
  const lookup = createLookup();
  const live = new Set<Lane>();
  return {
    kind: 'http',
    summary: 'Sends an HTTP or HTTPS request and reads the answer to its end.',
    settings: settingsSchema,
    phases: HTTP_PHASES,
    values: valuesOf,
    defaults: DEFAULTS,
    configure(settings) {
      const { url, tls, ipVersion } = settings;
      const host = hostOf(url);
      const serverName = tls?.serverName ?? (isIP(host) === 0 ? host : '');
      const dialTls = isSecure(url)
        ? { context: trust(tls?.ca), verify: tls?.verify ?? true, serverName }
        : undefined;
      const target = { host, port: portOf(url), ipVersion, lookup, tls: dialTls };
      return configured(settings, () => new Lane(new URL(url).origin, target, live));
    },
    async close() {
      await Promise.all([...live].map((lane) => lane.discard()));
    },
  };
}

function configured(settings: HttpSettings, openLane: () => Lane): ConfiguredProbe {
  const extractor = createExtractor(settings.extract);
  const request = requestOf(settings, extractor.readsBody);
  const subject = { label: labelOf(settings), secrets: secretsOf(settings), extractor };
  const idle: Lane[] = [];
  return {
    identity: identityOf(settings),
    async run(context: ProbeContext) {
      const cancel = cancelOf(context);
      if (cancel.aborted) {
        return { kind: 'fault', fault: 'timeout', detail: `${subject.label}: timeout before it began` };
      }
      const lane = idle.pop() ?? openLane();
      const result = await exchange(lane, request, cancel, context.clock, (reusable) => {
        if (reusable) idle.push(lane);
      });
      return readingOf(result, subject, context.clock.wallMs());
    },
  };
}
