import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import { periodNamed } from '../../src/contract/periods.ts';
import type { TicketVerdict } from '../../src/core/ticket.ts';
import { verdictsJson } from '../../src/core/verdict-json.ts';
import type { Question } from '../../src/judge/judge.ts';
import { explainRow } from '../../src/casework/explaining.ts';
import { type LatencyControlOptions, latencySource } from '../../src/live/latency-control.ts';
import { LatencyKeeping } from '../../src/live/latency-keeping.ts';
import { LatencyLog } from '../../src/live/latency-log.ts';
import { ownHealth } from '../../src/live/own-health.ts';
import { pageControl } from '../../src/live/page-control.ts';
import { recordControl } from '../../src/live/record-control.ts';
import { replayed } from '../../src/replay/replay.ts';
import { shownContract } from '../../src/live/shown-contract.ts';
import type { LatencySeries, ShownLatencies } from '../../src/web/latency-source.ts';
import { createServer, type WebServer, type WebServerOptions } from '../../src/web/server.ts';
import type { CheckStatus, ExplainAnswer, ExplainQuery, Sources } from '../../src/web/sources.ts';
import { memoryLatencies } from '../../src/window/latency-memory.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { FakeClock } from '../fake-clock.ts';
import { configOf } from '../replay/config-from.ts';

/** When everything on the stage is seen. */
export const AT = '2026-03-20T11:00:00.000Z';

/** What markup would do if any of it were taken for markup. */
export const HOSTILE = `"'><script>globalThis.hacked=1</script><img src=x onerror="globalThis.hacked=1">{{7*7}}`;

const CONTRACT = join(import.meta.dirname, '../../config/contracts/outscale-secnumcloud.yaml');
const VIGIE = `
contract: ${CONTRACT}
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [az-a, az-b, outside]
checks:
  - { id: dns, probe: tcp, row: sla3.dns, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
  - { id: internet, probe: tcp, row: sla4.internet, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 2 } }
  - { id: vm-1, probe: tcp, row: sla9.vm, scope: i-1, interval: 10s, timeout: 3s, vantages: [az-a], with: { host: 127.0.0.1, port: 3 } }
  - { id: vm-2, probe: tcp, row: sla9.vm, scope: i-2, interval: 10s, timeout: 3s, vantages: [az-a], with: { host: 127.0.0.1, port: 4 } }
  - { id: vm-3, probe: tcp, row: sla9.vm, scope: i-3, interval: 10s, timeout: 3s, vantages: [az-a], with: { host: 127.0.0.1, port: 5 } }
  - { id: iops, probe: tcp, row: sla7.iops, interval: 10m, timeout: 3s, vantages: [az-a], with: { host: 127.0.0.1, port: 6 } }
  - { id: objects, probe: tcp, row: sla6.durability, interval: 10m, timeout: 3s, vantages: [az-a], with: { host: 127.0.0.1, port: 7 } }
exclusions:
  - { id: mw-1, kind: maintenance, from: "2026-03-10T22:00:00+01:00", to: "2026-03-11T00:00:00+01:00", rows: [sla3.dns], reason: ${JSON.stringify(HOSTILE)}, author: ops@example.org }
`;

const seen = (check: string, vantage: string, fields: object): string =>
  JSON.stringify({ check, vantage, ...fields });
const ALL = { from: '2025-12-31T23:00:00Z', to: AT, outcome: 'good' };
const DNS_DOWN = {
  from: '2026-03-10T20:50:00Z',
  to: '2026-03-10T21:20:00Z',
  outcome: 'bad',
  cause: 'timeout',
};
const STILL_DOWN = { from: '2026-03-20T10:58:00Z', to: AT, outcome: 'bad', cause: 'refused' };

const OBSERVATIONS: readonly string[] = [
  ...['az-a', 'az-b', 'outside'].flatMap((vantage) => [
    seen('dns', vantage, ALL),
    seen('internet', vantage, ALL),
  ]),
  ...['vm-1', 'vm-2', 'vm-3', 'iops', 'objects'].map((check) => seen(check, 'az-a', ALL)),
  ...['az-a', 'outside'].map((vantage) => seen('dns', vantage, DNS_DOWN)),
  ...['az-a', 'az-b', 'outside'].map((vantage) => seen('internet', vantage, STILL_DOWN)),
  seen('vm-2', 'az-a', { ...DNS_DOWN, to: '2026-03-11T02:00:00Z', cause: 'cannot-restart' }),
];

const TICKETS: readonly TicketVerdict[] = [
  {
    ticket: 'INC-1',
    title: HOSTILE,
    severity: 2,
    openedMs: Date.parse('2026-03-20T10:30:00Z'),
    completeMs: Date.parse('2026-03-20T10:30:00Z'),
    answeredMs: Date.parse('2026-03-20T10:45:00Z'),
    resolvedMs: null,
    gti: {
      row: 'sla10.gti2',
      limitMs: 1_800_000,
      elapsedMs: 900_000,
      deadlineMs: Date.parse('2026-03-20T11:00:00Z'),
      state: 'met',
    },
    gtr: {
      row: 'sla10.gtr2',
      limitMs: 14_400_000,
      elapsedMs: 1_800_000,
      deadlineMs: Date.parse('2026-03-20T14:30:00Z'),
      state: 'running',
    },
  },
];

const CHECKS: readonly CheckStatus[] = [
  {
    check: 'internet',
    vantage: 'az-a',
    probe: 'tcp',
    row: 'sla4.internet',
    scope: 'region',
    slot: '2026-03-20T10:59:50.000Z',
    outcome: 'bad',
    cause: 'content',
    detail: `body is ${HOSTILE}`,
    latencyMs: 12.34,
  },
];

/** The sources of a vigie that has watched since January: an outage in March, one that goes on, hostile words in it. */
export async function stagedSources(): Promise<Sources> {
  const config = configOf({ 'vigie.yaml': VIGIE });
  const atMs = Date.parse(AT);
  const { judge, windows } = await replayed({ config, lines: linesOf(OBSERVATIONS), atMs });
  const verdicts = verdictsJson(atMs, [...judge.verdicts(atMs)]);
  const store = await lateSamples(config);
  const latencies = await latenciesOf(config, atMs);
  const explain = async ({ period, ...question }: ExplainQuery): Promise<ExplainAnswer> => {
    const named = period === undefined ? undefined : periodNamed(config.contract, period);
    if (period !== undefined && !named) return { ok: false, detail: `no period ${period}` };
    const asked: Question = question;
    const explanations = await explainRow(judge, windows, asked, atMs, named);
    return explanations.length > 0 ? { ok: true, explanations } : { ok: false, detail: 'no verdict' };
  };
  return {
    metrics: { render: () => Promise.resolve({ trouble: 'none' }) },
    notReady: () => [],
    verdicts: () => verdicts,
    checks: () => CHECKS,
    explain,
    contract: () => shownContract(config, atMs),
    health: () => healthOf(config, atMs),
    record: recordControl({
      config: () => config,
      store: () => store,
      links: () => [],
      explain,
      breathe: () => setImmediate(),
    }),
    revision: () => 1,
    latencies: latencySource(latencies),
    pages: pageControl({
      config: () => config,
      tickets: () => TICKETS,
      latencies,
      store: () => store,
      nowMs: () => atMs,
    }),
    statusFeed: () => ({
      url: 'https://status.example.org/feed',
      everyMs: 60_000,
      title: 'Status',
      indicator: null,
      readAt: AT,
      trouble: null,
      entries: [
        {
          id: '1',
          title: HOSTILE,
          kind: 'incident',
          status: 'investigating',
          from: '2026-03-20T10:59:00.000Z',
          to: null,
          updated: null,
          link: 'https://status.example.org/1',
          components: [],
        },
      ],
    }),
    onError: (error) => {
      throw error;
    },
  };
}

/** The last ten minutes of the open incident as windows keep them, with evidence of the provider's making. */
async function lateSamples(config: Config) {
  const store = memoryStore();
  const [intervalMs, from, to] = [10_000, Date.parse('2026-03-20T10:50:00Z'), Date.parse(AT)];
  const isBad = (ms: number): boolean => ms >= Date.parse(STILL_DOWN.from);
  for (let ms = from; ms < to; ms += intervalMs) {
    for (const vantage of config.vantages) {
      const about = { check: 'internet', vantage, intervalMs, slot: ms / intervalMs };
      await store.put([
        isBad(ms) && vantage !== 'az-b'
          ? { ...about, outcome: 'bad', cause: 'refused', evidence: { requestId: HOSTILE, status: 503 } }
          : { ...about, outcome: 'good' },
      ]);
    }
  }
  return store;
}

/** Half an hour before noon as this process remembers it; two days of March as they were kept, with a day between. */
async function latenciesOf(config: Config, atMs: number): Promise<LatencyControlOptions> {
  const log = new LatencyLog();
  log.watch(config.checks);
  const store = memoryLatencies();
  const clock = new FakeClock(atMs);
  const breathe = (): Promise<void> => setImmediate();
  const keeping = new LatencyKeeping({ clock, log: pino({ enabled: false }), store, breathe });
  for (const check of config.checks) {
    const noted = { check, vantage: 'az-a' };
    for (let i = 0; i < 360; i++) {
      const slot = Date.parse('2026-03-20T10:00:00Z') / check.intervalMs + i;
      log.note({ ...noted, slot, latencyMs: 5 + (i % 17) });
    }
    for (const day of ['2026-03-17', '2026-03-19'])
      for (let hour = 0; hour < 24; hour++)
        for (let i = 0; i < 10; i++) {
          const slot = (Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000) / check.intervalMs + i;
          keeping.note({ ...noted, slot, latencyMs: 4 + hour + i });
        }
  }
  await keeping.flush();
  return { config: () => config, log, store: () => store, nowMs: () => atMs, breathe };
}

/** The staged sources, with these latencies on the page of every row. */
export async function sourcesWith(latencies: ShownLatencies): Promise<Sources> {
  const { pages, ...sources } = await stagedSources();
  return { ...sources, ...(pages && { pages: { ...pages, latencies: () => Promise.resolve(latencies) } }) };
}

/** What a page shows of a row of so many checks: of those that are drawn three hours, of the others one. */
export function manyLatencies(checks: ShownLatencies['checks']): ShownLatencies {
  const ofCheck = (i: number, hours: number): LatencySeries => ({
    ...{ check: `many-${i}`, vantage: 'az-a' },
    stretches: Array.from({ length: hours }, (_, hour) => ({
      fromMs: Date.parse(AT) + (hour - 3) * 3_600_000,
      lengthMs: 3_600_000,
      ...{ count: 360, p50: 5 + i, p90: 8 + i, p99: 9 + i, max: 20 + i },
    })),
  });
  return {
    drawn: Array.from({ length: checks.drawn }, (_, i) => ofCheck(i, 3)),
    listed: Array.from({ length: checks.told - checks.drawn }, (_, i) => ofCheck(checks.drawn + i, 1)),
    checks,
  };
}

function healthOf(config: Config, nowMs: number): ReturnType<NonNullable<Sources['health']>> {
  return ownHealth({
    nowMs,
    version: '0.1.0',
    startedMs: nowMs - 3_600_000,
    uptimeMs: 3_600_000,
    reasons: [],
    judged: undefined,
    windows: { kind: 'embedded', up: true, trouble: null, spilledSlots: 0 },
    config,
    loadedMs: nowMs - 3_600_000,
    isLatestConfig: true,
    checks: CHECKS,
    warnings: [HOSTILE],
  });
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** A server with these sources, or the staged ones. */
export async function stagedServer(
  options: Partial<WebServerOptions> = {},
): Promise<WebServer & { url: string }> {
  const server = createServer({
    clock: systemClock,
    listen: { host: '127.0.0.1', port: 0 },
    ...(await stagedSources()),
    ...options,
  });
  const { url } = await server.start();
  return { ...server, url };
}
