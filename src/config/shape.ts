import { z } from 'zod';
import { type DocumentPath, errorAt, type Finding } from '../contract/finding.ts';
import { decisive } from './decisive-issue.ts';
import type { SourceDocument } from './document.ts';
import { expectedAt } from './expected.ts';
import { suggest } from './nearest.ts';
import { dataAt, secretPlaces } from './secret-places.ts';

type Issue = z.core.$ZodIssue;

/** Data of the shape that a schema asks for, or what is wrong with it; never both. */
export interface Shaped<T> {
  readonly value: T | undefined;
  readonly findings: readonly Finding[];
}

/** Parses the part of a document at `base`, and says of everything that is not as the schema has it. */
export function shapeOf<S extends z.ZodType>(
  schema: S,
  data: unknown,
  document: Pick<SourceDocument, 'writtenAt'>,
  base: DocumentPath = [],
): Shaped<z.output<S>> {
  const knownKeys = new WeakMap<readonly string[], readonly string[]>();
  const parsed = schema.safeParse(data, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') knownKeys.set(issue.keys, keysOf(issue.inst));
      return expectedAt(issue);
    },
  });
  if (parsed.success) return { value: parsed.data, findings: [] };
  const issues = parsed.error.issues.flatMap(decisive);
  const maybeSecret = secretPlaces(schema, data, issues.map(pathOf));
  const findings = issues.flatMap((issue): readonly Finding[] => {
    const path = [...base, ...pathOf(issue)];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey([...path, key], knownKeys.get(issue.keys) ?? []));
    if (issue.code === 'invalid_key') return [unknownKey(path, wordsOf(issue.issues))];
    const written = maybeSecret(pathOf(issue)) ? undefined : document.writtenAt(path);
    return [misfit(path, dataAt(data, pathOf(issue)), written, issue.message)];
  });
  return { value: undefined, findings };
}

function pathOf(issue: Issue): DocumentPath {
  return issue.path.filter((step) => typeof step !== 'symbol');
}

/** The keys of an object schema, or those that a record's enum allows; none for any other. */
function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (!(schema instanceof z.ZodRecord)) return [];
  return schema.keyType instanceof z.ZodEnum ? schema.keyType.options.map(String) : [];
}

function wordsOf(issues: readonly Issue[]): readonly string[] {
  return issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values.map(String) : []));
}

function unknownKey(path: DocumentPath, known: readonly string[]): Finding {
  const hint = known.length === 0 ? '' : suggest(String(path.at(-1)), known);
  return { ...errorAt(path, `is not a known key${hint}`), at: 'key' };
}

function misfit(path: DocumentPath, found: unknown, written: string | undefined, expected: string): Finding {
  const subject = path.length === 0 ? 'the file is' : 'is';
  const shown = found === undefined ? 'missing' : show(found, written);
  return errorAt(path, `${subject} ${shown}, ${expected}`);
}

function show(found: unknown, written: string | undefined): string {
  if (found === null) return 'empty';
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list';
  if (typeof found === 'object') return Object.keys(found).length === 0 ? 'an empty map' : 'a map';
  if (written === undefined) return typeof found === 'string' ? 'text' : `a ${typeof found}`;
  return showText(typeof found === 'string' ? JSON.stringify(found) : written);
}

const SHOWN_LENGTH = 60;
const CREDENTIALS_IN_URL = /\/\/\S*@/g;

/** A text from a file as messages may show it: cut when long, and without the credentials of a URL. */
export function showText(text: string): string {
  const safe = text.replaceAll(CREDENTIALS_IN_URL, '//…@');
  return safe.length > SHOWN_LENGTH ? `${safe.slice(0, SHOWN_LENGTH)}…` : safe;
}
