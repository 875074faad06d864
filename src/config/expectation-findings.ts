import { errorAt, type Finding } from '../contract/finding.ts';
import type { Matcher } from '../core/expectation.ts';
import type { ValueSpec } from '../core/probe.ts';
import { type CheckDraft, checkPath } from './draft.ts';
import type { SourceDocument } from './document.ts';
import { suggest } from './nearest.ts';
import { type Draft, isMap } from './salvage.ts';
import { dataAt } from './secret-places.ts';

type Operator = keyof Matcher;

const OPERATORS: Readonly<Record<ValueSpec['type'], readonly Operator[]>> = {
  number: ['is', 'not', 'in', 'below', 'above', 'atLeast', 'atMost'],
  string: ['is', 'not', 'in', 'matches', 'contains'],
  boolean: ['is', 'not', 'in'],
  list: ['matches', 'contains'],
};

const TYPE_WORDS: Readonly<Record<ValueSpec['type'], string>> = {
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  list: 'a list',
};

/** What is wrong with `expect`: names that the probe reports no value under, and matchers that can never fit one. */
export function expectationFindings(
  check: CheckDraft,
  index: number,
  values: Readonly<Record<string, ValueSpec>>,
  document: SourceDocument,
): readonly Finding[] {
  const types = new Map(Object.entries(values).map(([name, spec]) => [name, spec.type]));
  types.set('latency', 'number');
  const ofValues = Object.entries(check.expect ?? {}).flatMap(([name, matcher]): readonly Finding[] => {
    const type = types.get(name);
    if (name === 'latency') return [];
    if (type)
      return [
        ...matcherFindings(name, matcher, type, index),
        ...durationFindings(name, type, index, document),
      ];
    const message = `is not a value of the probe "${check.probe}"${suggest(name, [...types.keys()])}`;
    return [{ ...errorAt(checkPath(index, 'expect', name), message), at: 'key' }];
  });
  return [...latencyFindings(check, index, document), ...ofValues];
}

function matcherFindings(
  name: string,
  matcher: Draft<Matcher>,
  type: ValueSpec['type'],
  index: number,
): readonly Finding[] {
  const path = checkPath(index, 'expect', name);
  const fitting: readonly string[] = OPERATORS[type];
  const unfit = Object.entries(matcher).filter(
    ([operator, value]) => value !== undefined && !fitting.includes(operator),
  );
  const said = unfit.map(([operator]) =>
    errorAt(
      [...path, operator],
      `does not fit ${name}, which is ${TYPE_WORDS[type]}; expected ${fitting.join(', ')}`,
    ),
  );
  if (said.length > 0 || type === 'list') return said;
  const wrong = [matcher.is, matcher.not, ...(matcher.in ?? [])].filter(
    (scalar) => scalar !== undefined && typeof scalar !== type,
  );
  return wrong.map((scalar) =>
    errorAt(
      path,
      `compares ${name}, which is ${TYPE_WORDS[type]}, with ${JSON.stringify(scalar)}, which can never hold`,
    ),
  );
}

/**
 * What is wrong with `expect.latency`, which every probe has whatever its settings: it is a time, only held to limits, and
 * these carry their unit.
 */
export function latencyFindings(
  { expect }: CheckDraft,
  index: number,
  document: SourceDocument,
): readonly Finding[] {
  const matcher = expect?.['latency'];
  if (!matcher) return [];
  const path = checkPath(index, 'expect', 'latency');
  const limits: readonly string[] = LIMITS;
  if (!isMap(dataAt(document.data, path)))
    return [errorAt(path, `is ${document.writtenAt(path)}, expected a limit like { below: 500ms }`)];
  return Object.entries(matcher).flatMap(([operator, value]): readonly Finding[] => {
    if (value === undefined) return [];
    const at = [...path, operator];
    if (!limits.includes(operator))
      return [errorAt(at, `does not fit latency, which is a time; expected ${LIMITS.join(', ')}`)];
    if (typeof dataAt(document.data, at) === 'string') return [];
    return [errorAt(at, `is ${document.writtenAt(at)}, expected a duration like 500ms`)];
  });
}

const LIMITS = ['below', 'above', 'atLeast', 'atMost'] as const satisfies readonly Operator[];

/** Names of values in milliseconds: those may be compared with a duration. */
const IN_MILLISECONDS = /^latency$|Ms$/;

function durationFindings(
  name: string,
  type: ValueSpec['type'],
  index: number,
  document: SourceDocument,
): readonly Finding[] {
  if (type !== 'number' || IN_MILLISECONDS.test(name)) return [];
  const path = checkPath(index, 'expect', name);
  return LIMITS.flatMap((operator) => {
    const written = dataAt(document.data, [...path, operator]);
    if (typeof written !== 'string') return [];
    return [errorAt([...path, operator], `is "${written}", expected a plain number: ${name} is not a time`)];
  });
}
