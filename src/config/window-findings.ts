import { errorAt, type Finding } from '../contract/finding.ts';
import { parseRedisUrl, REDIS_URL_EXPECTED } from '../core/redis-address.ts';
import { Secret } from '../core/secret.ts';
import type { ConfigDraft } from './draft.ts';
import { showText } from './shape.ts';

/** What is wrong with the address of the shared windows, whose secret must have been fetched. */
export function windowFindings({ sections }: ConfigDraft): readonly Finding[] {
  const url = sections.window?.url;
  if (url === undefined) return [];
  const path = ['window', 'url'];
  const text = url instanceof Secret ? url.reveal() : url;
  const address = parseRedisUrl(text);
  if (!address) {
    const found = url instanceof Secret ? 'refers to something else' : `is "${showText(text)}"`;
    return [errorAt(path, `${found}, expected ${REDIS_URL_EXPECTED}`)];
  }
  if (url instanceof Secret || address.password === undefined) return [];
  return [
    errorAt(
      path,
      'holds a password, which is never written here; refer to the URL by { env: NAME } or { file: /path }',
    ),
  ];
}
