import { jsonpath } from 'json-p3';
import { z } from 'zod';
import type { Value } from '../../src/core/reading.ts';
import type { HttpResponse } from './http-exchange.ts';

const asSchema = z
  .enum(['string', 'number', 'boolean'])
  .prefault('string')
  .describe('What the extracted text is read as; a text that is not one is as if it were not there.');

/** A text that `compile` can make something of; what it throws is the reason that it cannot. */
function compilable(compile: (source: string) => unknown, expected: string): z.ZodString {
  return z.string().superRefine((source, context) => {
    try {
      compile(source);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `expected ${expected}: ${String(error)}` });
    }
  });
}

const compilePattern = (source: string): RegExp => new RegExp(source, 'u');

const patternSchema = compilable(compilePattern, 'a regular expression');
const jsonPathSchema = compilable((source) => jsonpath.compile(source), 'a JSONPath of RFC 9535');

/** Where a value is found in an answer: a header, the body's text, or the body's JSON. */
export const extractSchema = z.union(
  [
    z.strictObject({
      header: z.string().min(1).describe('Name of a response header; several are joined by ", ".'),
      as: asSchema,
    }),
    z.strictObject({
      body: patternSchema.describe(
        'Regular expression over the body: its first group, or else the whole match.',
      ),
      as: asSchema,
    }),
    z.strictObject({
      json: jsonPathSchema.describe('JSONPath (RFC 9535) into the body: the first node that it selects.'),
      as: z
        .enum(['string', 'number', 'boolean', 'list'])
        .prefault('string')
        .describe('What the node is read as; `list` holds the texts of all nodes.'),
    }),
  ],
  { error: 'expected { header: NAME }, { body: REGEX } or { json: JSONPATH }, and optionally as: TYPE' },
);

export type ExtractRule = z.output<typeof extractSchema>;

/** Takes the values out of an answer, by name; those that are there and are what they are read as. */
export interface Extractor {
  /** Whether any rule looks into the body. */
  readonly readsBody: boolean;
  extract(response: HttpResponse): Readonly<Record<string, Value>>;
}

/** Compiles rules, once for all answers. */
export function createExtractor(rules: Readonly<Record<string, ExtractRule>>): Extractor {
  const finders = Object.entries(rules).map(([name, rule]) => ({ name, find: compileRule(rule) }));
  return {
    readsBody: Object.values(rules).some((rule) => !('header' in rule)),
    extract(response) {
      const values: Record<string, Value> = {};
      const body = lazyBody(response.body);
      for (const { name, find } of finders) {
        const value = find(response, body);
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
  };
}

type Finder = (response: HttpResponse, body: LazyBody) => Value | undefined;

function compileRule(rule: ExtractRule): Finder {
  if ('header' in rule) {
    const name = rule.header.toLowerCase();
    return ({ headers }) => {
      const header = headers[name];
      return readAs(rule.as, Array.isArray(header) ? header.join(', ') : header);
    };
  }
  if ('body' in rule) {
    const pattern = compilePattern(rule.body);
    return (_response, body) => {
      const match = pattern.exec(body.text());
      return readAs(rule.as, match?.[1] ?? match?.[0]);
    };
  }
  const { as } = rule;
  const query = jsonpath.compile(rule.json);
  return (_response, body) => {
    const nodes = selectNodes(query, body.json());
    return as === 'list' ? nodes : readAs(as, nodes[0]);
  };
}

type Query = ReturnType<typeof jsonpath.compile>;
type JsonValue = Parameters<Query['query']>[0];

interface LazyBody {
  text(): string;
  /** Undefined when the text is not JSON, which has no value of that kind. */
  json(): JsonValue | undefined;
}

function lazyBody(body: Buffer): LazyBody {
  let text: string | undefined;
  let json: { readonly value: JsonValue | undefined } | undefined;
  const readText = (): string => (text ??= body.toString('utf8'));
  return { text: readText, json: () => (json ??= { value: parseJson(readText()) }).value };
}

const parseDocument: (text: string) => JsonValue = JSON.parse;

function parseJson(text: string): JsonValue | undefined {
  try {
    return parseDocument(text);
  } catch {
    return undefined;
  }
}

/** The texts of the nodes that a query selects; none where the document is nested too deep to be searched. */
function selectNodes(query: Query, document: JsonValue | undefined): readonly string[] {
  if (document === undefined) return [];
  try {
    const nodes = query.query(document).values();
    return nodes.map((node) => (typeof node === 'string' ? node : JSON.stringify(node)));
  } catch (error) {
    if (error instanceof jsonpath.JSONPathRecursionLimitError || error instanceof RangeError) return [];
    throw error;
  }
}

function readAs(type: 'string' | 'number' | 'boolean', text: string | undefined): Value | undefined {
  switch (type) {
    case 'string':
      return text;
    case 'number': {
      const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
      return Number.isFinite(number) ? number : undefined;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
  }
}
