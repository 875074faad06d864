import type { DocumentPath, Finding } from '../contract/finding.ts';
import type { Place, Problem } from './config.ts';

const PLAIN_KEY = /^[\w$-]+$/;

/** A path for people: `checks[2].with.server`, with quotes around keys that are not plain words. */
export function formatPath(path: DocumentPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_KEY.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Says where things stand in a file. */
export interface Places {
  /** The key or the value at a path; where it is not there, the nearest thing around it that is. */
  placeOf(path: DocumentPath, at: 'key' | 'value'): Place;
}

/** Ties findings to their places in a file. */
export function locate(findings: readonly Finding[], places: Places): readonly Problem[] {
  return findings.map(({ severity, path, at, message, lacks }) => ({
    severity,
    place: places.placeOf(path, at),
    path: formatPath(path),
    message,
    ...(lacks !== undefined && { lacks }),
  }));
}

/** What is lacking in several places is told of once, at the first of them, and there the others are named. */
export function gathered(problems: readonly Problem[]): readonly Problem[] {
  const byLack = Map.groupBy(problems, ({ lacks }) => lacks);
  return problems.flatMap((problem): readonly Problem[] => {
    if (problem.lacks === undefined) return [problem];
    const [first, ...others] = byLack.get(problem.lacks) ?? [];
    if (problem !== first) return [];
    const here = placeText(first, first);
    const also = new Set(others.map((other) => placeText(other, first)).filter((text) => text !== here));
    if (also.size === 0) return [problem];
    return [{ ...problem, message: `${problem.message} (also at ${[...also].join(', ')})` }];
  });
}

/** Without the file where that is the same as of another problem. */
function placeText({ place }: Problem, other: Problem): string {
  const at = `${place.line}:${place.column}`;
  return place.file === other.place.file ? at : `${place.file}:${at}`;
}

/** Files in the order of their first problem; within a file by line and column; each problem once. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map((problem) => problem.place.file))];
  const once = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...once.values()].sort(
    (a, b) =>
      files.indexOf(a.place.file) - files.indexOf(b.place.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
}

/** Whether any of them keeps the file from being used. */
export function hasError(problems: readonly { readonly severity: 'error' | 'warning' }[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/**
 * A problem as one line:
 * `config/vigie.yaml:12:7: error: checks[2].timeout must be less than the interval 15s, got 20s`.
 */
export function formatProblem({ place, severity, path, message }: Problem): string {
  const sentence = path === '' ? message : `${path} ${message}`;
  return `${place.file}:${place.line}:${place.column}: ${severity}: ${sentence}`;
}
