import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertGroups, ruleFile } from '../../src/export/rules/rule-file.ts';
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

/** The chart ships the rules of the contracts; they are the golden files of these tests as well. */
const SETUPS: readonly (readonly [string, AlertingSetup, string])[] = [
  ['outscale-secnumcloud', OUTSCALE, `${SHIPPED}/outscale-secnumcloud.yaml`],
  ['example-hosting', HOSTING, `${SHIPPED}/example-hosting.yaml`],
  ['a contract with unreachable pairs', oddSetup(), '../golden/rules/odd.yaml'],
];

const rulesOf = (setup: AlertingSetup): readonly Rule[] =>
  (parse(ruleFile(setup, 'prometheus')) as RuleFile).groups.flatMap(({ rules }) => rules);

describe.each(SETUPS)('rules of %s', (_name, setup, golden) => {
  test('are those of the golden file', async () => {
    await expect(ruleFile(setup, 'prometheus')).toMatchFileSnapshot(golden);
  });

  test('ask only for metrics and labels that the golden catalogue has, in expressions and in texts', () => {
    const queries = rulesOf(setup).flatMap(({ expr, annotations }) => [
      expr,
      ...[...(annotations['description'] ?? '').matchAll(/`([^`]+)`/g)].map(([, query = '']) =>
        query.replace('%s', 'row="x",scope="y",reading="z"'),
      ),
    ]);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  test('compare with thresholds that are exported, and none is exported for nothing', () => {
    const exported = alertThresholds(setup).map(({ gauge, row, alert }) => `${gauge} ${row} ${alert}`);
    const wanted = rulesOf(setup).flatMap(({ expr }) =>
      [...expr.matchAll(/(vigie_\w*threshold)\{row="([^"]*)",alert="([^"]*)"\}/g)].map(
        ([, gauge, row, alert]) => `${gauge} ${row} ${alert}`,
      ),
    );
    const optional = (key: string): boolean => key.endsWith(' claim-due');
    expect([...new Set(wanted)].filter((key) => !optional(key)).sort()).toEqual(
      exported.filter((key) => !optional(key)).sort(),
    );
  });

  test('no two have the same name and labels', () => {
    const keys = rulesOf(setup).map(({ alert, labels }) => JSON.stringify([alert, labels]));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('rules', () => {
  test('a starred row pages where the deployment covers the region, and only tickets where not', () => {
    const incidents = rulesOf(OUTSCALE).filter(
      ({ alert, labels }) => alert === 'VigieIncident' && labels['row'] === 'sla4.internet',
    );
    expect(incidents.map(({ labels }) => labels['severity'])).toEqual(['page', 'ticket']);
    expect(incidents[0]?.expr).toContain(
      'unless on (row) max by (row) (vigie_sla_info{row="sla4.internet",eligible="false"}) == 1',
    );
    expect(incidents[1]?.expr).toContain(
      'and on (row) max by (row) (vigie_sla_info{row="sla4.internet",eligible="false"}) == 1',
    );
  });

  test('maintenance mutes every page about the contract and no ticket', () => {
    for (const { labels, expr } of rulesOf(OUTSCALE).filter((rule) => rule.labels['kind'] === 'sla'))
      expect(expr.includes('vigie_sla_maintenance')).toBe(labels['severity'] === 'page');
  });

  test('a row without commitment has no alert', () => {
    expect(rulesOf(OUTSCALE).filter(({ labels }) => labels['row']?.startsWith('sla8'))).toEqual([]);
  });

  test('a resource is labelled with the subregion whose composition names its check', () => {
    const compositions = [
      { row: 'sla1.az', scope: 'az-a', bad: { all: ['check-sla9.vm', 'check-sla3.dns'] } },
    ];
    const labels = alertGroups({ ...OUTSCALE, compositions }).flatMap(({ rules }) =>
      rules.map((rule) => rule.labels),
    );
    expect(labels.find(({ row }) => row === 'sla9.vm')).toMatchObject({
      level: 'resource',
      subregion: '{{ if eq $labels.scope "vm-1" }}az-a{{ end }}',
    });
    expect(labels.find(({ row }) => row === 'sla1.az')?.subregion).toBe('{{ $labels.scope }}');
    expect(labels.find(({ row }) => row === 'sla7.volume')).not.toHaveProperty('subregion');
  });

  test('texts link to vigie and to the runbook where the configuration says so', () => {
    const alerting = { url: 'https://vigie.example.org', runbooks: 'https://wiki.example.org/runbooks' };
    const [rule] = rulesOf({ ...HOSTING, alerting });
    expect(rule?.annotations['incident']).toBe(
      'https://vigie.example.org/?row={{ $labels.row | urlquery }}&scope={{ $labels.scope | urlquery }}',
    );
    expect(rule?.annotations['runbook_url']).toBe('https://wiki.example.org/runbooks#vigieincident');
  });

  test('prometheusrule: the same groups, in a resource of the operator', () => {
    const resource = parse(ruleFile(HOSTING, 'prometheusrule')) as { kind: string; spec: RuleFile };
    expect(resource).toMatchObject({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' });
    expect(resource.spec.groups).toEqual((parse(ruleFile(HOSTING, 'prometheus')) as RuleFile).groups);
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
    const whole = { ...setup, vantages: ['az-a', 'outside'] };
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
      'vigie_sla_incident_bad_seconds{row="web.availability",reading="contract"}) >=',
      'vigie_sla_incident_bad_seconds{row="web.availability",reading="contract"}) >',
    );
    expect(text).not.toBe(ruleFile(HOSTING, 'prometheus'));
    writeFileSync(join(folder, 'rules.yaml'), text);
    writeFileSync(join(folder, 'tests.yaml'), ruleTests(HOSTING, 'rules.yaml'));
    expect(promtool('test', 'rules', 'tests.yaml').status).toBe(1);
  });
});
