import { SigningGates } from '../../probes/lib/outscale-gate.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { type Classification, classify } from '../../src/core/expectation.ts';
import type { LagMeter } from '../../src/core/lag-meter.ts';
import type { ConfiguredProbe, ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ProbeTarget, TargetMode } from '../contracts/probe.ts';
import { SECRET_MARKER } from '../contracts/probe.ts';
import { closedPort } from '../servers/http.ts';
import { type S3Account, type S3Script, type S3Server, startS3 } from '../servers/s3.ts';

/** Gates as they are once the keys of the contract's targets were accepted: from then on runs do not wait. */
export function provenGates(): { readonly gates: SigningGates } {
  const gates = new SigningGates();
  const permit = gates.of({ accessKey: SECRET_MARKER, secretKey: SECRET_MARKER }).enter();
  if (permit.kind === 'open') permit.settle({ kind: 'accepted' });
  return { gates };
}

/** Who signs in the tests of object storage. */
export const ACCOUNT: S3Account = {
  accessKey: 'AKTESTKEY',
  secretKey: 'SKTESTSECRET/+=',
  region: 'eu-test-1',
  bucket: 'vigie-bucket',
};

/** The settings of a check of a bucket; secrets are references. */
export function bucketOf(endpoint: string, { accessKey, region, bucket }: S3Account = ACCOUNT): object {
  return { endpoint, region, bucket, accessKey, secretKey: { env: 'SECRET_KEY' } };
}

/** Settings parsed by the kind's schema; every secret has the value given for its variable. */
export function parsed<Settings extends object>(
  kind: ProbeKind<Settings>,
  settings: object,
  secrets: Readonly<Record<string, string>> = {},
): Settings {
  const all: Readonly<Record<string, string>> = {
    SECRET_KEY: ACCOUNT.secretKey,
    SEED: 'the seed',
    ...secrets,
  };
  const result = kind.settings.parse(settings);
  for (const value of Object.values(result))
    if (value instanceof Secret)
      value.resolve((reference) => ('env' in reference ? all[reference.env] : undefined));
  return result;
}

/** A check as a configuration sets it up: runs, and what they amount to by the kind's own defaults. */
export interface ProbedCheck {
  readonly probe: ConfiguredProbe;
  readonly run: (clock?: Clock, signal?: AbortSignal, lag?: LagMeter) => Promise<Reading>;
  readonly judged: (reading: Reading) => Classification;
}

/** Sets up a check. */
export function checked<Settings extends object>(
  kind: ProbeKind<Settings>,
  settings: object,
  secrets: Readonly<Record<string, string>> = {},
): ProbedCheck {
  const all = parsed(kind, settings, secrets);
  const probe = kind.configure(all);
  return {
    probe,
    run: (clock = systemClock, signal = new AbortController().signal, lag) =>
      probe.run({ signal, clock, random: systemRandom, lag }),
    judged: (reading) => classify(reading, kind.defaults, kind.values(all)),
  };
}

/** What a reading showed; empty where it showed nothing. */
export function valuesOf(reading: Reading): Readonly<Record<string, unknown>> {
  return reading.kind === 'blind' ? {} : (reading.values ?? {});
}

const SCRIPTS: Readonly<Record<Exclude<TargetMode, 'refused'>, S3Script | undefined>> = {
  answers: undefined,
  silent: { does: 'silence' },
  garbage: { does: 'say', bytes: '220 mail.example.org ESMTP\r\n' },
};

/** A target of the probe contract; tells the authorization back, in which the secret key stands as access key too. */
export async function s3Target(
  mode: TargetMode,
  settings: object,
  prepare: (server: S3Server) => void = () => undefined,
): Promise<ProbeTarget> {
  const account = { ...ACCOUNT, accessKey: SECRET_MARKER, secretKey: SECRET_MARKER };
  const withSecrets = (endpoint: string): Readonly<Record<string, unknown>> => ({
    ...bucketOf(endpoint, account),
    accessKey: { env: 'ACCESS_KEY' },
    ...settings,
  });
  if (mode === 'refused') {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    return { settings: withSecrets(endpoint), received: () => 0, close: async () => undefined };
  }
  const server = await startS3(account, { echo: true });
  server.script = () => SCRIPTS[mode];
  prepare(server);
  return {
    settings: withSecrets(server.endpoint),
    received: () => server.received(),
    close: () => server.close(),
  };
}
