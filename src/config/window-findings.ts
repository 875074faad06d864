import { errorAt, type Finding } from '../contract/finding.ts';
import { Secret } from '../core/secret.ts';
import type { ConfigDraft } from './draft.ts';
import { showText } from './shape.ts';

/** What is wrong with the address of the shared windows, whose secret must have been fetched. */
export function windowFindings({ sections }: ConfigDraft): readonly Finding[] {
  const url = sections.window?.url;
  if (url === undefined) return [];
  const path = ['window', 'url'];
  const text = url instanceof Secret ? url.reveal() : url;
  const parsed = URL.parse(text);
  if (!parsed || !/^rediss?:$/.test(parsed.protocol)) {
    const found = url instanceof Secret ? 'refers to something else' : `is "${showText(text)}"`;
    return [errorAt(path, `${found}, expected a redis:// or rediss:// URL`)];
  }
  if (url instanceof Secret || parsed.password === '') return [];
  return [
    errorAt(
      path,
      'holds a password, which is never written here; refer to the URL by { env: NAME } or { file: /path }',
    ),
  ];
}
