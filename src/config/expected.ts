import type { z } from 'zod';
import { listed, nearest } from './nearest.ts';

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  url: 'a URL',
  date: 'a date like "2024-09-15"',
  datetime: 'an instant with an offset, like "2026-03-10T22:00:00+01:00"',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
};

/** What a schema expected at an issue, beginning with `expected`; for schemas that do not say it themselves. */
export function expectedAt(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeWords(issue.expected, issue.input)}`;
    case 'too_small':
      return expectedSize(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return expectedSize(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return `expected ${FORMAT_WORDS[issue.format] ?? (issue.pattern ? `text matching ${issue.pattern}` : issue.format)}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return expectedOneOf(issue.values, issue.input);
    case 'invalid_union':
      return expectedAlternative(issue);
    case 'unrecognized_keys':
    case 'invalid_key':
      return 'expected a known key';
    case 'invalid_element':
    case 'custom':
      return 'expected something else';
  }
}

function typeWords(expected: string, input: unknown): string {
  const words = TYPE_WORDS[expected] ?? expected;
  const unquoted = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean');
  return unquoted ? `${words}: put it in quotes` : words;
}

function expectedSize(origin: string, bound: string, size: number | bigint): string {
  if (origin === 'string')
    return size === 1 ? 'expected text that is not empty' : `expected ${bound} ${size} characters`;
  if (origin === 'array') return `expected a list of ${bound} ${size}`;
  return `expected ${bound} ${size}`;
}

function expectedOneOf(values: readonly unknown[], input: unknown): string {
  const words = values.map(String);
  const meant = typeof input === 'string' ? nearest(input, words) : undefined;
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return `expected ${words.length === 1 ? '' : 'one of '}${listed(words)}${hint}`;
}

function expectedAlternative(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const { input, discriminator } = issue;
  if (discriminator !== undefined && 'options' in issue && Array.isArray(issue.options)) {
    const found: unknown = typeof input === 'object' && input ? Reflect.get(input, discriminator) : undefined;
    return expectedOneOf(issue.options, found);
  }
  const alternatives = issue.errors.flatMap((issues) => issues.slice(0, 1)).map(({ message }) => message);
  return [...new Set(alternatives)].join(', or ') || 'expected something else';
}
