import { stringify } from 'yaml';
import type { AlertGroup, AlertRule } from './alert.ts';
import type { Condition } from './condition.ts';
import { monitorGroup } from './monitor-alerts.ts';
import { promDuration, promql } from './promql.ts';
import { rowGroups } from './row-alerts.ts';
import type { RuleFormat } from './rule-format.ts';
import { rowPlans } from './row-plan.ts';
import type { AlertingSetup, AlertLinks } from './setup.ts';
import { supportGroup } from './support-alerts.ts';

/** Where the runbooks are unless the configuration says so: beside the contracts. */
const SHIPPED_RUNBOOKS = 'config/runbooks/alerts.md';

/** All alerts of a contract and configuration, in groups. */
export function alertGroups(setup: AlertingSetup): readonly AlertGroup[] {
  const support = supportGroup(setup);
  return [...rowGroups(setup), ...(support.rules.length > 0 ? [support] : []), monitorGroup(setup)];
}

/** The text of a rule file (YAML), for Prometheus 2.42 and later (keep_firing_for). */
export function ruleFile(setup: AlertingSetup, format: RuleFormat): string {
  const groups = alertGroups(setup).map((group) => groupYaml(group, setup.alerting));
  const document = format === 'prometheus' ? { groups } : resource(setup, groups);
  return `${heading(setup)}${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function groupYaml({ name, intervalMs, rules }: AlertGroup, links: AlertLinks) {
  return {
    name,
    ...(intervalMs !== undefined && { interval: promDuration(intervalMs) }),
    rules: rules.map((rule) => ruleYaml(rule, links)),
  };
}

function ruleYaml({ name, labels, condition, forMs, keepMs, texts }: AlertRule, links: AlertLinks) {
  return {
    alert: name,
    expr: promql(condition, links.labels),
    ...(forMs > 0 && { for: promDuration(forMs) }),
    ...(keepMs > 0 && { keep_firing_for: promDuration(keepMs) }),
    labels: { ...labels, ...links.labels },
    annotations: {
      ...texts,
      incident: incidentLink(isOfMember(condition), links),
      runbook_url: runbookLink(name, links),
    },
  };
}

function isOfMember(condition: Condition): boolean {
  return condition.kind === 'figures' && condition.all[0].figure.by.includes('scope');
}

/** The page on which vigie tells of the member; without an address of its own, Prometheus' list of alerts. */
function incidentLink(hasMember: boolean, { url }: AlertLinks): string {
  if (url === undefined) return '{{ $externalURL }}/alerts';
  if (!hasMember) return `${url}/`;
  return `${url}/rows/{{ $labels.row | urlquery }}?scope={{ $labels.scope | urlquery }}`;
}

/** The section of the runbooks on an alert: its name in small letters. */
export function runbookLink(alert: string, { runbooks = SHIPPED_RUNBOOKS }: AlertLinks): string {
  return `${runbooks}#${alert.toLowerCase()}`;
}

function resource({ contract }: AlertingSetup, groups: readonly unknown[]) {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: `vigie-${contract.id}`, labels: { 'app.kubernetes.io/name': 'vigie' } },
    spec: { groups },
  };
}

/** What was made of which contract, and which burn rates were left out and why. */
function heading(setup: AlertingSetup): string {
  const { contract } = setup;
  const dropped = rowPlans(setup).flatMap(({ row, dropped: pairs }) =>
    pairs.map(({ long, short, reason }) => `#   ${row.id} ${long}/${short}: ${reason}`),
  );
  const lines = [
    `# Alerting rules by vigie for ${contract.id} ${contract.version}; made by \`vigie rules\`, not to be edited.`,
    '# Thresholds are exported by vigie: a changed one needs no new rules, a changed row does.',
    ...(dropped.length > 0 ? ['# Burn rates left out:', ...dropped] : []),
  ];
  return `${lines.join('\n')}\n`;
}
