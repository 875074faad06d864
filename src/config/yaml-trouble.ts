import type { ErrorCode, YAMLError } from 'yaml';

/** A syntax error in words, and where in the text it is. */
export interface Trouble {
  readonly offset: number;
  readonly message: string;
}

/** What is said of a key that its map has had before. */
export const TWICE = 'this key is there twice; only one can hold';

/** What is said of a merge key whose value cannot be merged. */
export const UNMERGEABLE = '"<<" merges a map or a list of maps, and this is neither';

/** What a syntax error means to the writer of the file; for the other codes the parser's own words are kept. */
const TROUBLE: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_SCALAR_START: 'a plain value cannot start with this character; put the value in quotes',
  BAD_DQ_ESCAPE: 'this is no escape sequence; write \\\\ for a backslash, or use single quotes',
  BAD_DIRECTIVE: 'this is no directive of YAML',
  BLOCK_AS_IMPLICIT_KEY:
    'a key and its value cannot follow on the line of another key; begin a new line, indented',
  MULTILINE_IMPLICIT_KEY: 'a key must be on one line, followed by ": "',
  MULTIPLE_DOCS: 'a second document begins here ("---"); expected one document per file',
  NON_STRING_KEY: 'a key must be plain text, not a list or a map',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  TAG_RESOLVE_FAILED:
    'this tag ("!…") is not known; a secret is referred to by { env: NAME } or { file: /path }',
};

/** Syntax errors in words: those after which the document still has the shape that was meant, and the others. */
export function troublesOf(errors: readonly YAMLError[]): {
  readonly harmless: readonly Trouble[];
  readonly fatal: readonly Trouble[];
} {
  // What follows where the parser gave up says nothing.
  const exhausted = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (exhausted) return { harmless: [], fatal: [described(exhausted)] };
  const harmless = errors.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const fatal = errors.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED');
  return { harmless: harmless.map(described), fatal: fatal.map(described) };
}

function described(error: YAMLError): Trouble {
  return { offset: error.pos[0], message: TROUBLE[error.code] ?? `this is not YAML: ${error.message}` };
}
