import type { Clock } from '../../src/core/clock.ts';
import type { Blind } from '../../src/core/cause.ts';
import { Secret } from '../../src/core/secret.ts';
import { type SigningKey, sha256Hex, signedHeaders } from '../wire/signature-v4.ts';
import type { OutscaleAccess } from './outscale-access.ts';
import { MOST_REFUSED, type SignatureFate } from './outscale-gate.ts';
import { type Profile, type ProfileFile, readProfile } from './outscale-profile.ts';
import type { OutscaleRequest, OutscaleService } from './outscale-request.ts';
import {
  keyLabel,
  type OutscaleConnection,
  type OutscaleCredentials,
  signingAlgorithm,
} from './outscale-settings.ts';

/** The headers that a request goes out with, or why it must not go out. */
export type Signature =
  | {
      readonly kind: 'headers';
      readonly headers: Readonly<Record<string, string>>;
      readonly signed: boolean;
      /** To be called once, with what became of it. */
      readonly settle: (fate: SignatureFate) => void;
    }
  | { readonly kind: 'withheld'; readonly blind: Blind; readonly why: string };

/** Signs the requests of one check, or lets them go unsigned. */
export interface Signer {
  /** Texts that must not be told, the longest first. */
  readonly secrets: readonly string[];
  /** Equal for equal access keys, and no secret: a digest; empty where nothing is signed. */
  readonly account: string;
  sign(request: OutscaleRequest, clock: Clock): Signature;
}

/** The signer of a connection. A profile that has gone since the configuration was checked withholds every request. */
export function createSigner(
  connection: OutscaleConnection,
  service: OutscaleService,
  { gates, profiles }: OutscaleAccess,
): Signer {
  const { credentials, region } = connection;
  if (!credentials) return UNSIGNED;
  const found = keyOf(credentials, profiles);
  if (found.kind === 'missing') return withholding(`expected ${found.expected}`);
  const { key } = found;
  const scope = { algorithm: signingAlgorithm(credentials), region, service };
  const gate = gates.of(key);
  const label = keyLabel(credentials);
  const hidesAccessKey = 'accessKey' in credentials && credentials.accessKey instanceof Secret;
  return {
    secrets: secretTexts(key, hidesAccessKey),
    account: sha256Hex(key.accessKey),
    sign(request, clock) {
      const permit = gate.enter();
      if (permit.kind === 'open') {
        const headers = signedHeaders(signable(request), scope, key, clock.wallMs());
        return { kind: 'headers', signed: true, headers, settle: permit.settle };
      }
      return permit.kind === 'busy'
        ? withheld('skipped', `waiting for ${label} to be accepted for the first time`)
        : withheld(permit.blind, `${stopped(label)} (${permit.told})`);
    },
  };
}

const UNSIGNED: Signer = {
  secrets: [],
  account: '',
  sign: (request) => ({
    kind: 'headers',
    signed: false,
    headers: { 'content-type': request.contentType },
    settle: () => undefined,
  }),
};

function withholding(why: string): Signer {
  return { secrets: [], account: '', sign: () => withheld('credentials', why) };
}

function stopped(label: string): string {
  return `NOTHING IS SIGNED any more with ${label} until the credentials change: refused ${MOST_REFUSED} times in a row, a fourth would lock it`;
}

function withheld(blind: Blind, why: string): Signature {
  return { kind: 'withheld', blind, why };
}

function signable({ url, contentType, body }: OutscaleRequest): Parameters<typeof signedHeaders>[0] {
  return { method: 'POST', url, headers: { 'content-type': contentType }, payloadHash: sha256Hex(body) };
}

function keyOf(credentials: OutscaleCredentials, profiles: ProfileFile): Profile {
  if ('profile' in credentials) return readProfile(profiles, credentials.profile);
  const { accessKey, secretKey } = credentials;
  const key = {
    accessKey: accessKey instanceof Secret ? accessKey.reveal() : accessKey,
    secretKey: secretKey.reveal(),
  };
  return { kind: 'found', key };
}

function secretTexts({ accessKey, secretKey }: SigningKey, hidesAccessKey: boolean): readonly string[] {
  const texts = hidesAccessKey ? [secretKey, accessKey] : [secretKey];
  return [...texts, ...texts.map((text) => Buffer.from(text).toString('base64'))].sort(
    (a, b) => b.length - a.length,
  );
}
