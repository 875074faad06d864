/** Where something stands in a document: the keys and indexes that lead to it. */
export type DocumentPath = readonly (string | number)[];

/** Something wrong, or doubtful, in a document, not yet tied to a line of a file. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly path: DocumentPath;
  /** Whether to point at the key itself, which is what is wrong, and not at its value. */
  readonly at: 'key' | 'value';
  /** Follows the path in a sentence: `must be less than the interval 15s, got 20s`. */
  readonly message: string;
  /** What is lacking, where that may be lacking in several places at once and is mended by one act. */
  readonly lacks?: string;
}

/** A finding that keeps the document from being used. */
export function errorAt(path: DocumentPath, message: string): Finding {
  return { severity: 'error', path, at: 'value', message };
}

/** A finding that someone should look at; the document is usable. */
export function warningAt(path: DocumentPath, message: string): Finding {
  return { severity: 'warning', path, at: 'value', message };
}
