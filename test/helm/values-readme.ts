import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

/** A value of the chart: its dotted key, default as YAML writes it, and what it means. */
interface Value {
  readonly key: string;
  readonly initial: string;
  readonly description: string;
}

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const MARK = /^ ?-- /;

/** README.md of the chart: what it is, and a table of every value, out of values.yaml and its schema. Throws when one is not described. */
export function valuesReadme(values: string, schema: string): string {
  const { definitions = {} } = JSON.parse(schema) as Schema;
  const rows = valuesOf(values).map(
    ({ key, initial, description }) => `| \`${key}\` | ${description} | ${initial} |`,
  );
  return `${[
    INTRODUCTION,
    '## Values\n',
    ['| Key | What it says | Default |', '| --- | --- | --- |', ...rows].join('\n'),
    '\n## A vantage\n',
    'An entry of `vantages`. What it says of its pods is added to `pod`.\n',
    fieldTable(definitions['vantage']),
    '\n## A reflector\n',
    'An entry of `reflectors`. What it says of its pods is added to `pod`.\n',
    fieldTable(definitions['reflector']),
    '\n## A secret\n',
    'An entry of `secrets`.\n',
    fieldTable(definitions['secret']),
  ].join('\n')}\n`;
}

/** Dotted keys of values.yaml: those that stand alone, not the maps around them. */
export function valueKeys(values: string): readonly string[] {
  return valuesOf(values).map(({ key }) => key);
}

/** Dotted keys that a schema allows, down to what is no map of fixed keys. */
export function schemaKeys(schema: string): readonly string[] {
  const within = ({ properties = {} }: Schema, path: readonly string[]): readonly string[] =>
    Object.entries(properties).flatMap(([name, part]) =>
      part.properties ? within(part, [...path, name]) : [[...path, name].join('.')],
    );
  return within(JSON.parse(schema) as Schema, []);
}

function valuesOf(text: string): readonly Value[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? within(contents, []) : [];
}

function within(map: YAMLMap, path: readonly string[]): readonly Value[] {
  return map.items.flatMap((pair, index) => {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    const key = [...path, name];
    const description = descriptionOf(pair, index === 0 ? map : undefined);
    if (description !== undefined) return [{ key: key.join('.'), initial: initialOf(pair), description }];
    if (isMap(pair.value) && pair.value.items.length > 0) return within(pair.value, key);
    throw new Error(`${key.join('.')} has no description`);
  });
}

/** The comment above a key; that above the first key of a map belongs, to the parser, to the map. */
function descriptionOf({ key }: Pair, first: YAMLMap | undefined): string | undefined {
  const comment = (isScalar(key) ? key.commentBefore : undefined) ?? first?.commentBefore ?? '';
  const last = comment.split('\n').at(-1) ?? '';
  return MARK.test(last) ? last.replace(MARK, '') : undefined;
}

function initialOf({ value }: Pair): string {
  const plain: unknown =
    value && typeof value === 'object' && 'toJSON' in value ? JSON.parse(JSON.stringify(value)) : value;
  return `\`${JSON.stringify(plain).replaceAll('|', '\\|')}\``;
}

function fieldTable(definition: Schema | undefined): string {
  const { properties = {}, required = [] } = definition ?? {};
  const rows = Object.entries(properties).map(([name, { description }]) => {
    if (description === undefined) throw new Error(`${name} has no description`);
    return `| \`${name}\` | ${description}${required.includes(name) ? ' Required.' : ''} |`;
  });
  return ['| Key | What it says |', '| --- | --- |', ...rows].join('\n');
}

const INTRODUCTION = `<!-- Made of values.yaml and values.schema.json by test/helm/values-readme.ts; do not edit. -->

# vigie, the chart

Watches what a cloud provider promised, from inside and outside your tenancy. Everything is in one namespace, several
releases may share it, and nothing needs a right beyond it.

\`\`\`sh
helm install vigie helm/vigie --namespace sla --create-namespace                                # a first look: the public front doors
helm install vigie helm/vigie --namespace sla --set-file config=vigie.yaml                      # your own configuration, one pod
helm install vigie helm/vigie --namespace sla --values helm/vigie/examples/three-azs.yaml       # a vantage per zone, judges, Redis
helm test vigie --namespace sla                                                                 # probes once
\`\`\`

The configuration is that of \`vigie.yaml\`, whole, as text (\`--set-file config=…\`) or as a tree under \`config\`. The chart
sets three of its keys: \`listen\`, \`dataDir\` and \`window\`. A changed configuration is reloaded without a restart; a bad
one leaves the last good one running. Secrets are only named, never held: whatever makes them (External Secrets, Sealed
Secrets, a person) makes them first. [\`examples\`](examples) shows values for a single pod, three zones, a vantage outside,
the host's network, Redis Cluster with autoscaling, and a cluster without the Prometheus operator.

**What runs.** Mode \`single\`: one Deployment of one pod and its volume. Mode \`shared\`: a Deployment of judges, of which
the holder of a Lease leads; a Deployment or DaemonSet per vantage; Redis of your own. A vantage in another cluster is a
release there, with \`judge.enabled: false\` and the same configuration and Redis.

**Security.** All pods keep Pod Security's restricted profile: no root, no capability, a root file system that is read
only, no shell in the image. The exception is a vantage or reflector with \`hostNetwork\`, for which the namespace must
allow it, and which takes root and CAP_NET_BIND_SERVICE only where \`privilegedPorts: capability\` says so (DHCP asks from
port 67). Only the judge has a token; its Role is to get and update one Lease.

**Network.** Everything is denied but what is needed, computed from the checks. A policy knows addresses and no names: a
check of a name opens its port to anywhere, unless \`networkPolicy.hosts\` gives its addresses. For targets within the
cluster, which a policy sees behind their Service, say \`networkPolicy.extraEgress\`.

**Measured** (resident memory, and CPU with its share of start-up; Node 26, two cores): 15 checks at 10 s 230 MB and 0.02
core, 500 checks at 10 s 330 MB and 0.1 core, 1,000 checks a further 50 kB each. Ends within 0.6 s of SIGTERM.
`;
