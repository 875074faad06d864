import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { labelledMembers } from '../../src/export/rules/member-labels.ts';
import { ruleFile } from '../../src/export/rules/rule-file.ts';
import { ruleTests } from '../../src/export/rules/rule-tests.ts';
import type { AlertingSetup } from '../../src/export/rules/setup.ts';
import { alertThresholds } from '../../src/export/rules/thresholds.ts';
import { findProgram } from '../servers/packages.ts';
import { unknownIn } from './metric-catalogue.ts';
import { everyRow, oddSetup, shippedContract } from './rules-setup.ts';

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const SHIPPED = '../../helm/vigie/rules';
const OUTSCALE = everyRow(shippedContract('outscale-secnumcloud'));
const HOSTING = everyRow(shippedContract('example-hosting'));
/** The chart puts the names of the release and of the configuration in their places. */
const INSTALLED = { region: 'REGION', alerting: { labels: { installation: 'INSTALLATION' } } };

/** The chart ships the rules of the contracts; they are the golden files of these tests as well. */
const SETUPS: readonly (readonly [string, AlertingSetup, string])[] = [
  ['outscale-secnumcloud', { ...OUTSCALE, ...INSTALLED }, `${SHIPPED}/outscale-secnumcloud.yaml`],
  ['example-hosting', { ...HOSTING, ...INSTALLED }, `${SHIPPED}/example-hosting.yaml`],
  ['a contract with unreachable pairs', oddSetup(), '../golden/rules/odd.yaml'],
];

const rulesOf = (setup: AlertingSetup): readonly Rule[] =>
  (parse(ruleFile(setup, 'prometheus')) as RuleFile).groups.flatMap(({ rules }) => rules);

const filledIn = (query: string): string =>
  query.replaceAll('%s', 'row="x",scope="y"').replaceAll('%q', '"x"');

/** The rows that the first selector of an expression names. */
function rowsIn(expr: string): readonly string[] {
  const [, rows = ''] = /\{row=~?"([^"]*)"/.exec(expr) ?? [];
  return rows.replaceAll('[.]', '.').split('|');
}

describe.each(SETUPS)('rules of %s', (_name, setup, golden) => {
  const unlabelled = { ...setup, alerting: {} };

  test('are those of the golden file', async () => {
    await expect(ruleFile(setup, 'prometheus')).toMatchFileSnapshot(golden);
  });

  test('ask only for metrics and labels that the golden catalogue has, in expressions and in texts', () => {
    const queries = rulesOf(unlabelled).flatMap(({ expr, annotations }) => [
      expr,
      ...[...(annotations['description'] ?? '').matchAll(/`([^`]+)`/g)].map(([, query = '']) =>
        filledIn(query),
      ),
    ]);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  test('compare with thresholds that are exported, and none is exported for nothing', () => {
    const exported = alertThresholds(setup).map(({ gauge, row, alert }) => ({ gauge, row, alert }));
    const wanted = rulesOf(unlabelled).flatMap(({ expr }) => {
      const rows = rowsIn(expr);
      return [...expr.matchAll(/(vigie_\w*threshold)\{(?:row="([^"]*)",)?alert="([^"]*)"\}/g)].map(
        ([, gauge = '', row, alert = '']) => ({ gauge, alert, rows: row === undefined ? rows : [row] }),
      );
    });
    const isWanted = ({ gauge, row, alert }: (typeof exported)[number]): boolean =>
      alert === 'claim-due' ||
      wanted.some((one) => one.gauge === gauge && one.alert === alert && one.rows.includes(row));
    expect(exported.filter((one) => !isWanted(one))).toEqual([]);
    const isExported = ({ gauge, alert, rows }: (typeof wanted)[number]): boolean =>
      exported.some((one) => one.gauge === gauge && one.alert === alert && rows.includes(one.row));
    expect(wanted.filter((one) => one.alert !== 'claim-due' && !isExported(one))).toEqual([]);
  });

  test('no two have the same name and labels', () => {
    const keys = rulesOf(setup).map(({ alert, labels }) => JSON.stringify([alert, labels]));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('rules', () => {
  test('a starred row pages where the deployment covers the region, and only tickets where not', () => {
    const incidents = rulesOf(OUTSCALE).filter(
      ({ alert, expr }) => alert === 'VigieIncident' && rowsIn(expr).includes('sla4.internet'),
    );
    const ineligible = 'on (row) max by (row) (vigie_sla_info{eligible="false"}) == 1';
    expect(incidents.map(({ labels }) => labels['severity'])).toEqual(['page', 'ticket']);
    expect(incidents[0]?.expr).toContain(`unless ${ineligible}`);
    expect(incidents[1]?.expr).toContain(`and ${ineligible}`);
  });

  test('maintenance mutes every page about the contract and no ticket', () => {
    for (const { labels, expr } of rulesOf(OUTSCALE).filter((rule) => rule.labels['kind'] === 'sla'))
      expect(expr.includes('vigie_sla_maintenance')).toBe(labels['severity'] === 'page');
  });

  test('a row without commitment has no alert', () => {
    expect(rulesOf(OUTSCALE).filter(({ expr }) => expr.includes('sla8'))).toEqual([]);
    expect(rulesOf(OUTSCALE).filter(({ expr }) => expr.includes('sla9[.]vm'))).not.toEqual([]);
  });

  test('a resource is labelled with the subregion whose composition names its check', () => {
    const compositions = [
      { row: 'sla1.az', scope: 'az-a', bad: { all: ['check-sla9.vm', 'check-sla3.dns'] } },
    ];
    const members = labelledMembers({ ...OUTSCALE, compositions });
    const labels = (row: string) => members.find((member) => member.row === row)?.labels;
    expect(labels('sla9.vm')).toEqual({ clause: 'SLA9', level: 'resource', subregion: 'az-a' });
    expect(labels('sla1.az')).toEqual({ clause: 'SLA1', level: 'subregion', subregion: 'az-a' });
    expect(labels('sla7.volume')).toEqual({ clause: 'SLA7', level: 'resource' });
    expect(labels('sla4.internet')).toEqual({ clause: 'SLA4', level: 'service', budget: 'scarce' });
  });

  test('texts link to vigie and to the runbook where the configuration says so', () => {
    const alerting = { url: 'https://vigie.example.org', runbooks: 'https://wiki.example.org/runbooks' };
    const [rule] = rulesOf({ ...HOSTING, alerting });
    expect(rule?.annotations['incident']).toBe(
      'https://vigie.example.org/rows/{{ $labels.row | urlquery }}?scope={{ $labels.scope | urlquery }}',
    );
    expect(rule?.annotations['runbook_url']).toBe('https://wiki.example.org/runbooks#vigieincident');
  });

  test('prometheusrule: the same groups, in a resource of the operator', () => {
    const resource = parse(ruleFile(HOSTING, 'prometheusrule')) as { kind: string; spec: RuleFile };
    expect(resource).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
    expect(resource.spec.groups).toEqual((parse(ruleFile(HOSTING, 'prometheus')) as RuleFile).groups);
  });

  test('labels of this vigie are in every selector, and on every alert', () => {
    const rules = rulesOf({ ...OUTSCALE, vantages: ['az-a'], alerting: { labels: { installation: 'a' } } });
    for (const { expr, labels, annotations } of rules) {
      expect(labels['installation']).toBe('a');
      const bare = `${expr} ${annotations['description']}`.replaceAll(
        /\{[^{}]*installation="a"[^{}]*\}/g,
        '',
      );
      expect(bare.replaceAll(/vigie_\w+\{%s[^}]*\}/g, '')).not.toMatch(/(?:vigie_\w+|ALERTS)\{/);
    }
    expect(rules.map(({ expr }) => expr).join(' ')).not.toMatch(/vigie_\w+(?!\w)(?!\{)/);
  });

  test('of a whole contract fit into an object of the operator with room to spare, and can be read', () => {
    expect(ruleFile(OUTSCALE, 'prometheusrule').length).toBeLessThan(160_000);
  });

  test('a vantage that is expected has a rule of its own', () => {
    const rules = rulesOf({ ...HOSTING, vantages: ['az-a', 'outside'] });
    const blind = rules.filter(({ alert }) => alert === 'VigieVantageBlind');
    expect(blind.map(({ labels }) => labels['vantage'])).toEqual(['az-a', 'outside']);
  });
});

describe.skipIf(!findProgram('promtool'))('promtool (needs promtool from prometheus)', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-rules-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const promtool = (...args: readonly string[]) =>
    spawnSync(findProgram('promtool') ?? '', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });

  test.each(SETUPS)('%s: check rules, test rules', { timeout: 240_000 }, (_name, setup) => {
    const alerting = { labels: { installation: 'a/b' } };
    const whole = { ...setup, vantages: ['az-a', 'outside'], alerting };
    writeFileSync(join(folder, 'rules.yaml'), ruleFile(whole, 'prometheus'));
    writeFileSync(join(folder, 'tests.yaml'), ruleTests(whole, 'rules.yaml'));
    const checked = promtool('check', 'rules', 'rules.yaml');
    expect(checked.stderr).toBe('');
    expect(checked.status).toBe(0);
    const tested = promtool('test', 'rules', 'tests.yaml');
    expect(tested.stderr + tested.stdout.replace(/\s+/g, ' ')).toBe('Unit Testing: tests.yaml SUCCESS ');
    expect(tested.status).toBe(0);
  });

  test('the tests fail where a rule is wrong', { timeout: 60_000 }, () => {
    const text = ruleFile(HOSTING, 'prometheus').replace(
      /(vigie_sla_incident_bad_seconds\{[^}]*\}\)) >=/,
      '$1 >',
    );
    expect(text).not.toBe(ruleFile(HOSTING, 'prometheus'));
    writeFileSync(join(folder, 'rules.yaml'), text);
    writeFileSync(join(folder, 'tests.yaml'), ruleTests(HOSTING, 'rules.yaml'));
    expect(promtool('test', 'rules', 'tests.yaml').status).toBe(1);
  });
});
