import { type DocumentPath, errorAt, type Finding } from '../contract/finding.ts';
import { suggest } from './nearest.ts';
import { formatPath } from './problem.ts';

/** An error when a name is not one of the known; `what` says what it should be: `a row of the contract`. */
export function unknownName(
  path: DocumentPath,
  name: string | undefined,
  known: readonly string[] | undefined,
  what: string,
): readonly Finding[] {
  if (name === undefined || !known || known.includes(name)) return [];
  return [errorAt(path, `is "${name}", expected ${what}${suggest(name, known)}`)];
}

/** An error for each name of a list that is not one of the known. */
export function unknownNames(
  path: DocumentPath,
  names: readonly string[] | undefined,
  known: readonly string[] | undefined,
  what: string,
): readonly Finding[] {
  return (names ?? []).flatMap((name, index) => unknownName([...path, index], name, known, what));
}

/** An error for each name that was there before; `pathOf` leads to the name with an index. */
export function repeatedNames(
  names: readonly (string | undefined)[],
  pathOf: (index: number) => DocumentPath,
  firstOf: (index: number) => string,
): readonly Finding[] {
  const firsts = new Map<string, number>();
  return names.flatMap((name, index) => {
    if (name === undefined) return [];
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, index);
    return first === undefined
      ? []
      : [errorAt(pathOf(index), `is "${name}", as ${firstOf(first)} is; expected each only once`)];
  });
}

/** An error for each member of a list that was there before. */
export function repeatedMembers(
  path: DocumentPath,
  names: readonly string[] | undefined,
): readonly Finding[] {
  return repeatedNames(
    names ?? [],
    (index) => [...path, index],
    (first) => formatPath([...path, first]),
  );
}
