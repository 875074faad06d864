import { type Document, isScalar, parseDocument } from 'yaml';
import type { DocumentPath } from '../contract/finding.ts';
import { followAliases } from './aliases.ts';
import type { Problem } from './config.ts';
import { LineIndex } from './line-index.ts';
import type { Places } from './problem.ts';
import { sourceProblem } from './source-text.ts';
import { repeatedKeys, startOf, unmergeable, YamlPlaces } from './yaml-places.ts';
import { TWICE, type Trouble, troublesOf, UNMERGEABLE } from './yaml-trouble.ts';

/** A YAML file as data that knows where each part of it stands. */
export interface SourceDocument extends Places {
  /** Plain data; aliases followed. */
  readonly data: unknown;
  /** A scalar as the file writes it (`99.90`, not 99.9); undefined for anything else. */
  writtenAt(path: DocumentPath): string | undefined;
}

/** What parsing came to: problems of syntax, and the document where it still has the shape that was meant. */
export interface ParsedSource {
  readonly document: SourceDocument | undefined;
  readonly problems: readonly Problem[];
}

/** Parses YAML 1.2, with merge keys. Reports every syntax error that the parser can tell apart, not only the first. */
export function parseSource(file: string, text: string): ParsedSource {
  const lines = new LineIndex(text);
  // Keys that are there twice are looked for afterwards: the parser compares each with each.
  const yaml = parseDocument(text, {
    prettyErrors: false,
    merge: true,
    stringKeys: true,
    uniqueKeys: false,
  });
  const problemAt = ({ offset, message }: Trouble): Problem =>
    sourceProblem({ file, ...lines.placeAt(offset) }, message);
  const { harmless, fatal } = troublesOf([...yaml.errors, ...yaml.warnings]);
  const problems = [...fatal, ...harmless].map(problemAt);
  if (fatal.length > 0) return { document: undefined, problems };
  if (yaml.contents === null)
    return {
      document: undefined,
      problems: [...problems, problemAt({ offset: 0, message: 'the file is empty, expected a map' })],
    };
  const { targets, troubles: ofAliases } = followAliases(yaml);
  const ofMerges = unmergeable(yaml, targets).map((offset) => ({ offset, message: UNMERGEABLE }));
  const troubles = [...ofAliases, ...ofMerges];
  const twice = repeatedKeys(yaml).map((offset) => ({ offset, message: TWICE }));
  const all = [...problems, ...[...troubles, ...twice].map(problemAt)];
  if (troubles.length > 0) return { document: undefined, problems: all };
  return { document: sourceDocument(file, yaml, lines, new YamlPlaces(yaml, targets)), problems: all };
}

function sourceDocument(file: string, yaml: Document, lines: LineIndex, places: YamlPlaces): SourceDocument {
  return {
    data: yaml.toJS({ maxAliasCount: -1 }) as unknown,
    placeOf: (path, at) => {
      const { key, value, missing } = places.find(path);
      const node = at === 'key' && missing === 0 && key !== undefined ? key : value;
      return { file, ...lines.placeAt(startOf(node) ?? startOf(key) ?? 0) };
    },
    writtenAt: (path) => {
      const { value, missing } = places.find(path);
      return missing === 0 && isScalar(value) ? value.source : undefined;
    },
  };
}
