import { z } from 'zod';
import { type Format, MEDIA_TYPES } from './answer.ts';
import type { Operation } from './operation.ts';
import { components, problemSchema } from './schemas/parts.ts';
import { FAULTS_PATH, type WriteOperation } from './write-operations.ts';

type Json = Readonly<Record<string, unknown>>;

const jsonObject = z.record(z.string(), z.unknown());

/** Where the description itself is. */
const SELF: Json = {
  get: {
    summary: 'This description.',
    responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: {} } } } },
  },
};

/** The API in words of OpenAPI 3.1, made of the very schemas that queries are read by. */
export function openApi(reads: readonly Operation[], writes: readonly WriteOperation[]): Json {
  const schemas = schemasOf([
    problemSchema,
    ...reads.flatMap(({ answer, line }) => (line ? [answer, line] : [answer])),
    ...writes.flatMap(({ body, answer }) => [body, answer]),
  ]);
  const paths = new Map<string, Json>();
  const add = (path: string, methods: Json): void => void paths.set(path, { ...paths.get(path), ...methods });
  for (const read of reads) add(read.path, { get: readOperation(read, schemas.of) });
  for (const write of writes) add(write.path, { post: writeOperation(write, schemas.of) });
  if (paths.has(FAULTS_PATH)) add(FAULTS_PATH, { get: drillState(schemas.of) });
  add('/api/openapi.json', SELF);
  return {
    openapi: '3.1.1',
    info: INFO,
    paths: Object.fromEntries(paths),
    components: { schemas: schemas.named, securitySchemes: SECURITY_SCHEMES },
    security: [{}, { basic: [] }, { bearer: [] }],
  };
}

const INFO: Json = {
  title: 'vigie',
  version: '1',
  description:
    'What was promised, what was seen, and what came of it. Lengths of time are whole milliseconds, instants RFC 3339 ' +
    'in UTC, spans half-open. Whoever knows an answer’s ETag may ask with If-None-Match.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const SECURITY_SCHEMES: Json = {
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'bearer' },
};

type SchemaOf = (schema: z.ZodType) => Json;

function readOperation({ path, summary, query, answer, line, formats }: Operation, schemaOf: SchemaOf): Json {
  const schema = schemaOf(answer);
  const media: Readonly<Record<Format, Json>> = {
    json: { schema },
    csv: { schema: { type: 'string', description: 'RFC 4180, a line of names first.' } },
    jsonl: { schema: { type: 'string' }, ...(line && { 'x-line-schema': schemaOf(line) }) },
  };
  const content = Object.fromEntries(formats.map((format) => [MEDIA_TYPES[format][0], media[format]]));
  const stream = path === '/api/events' ? { 'text/event-stream': { schema: { type: 'string' } } } : {};
  return {
    summary,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    responses: {
      200: { description: 'The answer.', content: { ...content, ...stream } },
      304: { description: 'The answer that the client has still holds.' },
      default: refusal(schemaOf),
    },
  };
}

function writeOperation({ path, summary, body, answer, creates }: WriteOperation, schemaOf: SchemaOf): Json {
  const done = { description: 'Done.', content: { 'application/json': { schema: schemaOf(answer) } } };
  return {
    summary,
    parameters: pathParameters(path),
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    responses: {
      200: creates ? { ...done, description: 'It was there before.' } : done,
      ...(creates && { 201: done }),
      default: refusal(schemaOf),
    },
    security: [{ basic: [] }, { bearer: [] }],
  };
}

function drillState(schemaOf: SchemaOf): Json {
  const content = { 'application/json': { schema: { type: 'object' } } };
  return {
    summary: 'The services of the region in a box, and how they are broken.',
    responses: { 200: { description: 'The answer.', content }, default: refusal(schemaOf) },
  };
}

function refusal(schemaOf: SchemaOf): Json {
  return {
    description: 'Why not.',
    content: { 'application/problem+json': { schema: schemaOf(problemSchema) } },
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

const objectSchema = z.object({
  properties: jsonObject.optional(),
  required: z.array(z.string()).optional(),
});

function queryParameters(query: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = objectSchema.parse(
    z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' }),
  );
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = jsonObject.parse(property);
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema,
    };
  });
}

/** Schemas as JSON: those that have names once, and all others by the schema they were. */
function schemasOf(all: readonly z.ZodType[]): { readonly named: Json; readonly of: SchemaOf } {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const nameless = new Map(
    [...new Set(all)].filter((one) => !components.has(one)).map((one, i) => [one, `-${i}`]),
  );
  for (const [schema, id] of nameless) components.add(schema, { id });
  const { schemas } = z.toJSONSchema(components, { uri, unrepresentable: 'any' });
  for (const schema of nameless.keys()) components.remove(schema);
  const entries = Object.entries(schemas).map(([id, json]) => {
    const { $id: _, $schema: __, ...rest } = jsonObject.parse(json);
    return [id, rest] as const;
  });
  const byId = new Map<string, Json>(entries);
  return {
    named: Object.fromEntries(entries.filter(([id]) => !id.startsWith('-'))),
    of(schema) {
      const id = nameless.get(schema);
      return id === undefined ? { $ref: uri(components.get(schema)?.id ?? '') } : (byId.get(id) ?? {});
    },
  };
}
