import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Reading } from '../../src/core/reading.ts';
import type { Observation } from '../../src/core/observation.ts';
import type { SeenRun } from '../../src/export/check-series.ts';
import { createMetrics, type Metrics } from '../../src/export/metrics.ts';
import { systemClock } from '../../src/clock.ts';
import { FakeClock } from '../fake-clock.ts';
import { findProgram } from '../servers/packages.ts';
import { describeMetrics, seriesOf } from './exposition-text.ts';
import { makeVerdict } from './make-verdict.ts';

const NOW = '2026-03-10T12:00:00.000Z';
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

const web = { id: 'web', probe: 'http', row: 'sla4.api', vantages: ['az-a', 'az-b'] };
const names = { id: 'names', probe: 'dns', row: 'sla3.dns', vantages: ['az-a'] };

const answer: Answer = { kind: 'answer', latencyMs: 9, phases: { connect: 2, ttfb: 7 } };

function run(seen: Partial<Observation> = {}, reading: Reading = answer): SeenRun {
  const slot = { check: 'web', intervalMs: 10_000, vantage: 'az-a', slot: 1, outcome: 'good' } as const;
  return { seen: { ...slot, ...seen }, reading, lateMs: 0.4, heldMs: 0, lagMs: 3 };
}

const OPEN = {
  fromMs: 1_772_999_000_000,
  toMs: 1_773_000_000_000,
  badMs: 60_000,
  countedMs: 0,
  causes: ['timeout'],
} as const;
const SAMPLE = { tests: 100, met: 95, share: 0.95, lower: 0.89, upper: 0.98, coverage: 0.5 };

let metrics: Metrics;
const crashes: Error[] = [];

beforeEach(() => {
  crashes.length = 0;
  metrics = createMetrics({
    clock: new FakeClock(NOW),
    version: '1.2.3',
    onCrash: (error) => crashes.push(error),
  });
});

afterEach(async () => {
  await metrics.close();
});

async function text(accept?: string): Promise<string> {
  const rendering = await metrics.render(accept);
  if ('trouble' in rendering) throw new Error(rendering.trouble);
  return new TextDecoder().decode(rendering.exposition.body);
}

async function scrape(): Promise<ReadonlyMap<string, number>> {
  return seriesOf(await text());
}

const API_PROMISE = {
  row: 'sla4.api',
  clause: 'SLA4',
  target: '99.9',
  promise: '99.9 % a month: API.',
  period: 'month',
} as const;

function tellEverything(): void {
  metrics.watched([web, names]);
  metrics.observed(run());
  metrics.observed(
    run({ outcome: 'bad', cause: 'refused' }, { kind: 'fault', fault: 'refused', detail: '' }),
  );
  metrics.skipped({ check: 'web', vantage: 'az-a', fromSlot: 3, toSlot: 6, reason: 'missed' });
  metrics.observed(run());
  metrics.judged([makeVerdict({ openIncident: OPEN, sample: SAMPLE })]);
  metrics.promised([
    { ...API_PROMISE, eligible: true },
    {
      row: 'sla8.ephemeral',
      clause: 'SLA8',
      target: null,
      promise: 'nothing: Ephemeral.',
      period: '',
      eligible: null,
    },
  ]);
  metrics.thresholds([
    { gauge: 'vigie_sla_burn_rate_threshold', row: 'sla4.api', alert: 'burn-1h', value: 14.4 },
    { gauge: 'vigie_alert_threshold', row: 'sla4.api', alert: 'incident', value: 60 },
  ]);
  metrics.members([
    {
      row: 'sla4.api',
      scope: 'region',
      checks: [{ id: 'api', row: 'sla4.api', scope: 'region', intervalMs: 10_000 }],
      labels: { clause: 'SLA4', level: 'service' },
    },
  ]);
  metrics.maintenance([{ row: 'sla4.api', scope: 'region', isActive: false }]);
  metrics.claims([{ row: 'sla4.api', scope: 'region', period: '2026-02', atMs: Date.parse(NOW) }]);
  const kind = { clock: 'gtr', severity: 3 } as const;
  metrics.support({
    deadlines: [{ ...kind, atMs: Date.parse(NOW) }],
    clocks: [{ ...kind, state: 'running', count: 2 }],
    elapsed: [{ ...kind, ratio: 0.76 }],
    warnings: [{ ...kind, count: 1 }],
  });
  metrics.exclusions([{ state: 'proposed', count: 1 }]);
  metrics.reloaded(true);
  metrics.committed(Date.parse(NOW));
  metrics.windowUp(true);
  metrics.spilled(0);
  metrics.archived(1_773_000_000_000);
  metrics.dropped(0);
  metrics.clockOffset(2);
  metrics.leading(true);
  metrics.vantages([{ vantage: 'az-a', isHeard: true, members: 2 }]);
}

describe('exposition', () => {
  test('names, types, help and labels are those of the golden file', async () => {
    tellEverything();
    await expect(describeMetrics(await text())).toMatchFileSnapshot('../golden/metrics.txt');
  });

  test.skipIf(!findProgram('promtool'))(
    'Prometheus text passes check metrics (needs promtool from prometheus)',
    async () => {
      tellEverything();
      const input = await text();
      const promtool = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], {
        input,
        encoding: 'utf8',
      });
      expect(promtool.stderr + promtool.stdout).toBe('');
      expect(promtool.status).toBe(0);
    },
  );

  test('OpenMetrics where the scraper prefers it, with the same series', async () => {
    tellEverything();
    const rendering = await metrics.render(OPENMETRICS);
    if ('trouble' in rendering) throw new Error(rendering.trouble);
    const open = new TextDecoder().decode(rendering.exposition.body);
    expect(rendering.exposition.contentType).toContain('application/openmetrics-text; version=1.0.0');
    expect(open.endsWith('\n# EOF\n')).toBe(true);
    expect(open).toContain('# TYPE vigie_probe_observations counter\n');
    expect(open).not.toContain('\n\n');
    const plain = await scrape();
    expect([...seriesOf(open).keys()]).toEqual([...plain.keys()]);
  });

  test('an OpenMetrics scrape leaves the names of counters as they were for the next one', async () => {
    metrics.watched([web]);
    metrics.observed(run());
    await text(OPENMETRICS);
    expect(await text()).toContain('# TYPE vigie_probe_observations_total counter\n');
  });

  test('gzip when accepted, and the same text', async () => {
    const rendering = await metrics.render(undefined, 'gzip, deflate');
    if ('trouble' in rendering) throw new Error(rendering.trouble);
    expect(rendering.exposition.contentEncoding).toBe('gzip');
    const plain = new Response(rendering.exposition.body).body?.pipeThrough(new DecompressionStream('gzip'));
    expect(await new Response(plain).text()).toContain('vigie_build_info{version="1.2.3"');
  });

  test('everything told before a scrape is in it, also for scrapers that wait together', async () => {
    metrics.watched([web]);
    const counted: (number | undefined)[] = [];
    const scrapes = Array.from({ length: 20 }, async (_, i) => {
      metrics.observed(run());
      const series = await scrape();
      counted[i] = series.get('vigie_probe_observations_total{check="web",outcome="good",vantage="az-a"}');
    });
    await Promise.all(scrapes);
    for (const [i, count] of counted.entries()) expect(count).toBeGreaterThanOrEqual(i + 1);
    expect(counted.at(-1)).toBe(20);
  });

  test('more samples than fit a batch are all counted', async () => {
    metrics.watched([web]);
    for (let i = 0; i < 10_000; i++) metrics.observed(run());
    const series = await scrape();
    expect(series.get('vigie_schedule_late_seconds_count')).toBe(10_000);
    expect(series.get('vigie_probe_duration_seconds_count{kind="http",row="sla4.api"}')).toBe(10_000);
    expect(series.get('vigie_probe_duration_seconds_sum{kind="http",row="sla4.api"}')).toBeCloseTo(90, 6);
  });

  test('a crash of the thread is told, loses no counter, and the next scrape is whole again', async () => {
    metrics.watched([web]);
    metrics.skipped({ check: 'web', vantage: 'az-a', fromSlot: 0, toSlot: 10, reason: 'missed' });
    metrics.windowUp(true);
    await scrape();
    metrics.skipped({ check: 'web', vantage: 'az-a', fromSlot: 2, toSlot: 0, reason: 'missed' });
    expect(await metrics.render()).toEqual({ trouble: 'crashed' });
    expect(crashes).toHaveLength(1);
    const series = await scrape();
    expect(series.get('vigie_schedule_holes_total{check="web",reason="missed",vantage="az-a"}')).toBe(8);
    expect(series.get('vigie_window_up')).toBe(1);
    expect(crashes).toHaveLength(1);
  });

  test('closed: trouble is a value, telling does nothing', async () => {
    await metrics.close();
    tellEverything();
    expect(await metrics.render()).toEqual({ trouble: 'closed' });
    expect(crashes).toEqual([]);
  });
});

describe('checks', () => {
  test('vigie_probe_observations_total has all outcomes of a vantage from its first run on', async () => {
    metrics.watched([web]);
    metrics.observed(run({ outcome: 'excluded', cause: 'throttled' }, { ...answer, refusal: 'throttled' }));
    const series = await scrape();
    const of = (outcome: string): number | undefined =>
      series.get(`vigie_probe_observations_total{check="web",outcome="${outcome}",vantage="az-a"}`);
    expect([of('good'), of('bad'), of('excluded')]).toEqual([0, 0, 1]);
    expect(series.get('vigie_probe_faults_total{cause="throttled",check="web"}')).toBe(1);
  });

  test('vigie_probe_duration_seconds: 10 ms and 200 ms are bounds; faults and refusals are no latencies', async () => {
    metrics.watched([web]);
    metrics.observed(run({}, { kind: 'answer', latencyMs: 10 }));
    metrics.observed(run({}, { kind: 'answer', latencyMs: 200 }));
    metrics.observed(run({}, { kind: 'answer', latencyMs: 1, refusal: 'throttled' }));
    metrics.observed(run({}, { kind: 'fault', fault: 'refused', detail: '', latencyMs: 1 }));
    const series = await scrape();
    const bucket = (le: string): number | undefined =>
      series.get(`vigie_probe_duration_seconds_bucket{kind="http",le="${le}",row="sla4.api"}`);
    expect([bucket('0.005'), bucket('0.01'), bucket('0.1'), bucket('0.2')]).toEqual([0, 1, 1, 2]);
    expect(series.get('vigie_probe_duration_seconds_count{kind="http",row="sla4.api"}')).toBe(2);
  });

  test('vigie_probe_phase_seconds: a phase that did not take place has no series', async () => {
    metrics.watched([web]);
    metrics.observed(run());
    const before = await scrape();
    expect(before.get('vigie_probe_phase_seconds{check="web",phase="ttfb",vantage="az-a"}')).toBe(0.007);
    metrics.observed(run({}, { kind: 'fault', fault: 'reset', detail: '', phases: { connect: 4 } }));
    const after = await scrape();
    expect(after.get('vigie_probe_phase_seconds{check="web",phase="connect",vantage="az-a"}')).toBe(0.004);
    expect(after.has('vigie_probe_phase_seconds{check="web",phase="ttfb",vantage="az-a"}')).toBe(false);
  });

  test('vigie_schedule_holes_total counts blind runs by reason and skipped slots one by one', async () => {
    metrics.watched([web]);
    const hole = { check: 'web', intervalMs: 10_000, vantage: 'az-a', slot: 1, outcome: 'absent' } as const;
    metrics.observed({ ...run(), seen: { ...hole, blind: 'loop-late', detail: '' }, lagMs: 60 });
    metrics.skipped({ check: 'web', vantage: 'az-a', fromSlot: 3, toSlot: 6, reason: 'overlap' });
    const series = await scrape();
    expect(series.get('vigie_schedule_holes_total{check="web",reason="loop-late",vantage="az-a"}')).toBe(1);
    expect(series.get('vigie_schedule_holes_total{check="web",reason="overlap",vantage="az-a"}')).toBe(3);
    expect(series.get('vigie_event_loop_lag_seconds_sum')).toBe(0.06);
    expect(series.has('vigie_probe_duration_seconds_count{kind="http",row="sla4.api"}')).toBe(true);
    expect(series.get('vigie_probe_duration_seconds_count{kind="http",row="sla4.api"}')).toBe(0);
  });

  test('watched: the series of removed checks and vantages are gone, and late results do not bring them back', async () => {
    metrics.watched([web, names]);
    tellEverything();
    metrics.observed(run({ vantage: 'az-b' }));
    metrics.observed(run({ check: 'names' }));
    const before = [...(await scrape()).keys()];
    expect(before.some((key) => key.includes('check="web"'))).toBe(true);
    expect(before.some((key) => key.includes('kind="http"'))).toBe(true);
    metrics.watched([names]);
    tellOnly();
    const after = [...(await scrape()).keys()];
    expect(after.filter((key) => /check="web"|kind="http"/.test(key))).toEqual([]);
    expect(after.some((key) => key.includes('check="names"'))).toBe(true);
  });

  test('watched: a vantage that no longer looks is gone, the other keeps its count', async () => {
    metrics.watched([web]);
    metrics.observed(run());
    metrics.observed(run({ vantage: 'az-b' }));
    await scrape();
    metrics.watched([{ ...web, vantages: ['az-b'] }]);
    metrics.observed(run());
    metrics.observed(run({ vantage: 'az-b' }));
    const series = await scrape();
    const of = (vantage: string): number | undefined =>
      series.get(`vigie_probe_observations_total{check="web",outcome="good",vantage="${vantage}"}`);
    expect([of('az-a'), of('az-b')]).toEqual([undefined, 2]);
  });

  test('watched: a check that comes back after it was removed is counted from nothing', async () => {
    metrics.watched([web]);
    metrics.observed(run());
    metrics.watched([names]);
    metrics.watched([web]);
    metrics.observed(run());
    const series = await scrape();
    expect(series.get('vigie_probe_observations_total{check="web",outcome="good",vantage="az-a"}')).toBe(1);
  });

  test('watched: a check that measures another row from now on is counted there, and goes on', async () => {
    metrics.watched([web]);
    metrics.observed(run());
    metrics.watched([{ ...web, row: 'sla4.internet' }]);
    metrics.observed(run());
    const series = await scrape();
    expect(series.get('vigie_probe_duration_seconds_count{kind="http",row="sla4.internet"}')).toBe(1);
    expect(series.get('vigie_probe_observations_total{check="web",outcome="good",vantage="az-a"}')).toBe(2);
  });

  function tellOnly(): void {
    metrics.observed(run());
    metrics.skipped({ check: 'web', vantage: 'az-a', fromSlot: 0, toSlot: 1, reason: 'missed' });
  }
});

describe('verdicts', () => {
  const member = 'reading="client",row="sla4.api",scope="region"';

  test('figures are seconds and ratios, by bound, estimate and window', async () => {
    metrics.judged([makeVerdict()]);
    const series = await scrape();
    const down = (bound: string): number | undefined =>
      series.get(`vigie_sla_downtime_seconds{bound="${bound}",${member}}`);
    expect(['best', 'estimate', 'worst', 'raw', 'excluded', 'unknown'].map(down)).toEqual([
      10, 20, 30, 25, 5, 1,
    ]);
    expect(series.get(`vigie_sla_budget_seconds{${member}}`)).toBe(2674.8);
    expect(series.get(`vigie_sla_budget_remaining_seconds{${member}}`)).toBe(2654.8);
    expect(series.get(`vigie_sla_time_to_breach_seconds{${member}}`)).toBe(2654.8);
    expect(series.get(`vigie_sla_availability_ratio{estimate="worst",${member}}`)).toBe(0.99995);
    expect(series.get(`vigie_sla_burn_rate{${member},window="5m"}`)).toBe(1.5);
    expect(series.get(`vigie_sla_coverage_ratio{${member},window="30d"}`)).toBe(0.4);
    expect(series.get(`vigie_sla_incident_open{${member}}`)).toBe(0);
  });

  test('vigie_sla_state is 1 for the state and 0 for the others, and follows it', async () => {
    const states = async (): Promise<readonly string[]> =>
      [...(await scrape())]
        .filter(([key]) => key.startsWith('vigie_sla_state{'))
        .map(([key, value]) => `${/state="([^"]+)"/.exec(key)?.[1] ?? ''} ${value}`)
        .sort();
    metrics.judged([makeVerdict()]);
    const others = ['breached 0', 'met 0', 'no-commitment 0', 'not-applicable 0', 'not-falsified 0'];
    expect(await states()).toEqual([...others, 'on-track 1', 'undecided 0'].sort());
    metrics.judged([makeVerdict({ state: 'undecided' })]);
    expect(await states()).toEqual([...others, 'on-track 0', 'undecided 1'].sort());
  });

  test('what is not known has no series, and loses the one it had', async () => {
    metrics.judged([makeVerdict()]);
    await scrape();
    metrics.judged([
      makeVerdict({
        budgetMs: null,
        remainingMs: null,
        timeToBreachMs: null,
        availability: { toDate: null, bestAchievable: null, final: null, worst: null },
        rolling: { '5m': { downtimeMs: 0, unknownMs: 300_000, burnRate: null, coverage: 0 } },
      }),
    ]);
    const keys = [...(await scrape()).keys()].join('\n');
    for (const gone of ['budget', 'time_to_breach', 'availability_ratio', 'burn_rate'])
      expect(keys).not.toContain(`vigie_sla_${gone}`);
    expect(keys).not.toContain('window="30d"');
    expect(keys).toContain(`vigie_sla_coverage_ratio{${member},window="5m"}`);
    expect(keys).toContain('vigie_sla_downtime_seconds');
    expect(await text()).not.toMatch(/ NaN$/m);
  });

  test('judged: members that are not in the last set are gone', async () => {
    metrics.judged([makeVerdict(), makeVerdict({ scope: 'az-a' }), makeVerdict({ reading: 'provider' })]);
    expect([...(await scrape()).keys()].filter((key) => key.includes('scope="az-a"')).length).toBeGreaterThan(
      10,
    );
    metrics.judged([makeVerdict({ reading: 'provider' })]);
    const keys = [...(await scrape()).keys()].filter((key) => key.includes('row="sla4.api"'));
    expect(keys.filter((key) => !key.includes('reading="provider",row="sla4.api",scope="region"'))).toEqual(
      [],
    );
    expect(keys.length).toBeGreaterThan(10);
  });

  test('an incident that is going on: since when, how long bad, and each cause while it is seen', async () => {
    const about = async (): Promise<readonly (readonly [string, number])[]> =>
      [...(await scrape())]
        .filter(([key]) => /incident_(since|bad|cause)/.test(key))
        .sort(([a], [b]) => (a < b ? -1 : 1));
    metrics.judged([makeVerdict({ openIncident: { ...OPEN, causes: ['refused', 'timeout'] } })]);
    const member = 'reading="client",row="sla4.api",scope="region"}';
    expect(await about()).toEqual([
      [`vigie_sla_incident_bad_seconds{${member}`, 60],
      [`vigie_sla_incident_cause{cause="refused",${member}`, 1],
      [`vigie_sla_incident_cause{cause="timeout",${member}`, 1],
      [`vigie_sla_incident_since_timestamp_seconds{${member}`, 1_772_999_000],
    ]);
    metrics.judged([makeVerdict({ openIncident: OPEN })]);
    expect((await about()).filter(([key]) => key.includes('cause')).length).toBe(1);
    metrics.judged([makeVerdict()]);
    expect(await about()).toEqual([]);
  });

  test('vigie_sla_incidents: those of the period, and those that began within a day', async () => {
    const { atMs } = makeVerdict();
    const incidents = [86_400_001, 86_399_999, 1000].map((agoMs) => ({ ...OPEN, fromMs: atMs - agoMs }));
    metrics.judged([makeVerdict({ incidents })]);
    const series = await scrape();
    const count = (window: string) =>
      series.get(`vigie_sla_incidents{reading="client",row="sla4.api",scope="region",window="${window}"}`);
    expect([count('period'), count('1d')]).toEqual([3, 2]);
  });

  test('vigie_sla_info and thresholds: those told last and no others', async () => {
    tellEverything();
    const info = async (): Promise<readonly string[]> =>
      [...(await scrape()).keys()].filter((key) => /info\{clause|threshold|deadline/.test(key)).sort();
    expect(await info()).toEqual([
      'vigie_alert_threshold{alert="incident",row="sla4.api"}',
      'vigie_claim_deadline_timestamp_seconds{period="2026-02",row="sla4.api",scope="region"}',
      'vigie_sla_burn_rate_threshold{alert="burn-1h",row="sla4.api"}',
      'vigie_sla_info{clause="SLA4",eligible="true",period="month",promise="99.9 % a month: API.",row="sla4.api",target="99.9"}',
      'vigie_sla_info{clause="SLA8",eligible="unknown",period="",promise="nothing: Ephemeral.",row="sla8.ephemeral",target=""}',
      'vigie_support_deadline_timestamp_seconds{clock="gtr",severity="3"}',
    ]);
    metrics.promised([{ ...API_PROMISE, eligible: false }]);
    metrics.thresholds([]);
    metrics.claims([]);
    metrics.support({ deadlines: [], clocks: [], elapsed: [], warnings: [] });
    expect(await info()).toEqual([
      'vigie_sla_info{clause="SLA4",eligible="false",period="month",promise="99.9 % a month: API.",row="sla4.api",target="99.9"}',
    ]);
  });
});

describe('the process', () => {
  test('gauges that nobody has set are absent, not 0', async () => {
    const keys = [...(await scrape()).keys()];
    for (const name of ['vigie_window_up', 'vigie_spill_slots', 'vigie_judge_commit_timestamp_seconds'])
      expect(keys).not.toContain(name);
    expect(keys).not.toContain('vigie_config_last_reload_successful');
  });

  test('vigie_config_last_reload_*: a refused reload keeps the time of the last good one', async () => {
    metrics.reloaded(true);
    metrics.reloaded(false);
    const series = await scrape();
    expect(series.get('vigie_config_last_reload_successful')).toBe(0);
    expect(series.get('vigie_config_last_reload_success_timestamp_seconds')).toBe(Date.parse(NOW) / 1000);
  });

  test('process figures are those of the whole process', async () => {
    const series = await scrape();
    const cpu = process.cpuUsage();
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(series.get('process_cpu_seconds_total')).toBeLessThanOrEqual((cpu.user + cpu.system) / 1e6 + 1);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    const started = Date.parse(NOW) / 1000 - process.uptime();
    expect(Math.abs((series.get('process_start_time_seconds') ?? 0) - started)).toBeLessThan(30);
  });
});

describe('cost', () => {
  test('P4: rendering 25,000 series holds the loop for less than a quarter of the time it takes', async () => {
    const many = createMetrics({ clock: systemClock, version: '0', onCrash: (error) => crashes.push(error) });
    const member = makeVerdict();
    const scopes = Array.from({ length: 1100 }, (_, i) => makeVerdict({ ...member, scope: `member-${i}` }));
    const heldShare = async (): Promise<number> => {
      const started = performance.now();
      const idle = performance.eventLoopUtilization();
      await many.render();
      const { active } = performance.eventLoopUtilization(idle);
      return active / (performance.now() - started);
    };
    many.judged(scopes);
    await heldShare();
    const shares: number[] = [];
    for (let i = 0; i < 5; i++) shares.push(await heldShare());
    const rendering = await many.render();
    await many.close();
    if ('trouble' in rendering) throw new Error(rendering.trouble);
    expect(seriesOf(new TextDecoder().decode(rendering.exposition.body)).size).toBeGreaterThan(24_000);
    expect(Math.min(...shares)).toBeLessThan(0.25);
  });
});
