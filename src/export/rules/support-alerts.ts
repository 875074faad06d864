import { formatDuration } from '../../core/duration.ts';
import type { ContractRow } from '../../contract/schema.ts';
import type { MetricName } from '../catalogue.ts';
import type { AlertGroup, AlertName, AlertRule } from './alert.ts';
import type { Comparison, Figure, Limit } from './condition.ts';
import { above, atMost } from './member-figures.ts';
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

/** The daemon knows from where on a clock is near its limit: it counts those, and the rule only asks whether there are any. */
function warning(row: SupportRow, region: string): AlertRule {
  const what = `tickets of severity ${row.severity} near the end of their ${formatDuration(row.limit)}: {{ $value }}`;
  const warned = above(clockFigure(row, 'vigie_support_warnings'), 0);
  return rule(row, region, 'VigieSupportDeadline', what, warned);
}

function late(row: SupportRow, region: string): AlertRule {
  const what = `a ticket of severity ${row.severity} has used {{ $value | humanizePercentage }} of its ${formatDuration(row.limit)}`;
  // Who has used all of it has still met it.
  const over = above(clockFigure(row, 'vigie_support_elapsed_ratio'), 1);
  return rule(row, region, 'VigieSupportLate', what, over);
}

function clockFigure({ clock, severity }: SupportRow, metric: MetricName): Figure {
  return { metric, where: { clock, severity: String(severity) }, by: ['clock'], fold: 'max' };
}

function rule(row: SupportRow, region: string, name: AlertName, what: string, told: Comparison): AlertRule {
  const severity: Severity = row.severity <= PAGING_SEVERITY ? 'page' : 'ticket';
  const clock = row.clock === 'gti' ? 'the first answer' : 'the resolution';
  return {
    name,
    labels: { severity, kind: 'support', region, row: row.id, clause: row.clause, clock: row.clock },
    condition: { kind: 'figures', all: [told], unless: [] },
    forMs: 0,
    keepMs: 0,
    texts: {
      summary: `${row.id}: ${what}`,
      description: `${promiseText(row)}\nThe clock runs to ${clock}; see \`vigie ticket list\`.`,
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
