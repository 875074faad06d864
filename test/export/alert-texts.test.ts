import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { createMetrics, type Metrics } from '../../src/export/metrics.ts';
import { AlertBook } from '../../src/export/alerting/alert-book.ts';
import { factsOf, thresholdTable } from '../../src/export/alerting/facts.ts';
import type { TrackedAlert } from '../../src/export/alerting/watched.ts';
import { ALERT_NAMES } from '../../src/export/rules/alert.ts';
import { ruleFile } from '../../src/export/rules/rule-file.ts';
import { labelledMembers } from '../../src/export/rules/member-labels.ts';
import type { AlertingSetup } from '../../src/export/rules/setup.ts';
import { alertThresholds } from '../../src/export/rules/thresholds.ts';
import { promiseOf } from '../../src/export/rules/words.ts';
import { findProgram } from '../servers/packages.ts';
import { type Prometheus, startPrometheus } from '../servers/prometheus.ts';
import { makeVerdict } from './make-verdict.ts';
import { everyRow, shippedContract } from './rules-setup.ts';

interface ActiveAlert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** These need time to go by, or nothing to be there. */
const NOT_SHOWN = new Set(['VigieDown', 'VigieClockOff']);
/** Between scrapes, and between evaluations. */
const EVERY_SECONDS = 2;
/** A row of each type. */
const SHOWN_ROWS = ['sla2.latency', 'sla4.internet', 'sla4.api', 'sla6.durability', 'sla7.iops'];

const SCOPES = ['down', 'broken', 'burning', 'unseen'];

function setupOf(): AlertingSetup {
  const contract = shippedContract('outscale-secnumcloud');
  const penalties = [{ tiers: [{ below: '99.9', credit: '10' }], claimWithin: 86_400_000 }];
  const alerting = { url: 'https://vigie.example.org', labels: { namespace: 'sla' } };
  const setup = everyRow({ ...contract, penalties }, { vantages: ['az-a'], alerting });
  const checks = setup.checks.flatMap((check) => SCOPES.map((scope) => ({ ...check, scope })));
  return { ...setup, checks };
}

/** Four members of every row: one is down, one breached, one burns its budget in short outages, one is not seen. */
function verdicts(setup: AlertingSetup): readonly Verdict[] {
  const rows = new Set(setup.checks.map(({ row }) => row));
  return [...rows].flatMap((row) => [
    makeVerdict({
      ...COMMON,
      row,
      scope: 'down',
      openIncident: OPEN,
      incidents: [OPEN, OPEN, OPEN, OPEN, OPEN],
    }),
    makeVerdict({ ...COMMON, row, scope: 'broken', state: 'breached' }),
    makeVerdict({ ...COMMON, row, scope: 'burning', rolling: rolling(1000, 1) }),
    makeVerdict({ row, scope: 'unseen', rolling: rolling(null, 0.1) }),
  ]);
}

const AT_MS = 1_773_000_000_000;
const OPEN = {
  fromMs: AT_MS - 600_000,
  toMs: AT_MS,
  badMs: 400_000,
  countedMs: 280_000,
  causes: ['refused', 'timeout'] as const,
};
const COMMON: Partial<Verdict> = {
  atMs: AT_MS,
  remainingMs: 15_000,
  timeToBreachMs: 15_000,
  pace: 2.5,
  downtimeMs: { best: 290_000, estimate: 300_360, worst: 310_000, raw: 40_000_000 },
  budgetMs: 315_360,
  sample: { tests: 120, met: 96, share: 0.8, lower: 0.72, upper: 0.91, coverage: 0.5 },
  rolling: { '1h': { downtimeMs: 0, unknownMs: 0, burnRate: 0, coverage: 0.95 } },
};

const SUPPORT = {
  elapsed: [
    { clock: 'gti', severity: 1, ratio: 0.9 },
    { clock: 'gtr', severity: 3, ratio: 1.5 },
  ],
  warnings: [
    { clock: 'gti', severity: 1, count: 1 },
    { clock: 'gti', severity: 2, count: 0 },
    { clock: 'gtr', severity: 3, count: 2 },
  ],
} as const;

const claimsAt = (nowMs: number) => [
  { row: 'sla4.api', scope: 'region', period: '2026-02', atMs: nowMs + 86_400_000 },
];

/** The alerts that a process would push of the same figures. */
function pushed(setup: AlertingSetup): readonly TrackedAlert[] {
  const book = new AlertBook(setup);
  const atMs = Date.now();
  const facts = factsOf({
    atMs,
    verdicts: verdicts(setup),
    reading: 'client',
    thresholdOf: thresholdTable(alertThresholds(setup)),
    maintained: new Set(),
    support: SUPPORT,
    claims: claimsAt(atMs),
  });
  for (const _slice of book.update(facts));
  return book.alerts(atMs);
}

function rolling(burnRate: number | null, coverage: number): Verdict['rolling'] {
  const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];
  return Object.fromEntries(
    windows.map((window) => [window, { downtimeMs: 0, unknownMs: 0, burnRate, coverage }]),
  );
}

function tell(metrics: Metrics, setup: AlertingSetup): void {
  const nowMs = Date.now();
  metrics.judged(verdicts(setup));
  metrics.thresholds(alertThresholds(setup));
  metrics.members(labelledMembers(setup));
  metrics.promised(
    setup.contract.rows.map((row) => ({
      row: row.id,
      clause: row.clause,
      target: 'target' in row ? row.target : null,
      promise: promiseOf(row),
      period: 'period' in row ? (row.period ?? '') : '',
      eligible: true,
    })),
  );
  metrics.support({ deadlines: [], clocks: [], ...SUPPORT });
  metrics.claims(claimsAt(nowMs));
  metrics.committed(nowMs - 600_000);
  metrics.windowUp(false);
  metrics.spilled(7);
  metrics.reloaded(false);
}

describe.skipIf(!findProgram('prometheus'))('what people read of an alert (needs prometheus)', () => {
  const setup = setupOf();
  let metrics: Metrics;
  let server: Server;
  let prometheus: Prometheus;
  let alerts: readonly ActiveAlert[] = [];

  beforeAll(async () => {
    metrics = createMetrics({
      clock: systemClock,
      version: '1.2.3',
      onCrash: (error) => {
        throw error;
      },
    });
    tell(metrics, setup);
    server = createServer((_, response) => {
      void metrics
        .render()
        .then((answer) => response.end('exposition' in answer ? answer.exposition.body : ''));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    prometheus = await startPrometheus({
      target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      rules: ruleFile(setup, 'prometheus').replace(/^ {4}interval: .*\n/gm, ''),
      labels: { namespace: 'sla' },
      everySeconds: EVERY_SECONDS,
    });
    const names = (): number => new Set(alerts.map(({ labels }) => labels['alertname'])).size;
    const wanted = ALERT_NAMES.length - NOT_SHOWN.size;
    // Groups are evaluated one after another: what they tell has come to rest when it was the same for two rounds.
    for (let i = 0, same = 0; i < 60 && (names() < wanted || same < 2 * EVERY_SECONDS); i++) {
      await pause(1_000);
      const before = alerts.length;
      const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
      alerts = ((await answer.json()) as { data: { alerts: readonly ActiveAlert[] } }).data.alerts;
      same = alerts.length === before ? same + 1 : 0;
    }
  });
  afterAll(async () => {
    await prometheus.stop();
    server.closeAllConnections();
    server.close();
    await metrics.close();
  });

  test('every alert can come about, and its texts hold no error and no blank', () => {
    const names = new Set(alerts.map(({ labels }) => labels['alertname']));
    expect(ALERT_NAMES.filter((name) => !names.has(name) && !NOT_SHOWN.has(name))).toEqual([]);
    for (const { annotations } of alerts) {
      const text = Object.values(annotations).join('\n');
      expect(text).not.toMatch(/<error|\{\{|<no value>|%!|NaN/);
      expect(annotations).toHaveProperty('runbook_url');
    }
  });

  test('pushed alerts have the labels of the same alerts by rules, and are the same ones', () => {
    const canonical = (labels: Readonly<Record<string, string>>): string =>
      JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const byRules = alerts.filter(
      ({ state, labels }) => state === 'firing' && ['sla', 'support'].includes(labels['kind'] ?? ''),
    );
    expect(byRules.length).toBeGreaterThan(100);
    expect(
      pushed(setup)
        .map(({ labels }) => canonical(labels))
        .sort(),
    ).toEqual(byRules.map(({ labels }) => canonical(labels)).sort());
  });

  test('VigieSupportDeadline tells of the clocks that are counted as near their limit, whatever others have used', () => {
    const told = (name: string) =>
      alerts
        .filter(({ labels }) => labels['alertname'] === name)
        .map(({ annotations }) => annotations['summary'] ?? '')
        .sort();
    expect(told('VigieSupportDeadline')).toEqual([
      'sla10.gti1: tickets of severity 1 near the end of their 15m: 1',
      'sla10.gtr3: tickets of severity 3 near the end of their 2d: 2',
    ]);
    expect(told('VigieSupportLate')).toEqual(['sla10.gtr3: a ticket of severity 3 has used 150% of its 2d']);
  });

  test('an incident and a burning budget are never told of the same member at once', () => {
    const burning = alerts.filter(({ labels }) => labels['alertname'] === 'VigieBudgetBurn');
    expect(new Set(burning.map(({ labels }) => labels['scope']))).toEqual(new Set(['burning']));
  });

  test('texts of a row of each type are those of the golden file', async () => {
    const shown = alerts
      .filter(({ labels }) => SHOWN_ROWS.includes(labels['row'] ?? '') && labels['kind'] === 'sla')
      .map(({ labels, annotations }) => {
        const { alertname, severity, row, scope, window } = labels;
        const title = [alertname, window, severity, row, scope].filter(Boolean).join(' ');
        return `${title}\n${annotations['summary']}\n${annotations['description']}\n`;
      });
    await expect(shown.sort().join('\n')).toMatchFileSnapshot('../golden/rules/texts.txt');
  });
});
