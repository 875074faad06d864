import type { SigningKey } from '../wire/signature-v4.ts';
import { isObject } from './outscale-answer.ts';

/** The file of profiles that the provider's own tools share, read anew each time. Throws when it can't be read. */
export type ProfileFile = () => string;

/** A profile's key, or why there is none, to be said after "expected". */
export type Profile =
  | { readonly kind: 'found'; readonly key: SigningKey }
  | { readonly kind: 'missing'; readonly expected: string };

const NAME = '~/.osc/config.json';

/** Looks a profile up. Never throws, and never tells what the file holds but the names of profiles. */
export function readProfile(file: ProfileFile, name: string): Profile {
  const profiles = parsed(file);
  if (!profiles) return { kind: 'missing', expected: `${NAME} to be a file of JSON that can be read` };
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!isObject(profile)) {
    const names = Object.keys(profiles).join(', ');
    return { kind: 'missing', expected: `a profile of ${NAME}${names === '' ? '' : `: ${names}`}` };
  }
  const [accessKey, secretKey] = [profile['access_key'], profile['secret_key']];
  if (!isKey(accessKey) || !isKey(secretKey)) {
    return { kind: 'missing', expected: `a profile of ${NAME} with an access_key and a secret_key` };
  }
  return { kind: 'found', key: { accessKey, secretKey } };
}

function parsed(file: ProfileFile): Readonly<Record<string, unknown>> | undefined {
  try {
    const profiles: unknown = JSON.parse(file());
    return isObject(profiles) ? profiles : undefined;
  } catch {
    return undefined;
  }
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
