import type { z } from 'zod';
import type { DocumentPath } from '../contract/finding.ts';
import { decisive } from './decisive-issue.ts';
import { isMap } from './salvage.ts';

/**
 * Tells of scalars at these paths whether a reference to a secret might stand in their place: then the scalar may be
 * a secret written out, and its text is not to be shown. Found out by putting references there.
 */
export function secretPlaces(
  schema: z.ZodType,
  data: unknown,
  paths: readonly DocumentPath[],
): (path: DocumentPath) => boolean {
  const referring = paths
    .filter((path) => isScalar(dataAt(data, path)))
    .reduce<unknown>((changed, path) => withReference(changed, path), data);
  const issues = (schema.safeParse(referring).error?.issues ?? []).flatMap(decisive);
  return (path) => !issues.some((issue) => path.every((step, depth) => issue.path[depth] === step));
}

function isScalar(data: unknown): boolean {
  return data !== undefined && (typeof data !== 'object' || data === null);
}

function withReference(data: unknown, path: DocumentPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return { env: 'NAME' };
  const replaced = withReference(dataAt(data, [step]), rest);
  if (Array.isArray(data)) return data.map((member: unknown, index) => (index === step ? replaced : member));
  return { ...(isMap(data) ? data : {}), [step]: replaced };
}

/** What stands at a path in plain data; undefined when nothing does. */
export function dataAt(data: unknown, path: DocumentPath): unknown {
  let found = data;
  for (const step of path)
    found = typeof found === 'object' && found !== null ? Reflect.get(found, step) : undefined;
  return found;
}
