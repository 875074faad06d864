import { z } from 'zod';
import { contractSchema } from '../contract/schema.ts';
import type { ProbeKind } from '../core/probe.ts';
import { checkSchema, configSchema, latencyMatcherSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schemas (draft 7, which editors know best) of the two files that people write. */
export interface JsonSchemas {
  readonly config: JsonSchema;
  readonly contract: JsonSchema;
}

/**
 * The schemas for `vigie schema`. That of a check's `with` follows from its `probe`. They say what a file may look
 * like; what its parts say of each other only loading can check.
 */
export function jsonSchemas(kinds: ReadonlyMap<string, ProbeKind>): JsonSchemas {
  return { config: configJsonSchema([...kinds.values()]), contract: toJson(contractSchema) };
}

function toJson(schema: z.ZodType, override?: z.core.ToJSONSchemaParams['override']): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    ...(override && { override }),
  });
  // Without the methods that the library hangs on its result.
  return jsonObject.parse(JSON.parse(JSON.stringify(json)));
}

const jsonObject = z.custom<JsonSchema>((value) => typeof value === 'object' && value !== null);
const definitionsSchema = z.record(z.string(), jsonObject).prefault({});

function configJsonSchema(kinds: readonly ProbeKind[]): JsonSchema {
  const schema = toJson(configSchema, ({ zodSchema, jsonSchema }) => {
    if (zodSchema !== checkSchema) return;
    jsonSchema.allOf = kinds.map((kind) => ({
      if: { properties: { probe: { not: { const: kind.kind } } } },
      else: { properties: { with: { $ref: `#/definitions/${definitionName(kind)}` } } },
    }));
    const probe = jsonSchema.properties?.['probe'];
    if (typeof probe === 'object') probe.enum = kinds.map(({ kind }) => kind);
    const expect = jsonSchema.properties?.['expect'];
    if (typeof expect === 'object') expect.properties = { latency: latencyJsonSchema() };
  });
  const own = definitionsSchema.parse(schema['definitions']);
  return { ...schema, definitions: Object.assign(own, ...kinds.map(settingsDefinitions)) as unknown };
}

function latencyJsonSchema(): JsonSchema {
  const { $schema: _, ...schema } = toJson(latencyMatcherSchema);
  return schema;
}

function definitionName(kind: ProbeKind): string {
  return `with-${kind.kind}`;
}

/** The schema of a kind's settings, and what it refers to under names that no other kind uses. */
function settingsDefinitions(kind: ProbeKind): Readonly<Record<string, JsonSchema>> {
  const name = definitionName(kind);
  const text = JSON.stringify(toJson(kind.settings));
  const schema = jsonObject.parse(JSON.parse(text.replaceAll('"#/definitions/', `"#/definitions/${name}-`)));
  const { $schema: _, definitions, ...settings } = schema;
  const others = Object.entries(definitionsSchema.parse(definitions));
  return {
    [name]: { ...settings, description: kind.summary },
    ...Object.fromEntries(others.map(([other, meant]) => [`${name}-${other}`, meant])),
  };
}
