interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly additionalProperties?: SchemaNode | boolean;
}

function isSecretReference(node: SchemaNode): boolean {
  const names = Object.keys(node.properties ?? {});
  return names.length === 1 && (names[0] === 'env' || names[0] === 'file');
}

/** The paths of all fields of a JSON Schema that say nothing of what they mean; a secret's reference is exempt. */
export function undescribedFields(schema: unknown, path = ''): readonly string[] {
  const node = schema as SchemaNode;
  if (isSecretReference(node)) return [];
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = path === '' ? name : `${path}.${name}`;
    return [...(field.description ? [] : [fieldPath]), ...undescribedFields(field, fieldPath)];
  });
  const parts = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.items ? [node.items] : [])];
  return [...fields, ...parts.flatMap((part) => undescribedFields(part, path))];
}
