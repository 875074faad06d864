import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findProgram } from '../servers/packages.ts';
import { unknownIn } from './metric-catalogue.ts';

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly definition?: string;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const FOLDER = join(import.meta.dirname, '../../helm/vigie/dashboards');
const FILES = readdirSync(FOLDER);
const dashboards = new Map(
  FILES.map((file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard]),
);

/** What Grafana would put in the place of its variables. */
const filledIn = (text: string): string =>
  text.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, 'x');

const queriesOf = ({ panels }: Dashboard): readonly string[] =>
  panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => filledIn(expr)));

test('there are the four dashboards, each with an address of its own', () => {
  expect(FILES).toEqual([
    'contract-overview.json',
    'monitor-health.json',
    'probe-detail.json',
    'row-detail.json',
  ]);
  expect(new Set([...dashboards.values()].map(({ uid }) => uid)).size).toBe(4);
});

describe.each([...dashboards])('%s', (_file, dashboard) => {
  test('asks only for metrics and labels of the golden catalogue', () => {
    expect(queriesOf(dashboard).length).toBeGreaterThan(5);
    expect(queriesOf(dashboard).flatMap(unknownIn)).toEqual([]);
  });

  test('every variable is used, every one that is used is there, and asks for a label that exists', () => {
    const names = dashboard.templating.list.map(({ name }) => name).sort();
    const used = [...JSON.stringify(dashboard).matchAll(/\$(?:\{(\w+)\}|(\w+))/g)].map(
      ([, a, b]) => a ?? b ?? '',
    );
    expect([...new Set(used)].filter((name) => !name.startsWith('__')).sort()).toEqual(names);
    for (const { type, definition = '' } of dashboard.templating.list.filter((one) => one.type === 'query')) {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(filledIn(definition)) ?? [];
      expect(type).toBe('query');
      expect(unknownIn(`count by (${label}) (${series})`)).toEqual([]);
      expect(label).not.toBe('');
    }
  });

  test('a legend names only labels that its query leaves', () => {
    for (const { targets = [] } of dashboard.panels) {
      for (const { expr, legendFormat } of targets) {
        const kept = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(kept).toContain(label);
      }
    }
  });

  test('panels have titles and numbers of their own and lie beside each other', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title } of panels) expect(title).not.toBe('');
    for (const [i, { gridPos: a }] of panels.entries())
      for (const { gridPos: b } of panels.slice(i + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart && a.x + a.w <= 24).toBe(true);
      }
  });

  test.skipIf(!findProgram('promtool'))('every query parses (needs promtool from prometheus)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-dashboard-'));
    const rules = queriesOf(dashboard).map((expr, i) => ({ record: `query:${i}`, expr }));
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'queries', rules }] }));
    const checked = spawnSync(findProgram('promtool') ?? '', ['check', 'rules', 'rules.yaml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true, force: true });
    expect(checked.stderr).toBe('');
    expect(checked.stdout).toContain(`${rules.length} rules found`);
  });
});
