import type { AlertGroup, AlertRule } from './alert.ts';
import type { Condition } from './condition.ts';
import { INELIGIBLE, is, MAINTENANCE } from './member-figures.ts';
import { familyName, rowFamilies, type RowFamily } from './row-family.ts';
import { type Sketch, sketchesOf } from './row-sketches.ts';
import type { AlertingSetup } from './setup.ts';
import { memberText } from './words.ts';

/** Rules of rows whose budget is a matter of seconds are evaluated this often. */
const SCARCE_INTERVAL_MS = 10_000;

/** The alerts of every row that is watched, a group for each family of rows. */
export function rowGroups(setup: AlertingSetup): readonly AlertGroup[] {
  return rowFamilies(setup).map((family) => ({
    name: `vigie-${familyName(family)}`,
    ...(family.isScarce && { intervalMs: SCARCE_INTERVAL_MS }),
    rules: rulesOfFamily(family, setup),
  }));
}

function rulesOfFamily(family: RowFamily, setup: AlertingSetup): readonly AlertRule[] {
  return sketchesOf(family)
    .flatMap((sketch) => variants(family, sketch))
    .map((sketch) => finish(family, sketch, setup));
}

/** A page of a row that may not be claimed is a ticket; declared maintenance mutes pages and nothing else. */
function variants({ plans }: RowFamily, sketch: Sketch): readonly Sketch[] {
  if (sketch.severity === 'ticket') return [sketch];
  const unless = [...(sketch.unless ?? []), is(MAINTENANCE, 1)];
  if (!plans.some(({ rules }) => rules.starred)) return [{ ...sketch, unless }];
  const ineligible = is(INELIGIBLE, 1);
  const asTicket: Sketch = {
    ...sketch,
    severity: 'ticket',
    all: [...sketch.all, ineligible],
    summary: `${sketch.summary} (not claimable: the deployment leaves out a subregion)`,
  };
  return [{ ...sketch, unless: [...unless, ineligible] }, asTicket];
}

function finish(family: RowFamily, sketch: Sketch, setup: AlertingSetup): AlertRule {
  const { name, severity, all, unless = [], unlessFiring, unknown, isHeld = false } = sketch;
  const condition: Condition = {
    kind: 'figures',
    all,
    unless,
    ...(unlessFiring && { unlessFiring }),
    ...(isHeld && { holds: { alerts: [name], labels: { severity } } }),
    ...(unknown && {
      frozen: { firing: { alerts: [name], labels: { severity, ...sketch.labels } }, while: unknown },
    }),
    hasMemberLabels: true,
  };
  return {
    name,
    labels: { severity, kind: 'sla', region: setup.region, family: familyName(family), ...sketch.labels },
    condition,
    forMs: sketch.forMs ?? 0,
    keepMs: sketch.keepMs ?? 0,
    texts: { summary: sketch.summary, description: memberText(family, setup.alerting.labels) },
  };
}
