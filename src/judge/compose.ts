import { type Composition, partsOf } from '../core/composition.ts';
import { covered, type Span } from '../core/span.ts';

/** The bad time of a row from that of its checks: any = union, all = intersection, quorum m = time in ≥ m sets. */
export function compose(
  composition: Composition,
  spansOf: (check: string) => readonly Span[],
): readonly Span[] {
  if (typeof composition === 'string') return spansOf(composition);
  const parts = partsOf(composition).map((part) => compose(part, spansOf));
  if ('any' in composition) return covered(parts, 1);
  if ('all' in composition) return covered(parts, parts.length);
  return covered(parts, composition.quorum);
}
