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
  return findings.map(({ severity, path, at, message }) => ({
    severity,
    place: places.placeOf(path, at),
    path: formatPath(path),
    message,
  }));
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
