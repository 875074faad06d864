import { parseDocument, visit } from 'yaml';

/** Of bcrypt, wherever it stands: also in a comment, or within other text. */
const HASH = /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}/;
const HASHES = new RegExp(HASH, 'g');
/** Plain in any YAML context, quoted or not. */
const TAKEN_OUT = '(secret)';

/**
 * The text of a configuration as it is kept for evidence: password hashes that are written out are taken out of it, as they
 * would be had they been given by reference; everything else stays to the byte. Safe to apply again.
 */
export function keptSource(text: string): string {
  return withoutSpelledHashes(text.replace(HASHES, TAKEN_OUT));
}

/** Those that only a parser sees: with escapes in them, or folded over lines. */
function withoutSpelledHashes(text: string): string {
  const ranges: (readonly [from: number, to: number])[] = [];
  visit(parseDocument(text, { merge: true, uniqueKeys: false }), {
    Scalar(_, { value, range }) {
      if (typeof value === 'string' && HASH.test(value) && range) ranges.push([range[0], range[1]]);
    },
  });
  return ranges
    .toSorted(([a], [b]) => b - a)
    .reduce((left, [from, to]) => `${left.slice(0, from)}${TAKEN_OUT}${left.slice(to)}`, text);
}
