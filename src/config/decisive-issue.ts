import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What really is wrong where a schema had alternatives: the issues of the alternative that fits the kind of value
 * and is wrong in the fewest places. The union's own issue where no alternative stands out.
 */
export function decisive(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const fitting = issue.errors
    .filter((issues) => !issues.some(isOfOtherKind))
    .toSorted((a, b) => a.length - b.length);
  const [best, second] = fitting;
  if (!best?.every(isWithin) || best.length === second?.length) return [issue];
  return best.flatMap((inner) => decisive({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isOfOtherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return issue.errors.every((issues) => issues.some(isOfOtherKind));
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function isWithin(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}
