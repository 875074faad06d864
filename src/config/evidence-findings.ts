import { createPrivateKey } from 'node:crypto';
import { errorAt, type Finding, warningAt } from '../contract/finding.ts';
import type { Secret } from '../core/secret.ts';
import type { ConfigDraft } from './draft.ts';
import { resolveSecrets, type SecretStore } from './secret-findings.ts';

/** What is wrong with how evidence is to be kept; fetches its secrets. */
export function evidenceFindings({ sections }: ConfigDraft, secrets: SecretStore): readonly Finding[] {
  const { evidence } = sections;
  if (!evidence) return [];
  const { directory, s3, key } = evidence;
  const missing = resolveSecrets(evidence, ['evidence'], secrets);
  if (missing.length > 0) return missing;
  const isKept = directory !== undefined || s3 !== undefined;
  return [
    ...(directory !== undefined && s3
      ? [errorAt(['evidence', 's3'], 'stands beside directory; expected one place for the archive')]
      : []),
    ...(key && !isEd25519(key) ? [errorAt(['evidence', 'key'], KEY_EXPECTED)] : []),
    ...(key && !isKept
      ? [warningAt(['evidence', 'key'], 'signs nothing: neither directory nor s3 says where the archive is')]
      : []),
  ];
}

const KEY_EXPECTED =
  'refers to something else, expected an Ed25519 private key in PEM (openssl genpkey -algorithm ed25519)';

function isEd25519(key: Secret): boolean {
  try {
    return createPrivateKey(key.reveal()).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
