import { type Document, isMap, isNode, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';
import type { DocumentPath } from '../contract/finding.ts';

/** What stands at a path of a document, as far as the path leads. */
export interface Found {
  readonly key: unknown;
  readonly value: unknown;
  /** How many steps of the path lead to nothing; key and value are then those of the last step that did. */
  readonly missing: number;
}

/** Finds parts of a YAML document by path, through aliases and merge keys; keys are looked up, not searched. */
export class YamlPlaces {
  readonly #contents: unknown;
  readonly #targets: ReadonlyMap<Node, Node>;
  readonly #pairs = new Map<Node, ReadonlyMap<string, Pair>>();

  constructor(document: Document, targets: ReadonlyMap<Node, Node>) {
    this.#contents = document.contents;
    this.#targets = targets;
  }

  find(path: DocumentPath): Found {
    let found: Found = { key: undefined, value: this.#contents, missing: 0 };
    for (const [depth, step] of path.entries()) {
      const next = this.#childOf(found.value, step);
      if (!next) return { ...found, missing: path.length - depth };
      found = { ...next, missing: 0 };
    }
    return found;
  }

  #childOf(parent: unknown, step: string | number): Omit<Found, 'missing'> | undefined {
    const node = isNode(parent) ? (this.#targets.get(parent) ?? parent) : parent;
    if (isSeq(node))
      return typeof step === 'number' && step in node.items
        ? { key: undefined, value: node.items[step] }
        : undefined;
    if (!isMap(node)) return undefined;
    const pairs = this.#pairsOf(node, node.items);
    return pairs.get(String(step)) ?? this.#mergedChild(pairs.get(MERGE)?.value, step);
  }

  #mergedChild(merged: unknown, step: string | number): Omit<Found, 'missing'> | undefined {
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const child = source === undefined ? undefined : this.#childOf(source, step);
      if (child) return child;
    }
    return undefined;
  }

  #pairsOf(node: Node, items: readonly Pair[]): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(node);
    if (known) return known;
    // Of keys that are there twice the last one holds, as in the data.
    const pairs = new Map(items.map((pair) => [keyOf(pair), pair] as const));
    this.#pairs.set(node, pairs);
    return pairs;
  }
}

const MERGE = '<<';

function keyOf({ key }: Pair): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

/** Where a node begins in the text; undefined for what is not written there. */
export function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Where values of merge keys begin that are neither a map nor a list of maps, so that nothing can be merged. */
export function unmergeable(document: Document, targets: ReadonlyMap<Node, Node>): readonly number[] {
  const wrong: number[] = [];
  const isMapOrAlias = (node: unknown): boolean => isMap(isNode(node) ? (targets.get(node) ?? node) : node);
  visit(document, {
    Pair: (_, pair) => {
      if (keyOf(pair) !== MERGE || isMapOrAlias(pair.value)) return;
      const value = isNode(pair.value) ? (targets.get(pair.value) ?? pair.value) : undefined;
      if (!isSeq(value) || !value.items.every(isMapOrAlias)) wrong.push(startOf(pair.value) ?? 0);
    },
  });
  return wrong;
}

/** Where the keys begin that their map has had before. */
export function repeatedKeys(document: Document): readonly number[] {
  const repeated: number[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        if (seen.has(key)) repeated.push(startOf(pair.key) ?? 0);
        seen.add(key);
      }
    },
  });
  return repeated;
}
