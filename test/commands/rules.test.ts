import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runVigie } from './spawn-vigie.ts';

const CONFIG = `
contract: example-hosting
region: somewhere
alerting: { url: "https://vigie.example.org/", runbooks: "https://wiki.example.org/vigie" }
checks:
  - { id: site, probe: http, row: web.availability, interval: 10s, timeout: 3s, with: { url: "http://192.0.2.1/" } }
`;

describe('vigie rules', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-rules-'));
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
    writeFileSync(
      join(folder, 'bad.yaml'),
      CONFIG.replace('https://vigie.example.org/', 'vigie.example.org'),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const rules = (...args: readonly string[]) => runVigie(['rules', ...args], { cwd: folder });

  it('prints the rules of the rows that are watched, with links that the configuration gives', async () => {
    const { code, stdout, stderr } = await rules();
    expect([code, stderr]).toEqual([0, '']);
    const { groups } = parse(stdout) as { groups: readonly { name: string }[] };
    expect(groups.map(({ name }) => name)).toEqual([
      'vigie-availability-10s',
      'vigie-support',
      'vigie-monitor',
    ]);
    expect(stdout).toContain('runbook_url: https://wiki.example.org/vigie#vigieincident');
    expect(stdout).toContain('https://vigie.example.org/rows/{{ $labels.row');
  });

  it('--selector adds matchers to selectors and labels to alerts, and takes nothing but equality', async () => {
    const { stdout } = await rules('--selector', 'namespace="x",job=y', '--selector', 'cluster="z"');
    expect(stdout).toContain('absent(vigie_build_info{namespace="x",job="y",cluster="z"})');
    expect(stdout).toContain('namespace: x\n');
    for (const wrong of ['namespace!="x"', 'namespace=~"x"', 'row="x"', 'x', '']) {
      const refused = await rules('--selector', wrong);
      expect([refused.code, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain('expected a matcher like namespace="x"');
    }
  });

  it('--format prometheusrule prints the resource of the operator', async () => {
    const { stdout } = await rules('--format', 'prometheusrule');
    expect(parse(stdout)).toMatchObject({
      kind: 'PrometheusRule',
      metadata: { name: 'vigie-example-hosting' },
    });
  });

  it('--tests prints tests for the rules, and none for the resource', async () => {
    const { stdout } = await rules('--tests');
    expect(parse(stdout)).toMatchObject({ rule_files: ['rules.yaml'] });
    const refused = await rules('--tests', '--format', 'prometheusrule');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
  });

  it('ends with 78 for a bad configuration, and names the link that is none', async () => {
    const { code, stdout, stderr } = await rules('--config', 'bad.yaml');
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toMatch(/bad\.yaml:4:\d+: .*alerting\.url.*expected an http:\/\/ or https:\/\/ address/s);
  });
});
