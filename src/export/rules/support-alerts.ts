import { formatDuration } from '../../core/duration.ts';
import type { ContractRow } from '../../contract/schema.ts';
import type { AlertGroup, AlertName, AlertRule } from './alert.ts';
import type { Comparison, Figure, Limit } from './condition.ts';
import { above, atLeast, atMost } from './member-figures.ts';
import type { Severity } from './row-plan.ts';
import type { AlertingSetup } from './setup.ts';
import { promiseText } from './words.ts';

type SupportRow = Extract<ContractRow, { type: 'support' }>;

/** Tickets of this severity and graver ones page. */
const PAGING_SEVERITY = 1;

/** The alerts of support clocks and of the time in which a breach may be claimed. */
export function supportGroup({ contract, region }: AlertingSetup): AlertGroup {
  const support = contract.rows.filter((row): row is SupportRow => row.type === 'support');
  const rules = support.flatMap((row) => [warning(row, region), late(row, region)]);
  const claims = contract.penalties?.some((penalty) => penalty.claimWithin !== undefined) ?? false;
  return { name: 'vigie-support', rules: claims ? [...rules, claimDue(region)] : rules };
}

function warning(row: SupportRow, region: string): AlertRule {
  const used: Limit = { gauge: 'vigie_alert_threshold', row: row.id, alert: 'support-used' };
  const what = `a severity ${row.severity} ticket has used {{ $value | humanizePercentage }} of its ${formatDuration(row.limit)}`;
  const all = [atLeast(elapsed(row), used), atMost(elapsed(row), 1)] as const;
  return rule(row, region, 'VigieSupportDeadline', `${row.id}: ${what}`, all);
}

function late(row: SupportRow, region: string): AlertRule {
  const what = `a severity ${row.severity} ticket is past its ${formatDuration(row.limit)}`;
  return rule(row, region, 'VigieSupportLate', `${row.id}: ${what}`, [above(elapsed(row), 1)]);
}

/** The share of the limit that the ticket which is furthest has used: 1 is still met. */
function elapsed({ clock, severity }: SupportRow): Figure {
  const where = { clock, severity: String(severity) };
  return { metric: 'vigie_support_elapsed_ratio', where, by: ['clock'], fold: 'max' };
}

function rule(
  row: SupportRow,
  region: string,
  name: AlertName,
  summary: string,
  all: readonly [Comparison, ...Comparison[]],
): AlertRule {
  const severity: Severity = row.severity <= PAGING_SEVERITY ? 'page' : 'ticket';
  const clock = row.clock === 'gti' ? 'the first answer' : 'the resolution';
  return {
    name,
    labels: { severity, kind: 'support', region, row: row.id, clause: row.clause, clock: row.clock },
    condition: { kind: 'figures', all, unless: [] },
    forMs: 0,
    keepMs: 0,
    texts: {
      summary,
      description: `${promiseText(row)}\nThe clock runs to ${clock} of the ticket that is furthest; see \`vigie ticket list\`.`,
    },
  };
}

function claimDue(region: string): AlertRule {
  const figure: Figure = {
    metric: 'vigie_claim_deadline_timestamp_seconds',
    where: {},
    by: ['row', 'scope', 'period'],
    fold: 'min',
    as: 'time-left',
  };
  const due: Limit = { gauge: 'vigie_alert_threshold', row: '', alert: 'claim-due' };
  return {
    name: 'VigieClaimDue',
    labels: { severity: 'ticket', kind: 'support', region },
    condition: { kind: 'figures', all: [atMost(figure, due), above(figure, 0)], unless: [] },
    forMs: 0,
    keepMs: 0,
    texts: {
      summary:
        '{{ $labels.row }} ({{ $labels.scope }}): the breach of {{ $labels.period }} can be claimed for another {{ $value | humanizeDuration }}',
      description: 'The promise was broken in that period, and the contract gives a claim a time limit.',
    },
  };
}
