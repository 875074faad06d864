/** Edits that are forgiven: one for every three letters. */
const LETTERS_PER_EDIT = 3;

/**
 * The candidate that was probably meant: the nearest one by insertions, deletions, substitutions and swaps of
 * neighbours, letter case aside. Undefined when none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.floor(word.length / LETTERS_PER_EDIT) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? Infinity) + 1 : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution, swap));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

const LISTED = 16;

/** The end of a message about a word that is not one of the known: what was probably meant, or what there is. */
export function suggest(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  if (known.length === 0) return '; there is none';
  return `; there ${known.length === 1 ? 'is' : 'are'} ${listed(known)}`;
}

/** Words as a list for people; only the first ones of many. */
export function listed(words: readonly string[]): string {
  return words.slice(0, LISTED).join(', ') + (words.length > LISTED ? ' …' : '');
}
