import { type Finding, warningAt } from '../contract/finding.ts';
import type { ConfigDraft } from './draft.ts';

/** One warning that names every row that could be measured and is not: nothing will be said of it. */
export function uncheckedRows(draft: ConfigDraft): readonly Finding[] {
  const measured = new Set([...draft.checks, ...draft.compositions].map(({ row }) => row));
  const unchecked = (draft.contract?.rows ?? []).flatMap(({ row }) =>
    row && row.type !== 'none' && row.type !== 'support' && !measured.has(row.id) ? [row.id] : [],
  );
  if (unchecked.length === 0) return [];
  const rows = unchecked.length === 1 ? 'this row' : `these ${unchecked.length} rows`;
  return [warningAt(['checks'], `measure nothing of ${rows} of the contract: ${unchecked.join(', ')}`)];
}
