import { z } from 'zod';
import type { CheckStatus, Sources } from '../sources.ts';
import type { TableRow } from './csv.ts';
import { operation, type Operation } from './operation.ts';
import { checksSchema, healthSchema, statusFeedSchema } from './schemas/monitor.ts';

const CHECK_COLUMNS = [
  ...['check', 'vantage', 'probe', 'row', 'scope', 'slot', 'outcome', 'cause', 'detail', 'latencyMs'],
];

/** What vigie sees now, how it stands itself, and what the provider says. */
export function monitorOperations(sources: Sources): readonly Operation[] {
  const { health } = sources;
  return [
    operation({
      path: '/api/checks',
      summary: 'What each vantage of this process last saw of each check.',
      query: {
        row: z.string().optional(),
        check: z.string().optional(),
      },
      answer: checksSchema,
      formats: ['json', 'csv'],
      handle: ({ row, check }) => {
        const checks = sources
          .checks()
          .filter(
            (one) => (row === undefined || one.row === row) && (check === undefined || one.check === check),
          );
        return {
          json: { checks },
          table: { name: 'checks', columns: CHECK_COLUMNS, rows: checks.map(cells) },
        };
      },
    }),
    operation({
      path: '/api/status-feed',
      summary: 'What the provider publishes of its own state, as it was last read; no verdict is made of it.',
      query: {},
      answer: statusFeedSchema,
      handle: () => ({ json: { statusFeed: sources.statusFeed?.() ?? null } }),
    }),
    ...(health
      ? [
          operation({
            path: '/api/health',
            summary: 'How vigie itself stands: judge, windows, vantages, configuration.',
            query: {},
            answer: healthSchema,
            handle: () => ({ json: health() }),
          }),
        ]
      : []),
  ];
}

function cells(status: CheckStatus): TableRow {
  return { ...status };
}
