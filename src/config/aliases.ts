import { type Alias, type Document, isAlias, isCollection, isNode, isPair, type Node } from 'yaml';

/** An alias that cannot be followed, and why. */
export interface AliasTrouble {
  readonly offset: number;
  readonly message: string;
}

/** The aliases of a document, followed once. */
export interface Aliases {
  readonly targets: ReadonlyMap<Node, Node>;
  /** Without any, the document can be turned into plain data safely and soon. */
  readonly troubles: readonly AliasTrouble[];
}

/** Far above any configuration, far below what hurts. */
const ALIAS_LIMIT = 10_000;
const EXPANDED_NODES_LIMIT = 200_000;

/**
 * Follows the aliases of a document. Trouble are those that name no anchor before them, that lie inside what they
 * refer to, or that make the document grow beyond 200,000 nodes ("billion laughs"); and more than 10,000 aliases.
 */
export function followAliases(document: Document): Aliases {
  const walk = new AliasWalk();
  const size = walk.sizeOf(document.contents);
  const troubles = walk.targets.size > ALIAS_LIMIT || size > EXPANDED_NODES_LIMIT ? [TOO_MUCH] : [];
  return { targets: walk.targets, troubles: walk.troubles.length > 0 ? walk.troubles : troubles };
}

const TOO_MUCH: AliasTrouble = { offset: 0, message: 'the document is, or its aliases make it, too large' };

/** One pass in the order of the text, in which an alias means the last anchor of its name before it. */
class AliasWalk {
  readonly targets = new Map<Node, Node>();
  readonly troubles: AliasTrouble[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #sizes = new Map<Node, number>();
  readonly #open = new Set<Node>();
  #grown = false;

  /** Nodes that a part of the document comes to when every alias in it is written out. */
  sizeOf(part: unknown): number {
    if (isPair(part)) return this.sizeOf(part.key) + this.sizeOf(part.value);
    if (!isNode(part)) return 0;
    if (isAlias(part)) return this.#follow(part);
    if (part.anchor !== undefined) this.#anchors.set(part.anchor, part);
    this.#open.add(part);
    let size = 1;
    if (isCollection(part)) for (const item of part.items) size += this.sizeOf(item);
    this.#open.delete(part);
    this.#sizes.set(part, size);
    return size;
  }

  #follow(alias: Alias): number {
    const { source } = alias;
    const target = this.#anchors.get(source);
    if (!target)
      return this.#trouble(alias, `*${source} refers to no anchor: there is no &${source} before it`);
    if (this.#open.has(target))
      return this.#trouble(alias, `*${source} lies inside &${source}, which it refers to`);
    this.targets.set(alias, target);
    const size = this.#sizes.get(target) ?? 1;
    if (size <= EXPANDED_NODES_LIMIT || this.#grown) return size;
    this.#grown = true;
    return this.#trouble(alias, `*${source} makes the document grow beyond all measure`);
  }

  #trouble(alias: Alias, message: string): number {
    this.troubles.push({ offset: alias.range?.[0] ?? 0, message });
    return 1;
  }
}
