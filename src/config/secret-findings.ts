import { resolve } from 'node:path';
import { type DocumentPath, errorAt, type Finding } from '../contract/finding.ts';
import { Secret, type SecretReference } from '../core/secret.ts';
import type { LoadEnvironment } from './config.ts';
import { isMap } from './salvage.ts';
import { describeUnreadable } from './source-text.ts';

/** Where secrets come from while one configuration is loaded. */
export interface SecretStore {
  /** The folder that relative paths of references start from: that of the configuration. */
  readonly folder: string;
  readonly environment: Pick<LoadEnvironment, 'env' | 'readFile'>;
  /** Told of every file that a reference names. */
  readonly asked: (file: string) => void;
}

/**
 * Fetches every secret inside parsed settings; an error for each that is not to be had. Names the reference, never
 * the value. The line break that ends a file is not part of its secret.
 */
export function resolveSecrets(
  settings: unknown,
  path: DocumentPath,
  store: SecretStore,
): readonly Finding[] {
  if (settings instanceof Secret) return resolveSecret(settings, path, store);
  if (Array.isArray(settings))
    return settings.flatMap((member: unknown, index) => resolveSecrets(member, [...path, index], store));
  if (!isPlainMap(settings)) return [];
  return Object.entries(settings).flatMap(([key, member]) => resolveSecrets(member, [...path, key], store));
}

/** What a schema made of a part of the settings (a URL, a pattern) holds no secrets of the configuration. */
function isPlainMap(settings: unknown): settings is Readonly<Record<string, unknown>> {
  if (!isMap(settings)) return false;
  const prototype: unknown = Object.getPrototypeOf(settings);
  return prototype === Object.prototype || prototype === null;
}

function resolveSecret(secret: Secret, path: DocumentPath, store: SecretStore): readonly Finding[] {
  const found = fetchSecret(secret.reference, store);
  if ('trouble' in found) {
    const { trouble, lacks } = found;
    return [{ ...errorAt(path, trouble), lacks }];
  }
  secret.resolve(() => found.value);
  return [];
}

type Fetched = { readonly value: string } | { readonly trouble: string; readonly lacks: string };

function fetchSecret(reference: SecretReference, store: SecretStore): Fetched {
  return 'env' in reference ? fetchVariable(reference.env, store) : fetchFile(reference.file, store);
}

function fetchVariable(name: string, { environment }: SecretStore): Fetched {
  const value = environment.env[name];
  if (value !== undefined && value !== '') return { value };
  const state = value === undefined ? 'not set' : 'empty';
  const hint = `export ${name}=… before vigie starts, or write { file: PATH }`;
  const trouble = `refers to the environment variable ${name}, which is ${state}: ${hint}`;
  return { trouble, lacks: `env ${name}` };
}

function fetchFile(name: string, store: SecretStore): Fetched {
  const file = resolve(store.folder, name);
  const lacks = `file ${file}`;
  store.asked(file);
  try {
    const value = store.environment.readFile(file).replace(/\r?\n$/, '');
    return value === '' ? { trouble: `refers to the file ${name}, which is empty`, lacks } : { value };
  } catch (error) {
    return { trouble: `refers to the file ${name}: ${describeUnreadable(error)}`, lacks };
  }
}
