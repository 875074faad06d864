import type { z } from 'zod';

/** A map of which any field may be missing because it was wrong. */
export type Draft<T> = { readonly [K in keyof T]?: T[K] | undefined };

/**
 * What is right in a map that is wrong elsewhere: the fields that parse, each on its own, with the defaults of those
 * that are absent. So that one mistake does not hide the next.
 */
export function salvage<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, data: unknown) {
  const partial = schema.partial();
  const fields = new Map(isMap(data) ? Object.entries(data) : []);
  const wrong = new Set<string>();
  for (const issue of schema.safeParse(data).error?.issues ?? []) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) fields.delete(key);
    if (issue.path[0] !== undefined) wrong.add(String(issue.path[0]));
  }
  for (const key of wrong) fields.delete(key);
  const parsed = partial.safeParse(Object.fromEntries(fields)).data;
  // A default that stands in for a wrong value would be believed.
  if (parsed) for (const key of wrong) Reflect.deleteProperty(parsed, key);
  return parsed;
}

/** What is right in each member of a list; empty when it is no list. Members keep their indexes. */
export function salvageEach<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, data: unknown) {
  return Array.isArray(data) ? data.map((member: unknown) => salvage(schema, member)) : [];
}

/** Whether data is a map of the document. */
export function isMap(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
