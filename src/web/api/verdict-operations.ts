import { z } from 'zod';
import type { VerdictJson } from '../../core/verdict-json.ts';
import type { RowJson } from '../contract-source.ts';
import type { Sources } from '../sources.ts';
import type { Answer } from './answer.ts';
import type { TableRow } from './csv.ts';
import { operation, type Operation } from './operation.ts';
import { explanationSchema } from './schemas/explanation.ts';
import { contractSchema, rowDetailsSchema } from './schemas/monitor.ts';
import { verdictsSchema } from './schemas/verdict.ts';

const periodQuery = z
  .string()
  .optional()
  .describe('`2026-03`, `2026` or the name of a part; the current periods when absent.');

/** What is said to one who names a period that there is none of. */
export function noPeriod(period: string): Answer {
  return { status: 422, detail: `period is ${period}, expected a month like 2026-03 or a year like 2026` };
}

/** Verdicts, the promises that they are about, and how they came about. */
export function verdictOperations(sources: Sources): readonly Operation[] {
  const { contract } = sources;
  return [
    operation({
      path: '/api/verdicts',
      summary: 'The verdicts on all rows, or those of a period that may be over.',
      query: { period: periodQuery },
      answer: verdictsSchema,
      formats: ['json', 'csv'],
      async handle({ period }) {
        const verdicts = period === undefined ? sources.verdicts() : await sources.verdictsOf?.(period);
        if (!verdicts) return noPeriod(period ?? '');
        return { json: verdicts, table: { name: 'verdicts', ...verdictTable(verdicts.verdicts) } };
      },
    }),
    operation({
      path: '/api/explain',
      summary: 'How the verdicts on a row came about, with the arithmetic in the clear.',
      query: {
        row: z.string({ error: 'expected ?row=, the id of a row of the contract' }),
        scope: z.string().optional(),
        reading: z.string().optional(),
        period: periodQuery,
      },
      answer: z.object({ explanations: z.array(explanationSchema) }),
      async handle({ row, scope, reading, period }) {
        const answer = await sources.explain({
          row,
          ...(scope !== undefined && { scope }),
          ...(reading !== undefined && { reading }),
          ...(period !== undefined && { period }),
        });
        if (!answer.ok) return { status: 422, detail: answer.detail };
        return { json: { explanations: answer.explanations } };
      },
    }),
    ...(contract ? rowOperations(sources, contract) : []),
  ];
}

function rowOperations(sources: Sources, contract: NonNullable<Sources['contract']>): readonly Operation[] {
  return [
    operation({
      path: '/api/rows',
      summary: 'The contract that holds now: its rows, readings and zone.',
      query: {},
      answer: contractSchema,
      formats: ['json', 'csv'],
      handle: () => {
        const json = contract();
        return { json, table: { name: 'rows', columns: ROW_COLUMNS, rows: json.rows.map(rowCells) } };
      },
    }),
    operation({
      path: '/api/rows/{row}',
      summary: 'A row of the contract, its verdicts, and what was last seen of its checks.',
      query: {},
      answer: rowDetailsSchema,
      handle: (_, context) => {
        const id = context.req.param('row') ?? '';
        const row = contract().rows.find((one) => one.row === id);
        if (!row) return { status: 404, detail: `the contract has no row ${JSON.stringify(id)}` };
        const { at, verdicts } = sources.verdicts();
        const ids = new Set(row.members.flatMap(({ checks }) => checks));
        return {
          json: {
            at,
            row,
            verdicts: verdicts.filter((verdict) => verdict.row === id),
            checks: sources.checks().filter(({ check }) => ids.has(check)),
          },
        };
      },
    }),
  ];
}

const ROW_COLUMNS = ['row', 'clause', 'title', 'type', 'target', 'period', 'requires', 'individual'];

function rowCells({ row, clause, title, type, target, period, requires, individual }: RowJson): TableRow {
  return { row, clause, title, type, target, period, requires, individual };
}

const VERDICT_COLUMNS = [
  ...['row', 'scope', 'reading', 'period', 'from', 'to', 'at', 'state', 'target', 'eligible', 'budgetMs'],
  ...['bestMs', 'estimateMs', 'worstMs', 'rawMs', 'excludedMs', 'unknownMs', 'contestedMs', 'remainingMs'],
  ...['timeToBreachMs', 'toDate', 'bestAchievable', 'final', 'incidents', 'openSince'],
];

function verdictTable(verdicts: readonly VerdictJson[]) {
  return { columns: VERDICT_COLUMNS, rows: verdicts.map(verdictCells) };
}

function verdictCells(verdict: VerdictJson): TableRow {
  const { row, scope, reading, at, state, target, eligible, budgetMs, excludedMs, unknownMs } = verdict;
  const { contestedMs, remainingMs, timeToBreachMs, period, downtimeMs, availability } = verdict;
  const { best: bestMs, estimate: estimateMs, worst: worstMs, raw: rawMs } = downtimeMs;
  const { toDate, bestAchievable, final } = availability;
  return {
    ...{ row, scope, reading, period: period.name, from: period.from, to: period.to, at, state, target },
    ...{ eligible, budgetMs, bestMs, estimateMs, worstMs, rawMs, excludedMs, unknownMs, contestedMs },
    ...{ remainingMs, timeToBreachMs, toDate, bestAchievable, final },
    incidents: verdict.incidents.length,
    openSince: verdict.openIncident?.from ?? null,
  };
}
