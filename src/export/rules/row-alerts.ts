import type { AlertGroup, AlertRule } from './alert.ts';
import type { Condition } from './condition.ts';
import { levelLabels } from './levels.ts';
import { is, memberFigures } from './member-figures.ts';
import { type RowPlan, rowPlans } from './row-plan.ts';
import { type Sketch, sketchesOf } from './row-sketches.ts';
import type { AlertingSetup } from './setup.ts';
import { rowText } from './words.ts';

/** Rules of rows whose budget is a matter of seconds are evaluated this often. */
const SCARCE_INTERVAL_MS = 10_000;

/** The alerts of every row that is watched, a group for each row. */
export function rowGroups(setup: AlertingSetup): readonly AlertGroup[] {
  return rowPlans(setup).map((plan) => ({
    name: `vigie-${plan.row.id}`,
    ...(plan.isScarce && { intervalMs: SCARCE_INTERVAL_MS }),
    rules: rulesOfRow(plan, setup),
  }));
}

function rulesOfRow(plan: RowPlan, setup: AlertingSetup): readonly AlertRule[] {
  const sketches = sketchesOf(plan);
  return sketches.flatMap((sketch) => variants(plan, sketch)).map((sketch) => finish(plan, sketch, setup));
}

/** A page of a row that may not be claimed is a ticket; declared maintenance mutes pages and nothing else. */
function variants({ rules }: RowPlan, sketch: Sketch): readonly Sketch[] {
  if (sketch.severity === 'ticket') return [sketch];
  const figures = memberFigures(rules);
  const unless = [...(sketch.unless ?? []), is(figures.maintenance, 1)];
  if (!rules.starred) return [{ ...sketch, unless }];
  const ineligible = is(figures.ineligible, 1);
  const asTicket: Sketch = {
    ...sketch,
    severity: 'ticket',
    all: [...sketch.all, ineligible],
    summary: `${sketch.summary} (not claimable: the deployment leaves out a subregion)`,
  };
  return [{ ...sketch, unless: [...unless, ineligible] }, asTicket];
}

function finish(plan: RowPlan, sketch: Sketch, setup: AlertingSetup): AlertRule {
  const { row, rules } = plan;
  const { name, severity, all, unless = [], unlessFiring, isHeld = false } = sketch;
  const condition: Condition = {
    kind: 'figures',
    all,
    unless,
    ...(unlessFiring && { unlessFiring }),
    ...(isHeld && { holds: { alert: name, labels: { row: row.id, severity } } }),
  };
  return {
    name,
    labels: {
      severity,
      kind: 'sla',
      region: setup.region,
      row: row.id,
      clause: row.clause,
      ...levelLabels(plan, setup),
      ...(plan.isScarce && { budget: 'scarce' }),
      ...sketch.labels,
    },
    condition,
    forMs: sketch.forMs ?? 0,
    keepMs: sketch.keepMs ?? 0,
    texts: { summary: sketch.summary, description: rowText(row, rules) },
  };
}
