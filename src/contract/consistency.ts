import { type DocumentPath, errorAt, type Finding, warningAt } from './finding.ts';
import type { Penalty } from './penalty-schema.ts';
import type { Contract, ContractReading, ContractRow, RowType } from './schema.ts';

/** A row as far as it could be understood: its id may be readable although the rest is wrong. */
export interface RowDraft {
  readonly id?: string | undefined;
  /** There when the whole row is right. */
  readonly row: ContractRow | undefined;
}

/** What could be understood of a contract file, so that one mistake does not hide the next. */
export interface ContractDraft {
  /** In the order of the file. */
  readonly rows: readonly RowDraft[];
  readonly readings: Readonly<Record<string, Partial<ContractReading>>>;
  readonly penalties: readonly Penalty[];
  /** Whether the file wrote the penalties as a list. */
  readonly penaltiesAreList: boolean;
  readonly regions: Contract['regions'];
  readonly support: Contract['support'];
}

/** Ends a message about a name that is not one of the known ones. */
export type Suggest = (name: string, known: readonly string[]) => string;

/** What is wrong between the parts of a contract, each of which has the right shape. */
export function contractFindings(draft: ContractDraft, suggest: Suggest): readonly Finding[] {
  return [
    ...duplicateRows(draft),
    ...duplicateClocks(draft),
    ...calendarFindings(draft),
    ...Object.entries(draft.readings).flatMap(([name, contractReading]) =>
      overrideFindings(draft, ['readings', name, 'rows'], contractReading, suggest),
    ),
    ...draft.penalties.flatMap((penalty, index) => penaltyFindings(draft, penalty, index, suggest)),
  ];
}

/** The ids of all rows, those of wrong rows as well; each once. */
export function rowIdsOf(draft: ContractDraft): readonly string[] {
  return [...new Set(draft.rows.flatMap(({ id }) => (id === undefined ? [] : [id])))];
}

function duplicateRows(draft: ContractDraft): readonly Finding[] {
  return draft.rows.flatMap(({ id }, index) => {
    const first = draft.rows.findIndex((other) => other.id === id);
    if (id === undefined || first === index) return [];
    return [errorAt(['rows', index, 'id'], `is "${id}", as rows[${first}] is; expected an id of its own`)];
  });
}

function duplicateClocks(draft: ContractDraft): readonly Finding[] {
  const clocks = draft.rows.map(({ row }) =>
    row?.type === 'support' ? `${row.clock} of severity ${row.severity}` : undefined,
  );
  return clocks.flatMap((clock, index) => {
    const first = clocks.indexOf(clock);
    if (clock === undefined || first === index) return [];
    return [errorAt(['rows', index], `promises the ${clock} again, after rows[${first}]`)];
  });
}

function calendarFindings({ rows, support }: ContractDraft): readonly Finding[] {
  const calendar = support?.calendar;
  if (calendar && calendar.from >= calendar.to)
    return [
      errorAt(
        ['support', 'calendar', 'to'],
        `must be later than from, "${calendar.from}", got "${calendar.to}"`,
      ),
    ];
  if (calendar) return [];
  return rows.flatMap(({ row }, index) =>
    row?.type === 'support' && row.workingTime
      ? [errorAt(['rows', index, 'workingTime'], 'needs support.calendar to say what working time is')]
      : [],
  );
}

type OverrideField = 'deduct' | 'mergeGap' | 'minimum' | 'allowedShare' | 'target';

const OVERRIDABLE: Readonly<Record<RowType, readonly OverrideField[]>> = {
  availability: ['target', 'deduct', 'mergeGap', 'minimum'],
  'latency-bound': ['allowedShare', 'deduct', 'mergeGap', 'minimum'],
  'sampled-share': ['target'],
  durability: ['target'],
  support: [],
  none: [],
};

function overrideFindings(
  draft: ContractDraft,
  path: DocumentPath,
  contractReading: Partial<ContractReading>,
  suggest: Suggest,
): readonly Finding[] {
  return Object.entries(contractReading.rows ?? {}).flatMap(([id, override]): readonly Finding[] => {
    const known = rowIdsOf(draft);
    if (!known.includes(id))
      return [
        { ...warningAt([...path, id], `is not a row of this contract${suggest(id, known)}`), at: 'key' },
      ];
    const type = draft.rows.find((row) => row.id === id)?.row?.type;
    if (type === undefined) return [];
    const fitting: readonly string[] = OVERRIDABLE[type];
    return Object.keys(override)
      .filter((field) => !fitting.includes(field))
      .map((field) => ({ ...errorAt([...path, id, field], misfit(type, fitting)), at: 'key' }));
  });
}

function misfit(type: RowType, fitting: readonly string[]): string {
  const expected =
    fitting.length === 0 ? 'nothing of it can be read otherwise' : `expected ${fitting.join(', ')}`;
  return `does not fit a row of type ${type}; ${expected}`;
}

function penaltyFindings(
  draft: ContractDraft,
  penalty: Penalty,
  index: number,
  suggest: Suggest,
): readonly Finding[] {
  const path = draft.penaltiesAreList ? ['penalties', index] : ['penalties'];
  const known = rowIdsOf(draft);
  return (penalty.rows ?? []).flatMap((id, at) =>
    known.includes(id)
      ? []
      : [errorAt([...path, 'rows', at], `is "${id}", expected a row of this contract${suggest(id, known)}`)],
  );
}
