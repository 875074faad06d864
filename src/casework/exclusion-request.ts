import type { Config } from '../config/config.ts';
import { unknownNames } from '../config/name-findings.ts';
import { formatPath } from '../config/problem.ts';
import { dataAt } from '../config/secret-places.ts';
import { shapeOf } from '../config/shape.ts';
import { exclusionStatementSchema } from '../contract/exclusion-schema.ts';
import { errorAt, type Finding } from '../contract/finding.ts';
import type { GivenExclusion } from '../register/exclusion-desk.ts';

/** A wish for an exclusion as it was understood, or all that is wrong with it, a line each. */
export type ExclusionRequest =
  | { readonly ok: true; readonly given: GivenExclusion }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads the data of an exclusion, in the shape of the configuration's `exclusions`, and looks its names up there. When it
 * was entered is for the ledger to say, and for nobody to claim.
 */
export function readExclusion(data: unknown, config: Config): ExclusionRequest {
  const understood = understoodExclusion(data, config);
  const claimed = understood.ok ? timeFindings(understood.given.statement) : [];
  return claimed.length > 0 ? refused(claimed) : understood;
}

/** The same of an exclusion that was entered before, which may say when. */
export function understoodExclusion(data: unknown, config: Config): ExclusionRequest {
  const written = { writtenAt: (path: readonly (string | number)[]) => textAt(data, path) };
  const { value: statement, findings } = shapeOf(exclusionStatementSchema, data, written);
  const problems = [...findings, ...(statement ? nameFindings(statement, config) : [])];
  if (statement && problems.length === 0) return { ok: true, given: { statement, exclusion: data } };
  return refused(problems);
}

function refused(findings: readonly Finding[]): ExclusionRequest {
  return {
    ok: false,
    problems: findings.map(({ path, message }) => `${formatPath(path)} ${message}`.trim()),
  };
}

function textAt(data: unknown, path: readonly (string | number)[]): string | undefined {
  const value = dataAt(data, path);
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'
    ? String(value)
    : undefined;
}

type Statement = GivenExclusion['statement'];

function nameFindings({ rows, checks, scopes }: Statement, config: Config): readonly Finding[] {
  const knownScopes = new Set([
    'region',
    ...[...config.checks, ...config.compositions].map(({ scope }) => scope),
  ]);
  const rowIds = config.contract.rows.map(({ id }) => id);
  const checkIds = config.checks.map(({ id }) => id);
  return [
    ...unknownNames(['rows'], rows, rowIds, 'a row of the contract'),
    ...unknownNames(['checks'], checks, checkIds, 'a check of the configuration'),
    ...unknownNames(['scopes'], scopes, [...knownScopes], 'a scope of a check or of a row'),
  ];
}

function timeFindings({ enteredAt }: Statement): readonly Finding[] {
  if (enteredAt === undefined) return [];
  return [errorAt(['enteredAt'], 'is noted when it is entered, and cannot be told')];
}
