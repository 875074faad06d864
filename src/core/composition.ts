/** How the bad time of checks makes the bad time of a row: any (union), all (intersection), quorum (at least m). */
export type Composition =
  | string
  | { readonly any: readonly Composition[] }
  | { readonly all: readonly Composition[] }
  | { readonly quorum: number; readonly of: readonly Composition[] };

/** The checks that a composition names, each once, in the order of their first mention. */
export function checksOf(composition: Composition): readonly string[] {
  if (typeof composition === 'string') return [composition];
  return [...new Set(partsOf(composition).flatMap(checksOf))];
}

/** The parts of a composition that is not a single check. */
export function partsOf(composition: Exclude<Composition, string>): readonly Composition[] {
  if ('any' in composition) return composition.any;
  if ('all' in composition) return composition.all;
  return composition.of;
}
