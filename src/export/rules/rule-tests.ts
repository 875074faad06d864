import { stringify } from 'yaml';
import { type Case, casesOf } from './rule-test-cases.ts';
import type { AlertRule } from './alert.ts';
import type { InputSeries } from './rule-test-series.ts';
import type { AlertingSetup } from './setup.ts';

/** Cases that are put to the rules together: none of their series is another's with other values. */
interface Run {
  readonly kind: string;
  readonly values: Map<string, string>;
  readonly cases: Case[];
}

/** Labels by which the alerts of one name are told apart. */
const TOLD_APART = ['row', 'scope', 'clause', 'vantage', 'clock', 'period'] as const;

/**
 * Unit tests of the rules for `promtool test rules` (YAML). Every rule fires at its threshold; for each of its
 * comparisons, it is quiet where that one alone does not hold. Every case has a scope of its own, so that a run, which
 * evaluates every rule at every step, takes as many of them as it can.
 */
export function ruleTests(setup: AlertingSetup, rulesFile: string, stepMinutes = 3): string {
  const runs: Run[] = [];
  for (const one of casesOf(setup, stepMinutes)) {
    const run = runs.find((candidate) => candidate.kind === one.runKind && fits(candidate, one.series));
    if (run) add(run, one);
    else runs.push(add({ kind: one.runKind, values: new Map(), cases: [] }, one));
  }
  const document = {
    rule_files: [rulesFile],
    evaluation_interval: `${stepMinutes}m`,
    tests: runs.map(runYaml),
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function fits({ values }: Run, series: readonly InputSeries[]): boolean {
  return series.every((one) => (values.get(one.series) ?? one.values) === one.values);
}

function add(run: Run, one: Case): Run {
  run.cases.push(one);
  for (const { series, values } of one.series) run.values.set(series, values);
  return run;
}

function runYaml({ kind, values, cases }: Run) {
  const questions = Map.groupBy(cases, (one) => `${one.title} ${one.atMinutes}`);
  return {
    interval: '1m',
    name: kind,
    input_series: [...values].map(([series, text]) => ({ series, values: text })),
    promql_expr_test: [...questions.values()].map(questionYaml),
  };
}

function questionYaml(cases: readonly Case[]) {
  const [first] = cases;
  const expected = cases.filter(({ isFiring }) => isFiring);
  return {
    expr: first ? alertsExpression(first.rule, cases) : '',
    eval_time: `${first?.atMinutes ?? 0}m`,
    exp_samples: expected.map((one) => ({ labels: labelsOf(one), value: 1 })),
  };
}

/** The alerts of a name that are firing in these cases, and in no other of the run. */
function alertsExpression({ name, labels: { severity, window } }: AlertRule, cases: readonly Case[]): string {
  const scopes = [
    ...new Set(cases.flatMap(({ rule, member }) => (hasScope(rule) ? [member.scope ?? ''] : []))),
  ];
  const which = [
    `alertname="${name}"`,
    'alertstate="firing"',
    `severity="${severity}"`,
    ...(window === undefined ? [] : [`window="${window}"`]),
    ...(scopes.length === 0 ? [] : [`scope=~"${scopes.join('|')}"`]),
  ];
  return `count by (${TOLD_APART.join(', ')}) (ALERTS{${which.join(',')}})`;
}

function hasScope({ condition }: AlertRule): boolean {
  return condition.kind === 'figures' && condition.all[0].figure.by.includes('scope');
}

/** The labels that tell the alert apart: those of the rule, and those that its condition gives. */
function labelsOf({ rule: { labels, condition }, member }: Case): string {
  const given: readonly string[] =
    condition.kind === 'figures'
      ? [...condition.all[0].figure.by, ...(condition.hasMemberLabels ? ['clause'] : [])]
      : [];
  const texts = TOLD_APART.flatMap((label) => {
    const text = label in labels || given.includes(label) ? member[label] : undefined;
    return text === undefined ? [] : [`${label}=${JSON.stringify(text)}`];
  });
  return `{${texts.join(', ')}}`;
}
