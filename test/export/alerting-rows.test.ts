import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDrillStep } from '../../src/box/drill.ts';
import { withPortOffset, withVolume } from '../../src/box/port-offset.ts';
import { DEFAULT_CONFIG } from '../box/default-config.ts';
import { type StartedBox, startedBox } from '../box/started-box.ts';
import { runVigie, startVigie } from '../commands/spawn-vigie.ts';
import {
  ALERTING_IS_MISSING,
  inSeconds,
  type OnCall,
  startOnCall,
  startRules,
  type ToldAlert,
  until,
} from './on-call.ts';

/** Incidents are told at a fraction of the bad time at which they would be: 2 to 10 s instead of 1 to 5 min. */
const HURRY = 30;
const WITHIN_MS = 150_000;

/** An alert that the on-call team is to be told of, by the labels that are its row's and its member's. */
interface Expected {
  readonly alertname: string;
  readonly row: string;
  readonly severity: 'page' | 'ticket';
  readonly clause: string;
  readonly kind?: 'support';
  readonly scope?: string;
  readonly level?: string;
  readonly subregion?: string;
  readonly budget?: 'scarce';
  readonly clock?: string;
}

const incident = (row: string, more: Partial<Expected> = {}): Expected => ({
  alertname: 'VigieIncident',
  row,
  clause: (row.split('.')[0] ?? '').toUpperCase(),
  severity: 'page',
  scope: 'region',
  level: 'service',
  ...more,
});
const resource = (row: string, scope: string): Expected => incident(row, { scope, level: 'resource' });
const lost = (row: string): Expected => incident(row, { alertname: 'VigieObjectLost' });
const ZONE = 'cloudgouv-eu-west-1b';

/** What is broken one after another, and what is told of it. A region that is down would hide what lies in it. */
const PARTS = {
  services: {
    faults: ['dns', 'ntp', 'dhcp', 'metadata', 'firewall', 'latency=slow', 'object-storage=slow'],
    told: [
      incident('sla2.network'),
      incident('sla2.latency', { alertname: 'VigieLatency' }),
      incident('sla3.dns'),
      incident('sla3.ntp'),
      incident('sla3.dhcp'),
      incident('sla3.metadata'),
      incident('sla4.firewall'),
      incident('sla6.publish'),
      incident('sla6.access'),
    ],
  },
  resources: {
    faults: ['zone-b', 'hardware', 'snapshots=error'],
    told: [
      incident('sla1.az', { scope: ZONE, level: 'subregion', subregion: ZONE }),
      incident('sla7.snapshot'),
      resource('sla9.hardware', 'server-1'),
      resource('sla9.vm', 'i-0b0c5e01'),
      resource('sla9.vm', 'i-0b0c5e02'),
    ],
  },
  region: {
    faults: ['api', 'internet', 'load-balancer'],
    told: [
      incident('sla1.region', { level: 'region' }),
      incident('sla4.internet', { budget: 'scarce' }),
      incident('sla4.api'),
      incident('sla5.lb'),
      incident('sla5.api'),
      incident('sla9.api'),
    ],
  },
  volume: {
    faults: ['volume'],
    told: [
      resource('sla7.volume', 'vol-0b0c5e01'),
      // Low from four of 30 tests on, until as many more are met as it takes.
      incident('sla7.iops', { alertname: 'VigieShareLow', severity: 'ticket' }),
    ],
  },
} as const satisfies Record<
  string,
  { readonly faults: readonly string[]; readonly told: readonly Expected[] }
>;

/** What does not end with its fault: an object that was lost stays lost, and of a bound without a share nothing is left. */
const LASTING = {
  faults: ['object-storage=lost', 'snapshots=lost'],
  told: [
    lost('sla6.durability'),
    lost('sla7.snapshot-durability'),
    incident('sla2.latency', { alertname: 'VigieBreached', severity: 'ticket' }),
  ],
} as const;

const support = (alertname: string, severity: number, clock: 'gti' | 'gtr'): Expected => ({
  alertname,
  row: `sla10.${clock}${severity}`,
  clause: 'SLA10',
  kind: 'support',
  severity: severity === 1 ? 'page' : 'ticket',
  clock,
});

const MINUTE_MS = 60_000;
const SUPPORT: readonly Expected[] = [
  support('VigieSupportDeadline', 1, 'gti'),
  support('VigieSupportLate', 1, 'gti'),
  support('VigieSupportDeadline', 1, 'gtr'),
  support('VigieSupportDeadline', 2, 'gti'),
  support('VigieSupportDeadline', 2, 'gtr'),
  support('VigieSupportDeadline', 3, 'gti'),
  support('VigieSupportDeadline', 3, 'gtr'),
];

/** Tickets whose clocks have used some 85 % of their limits, and one that waited for its answer for too long. */
function tickets(nowMs: number): readonly object[] {
  const opened = (ticket: string, severity: number, agoMs: number, isAnswered = false): readonly object[] => {
    const at = new Date(nowMs - agoMs).toISOString();
    const events = [{ ticket, event: 'opened', at, severity, complete: true }];
    return isAnswered ? [...events, { ticket, event: 'responded', at }] : events;
  };
  return [
    ...opened('unanswered-1', 1, 13 * MINUTE_MS),
    ...opened('late-1', 1, 16 * MINUTE_MS),
    ...opened('unresolved-1', 1, 102 * MINUTE_MS, true),
    ...opened('unanswered-2', 2, 26 * MINUTE_MS),
    ...opened('unresolved-2', 2, 204 * MINUTE_MS, true),
    ...opened('unanswered-3', 3, 51 * MINUTE_MS),
    ...opened('unresolved-3', 3, nowMs - workingHoursBefore(nowMs, 41), true),
  ];
}

/** The latest quarter of an hour after which so many hours lay between 8 and 20 on working days in Paris. */
function workingHoursBefore(nowMs: number, hours: number): number {
  let atMs = nowMs;
  for (let quarters = 0; quarters < 4 * hours; atMs -= 15 * MINUTE_MS) {
    const { dayOfWeek, hour } =
      Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO('Europe/Paris');
    if (dayOfWeek <= 5 && hour >= 8 && hour < 20) quarters++;
  }
  return atMs;
}

describe.skipIf(ALERTING_IS_MISSING)(
  'a region in a box → vigie → Prometheus → Alertmanager → webhook (needs prometheus and prometheus-alertmanager)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-rows-'));
    const config = join(folder, 'vigie.yaml');
    const ending: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
    let url = '';
    let region: StartedBox;
    let onCall: OnCall;

    beforeAll(async () => {
      region = await startedBox();
      ending.push(() => region.box.stop());
      mkdirSync(join(folder, 'box'));
      writeFileSync(join(folder, 'box/secret-key'), readFileSync(join(DEFAULT_CONFIG, '../box/secret-key')));
      writeFileSync(config, configuration(region));
      const vigie = startVigie(['run', '--config', config, '--no-table']);
      ending.push(async () => {
        vigie.kill('SIGTERM');
        await vigie.finished;
      });
      [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
      onCall = await startOnCall();
      ending.push(() => onCall.stop());
      const { alertmanager } = onCall;
      const prometheus = await startRules({ config, url, alertmanager, everySeconds: 1, edit: hurried });
      ending.push(() => prometheus.stop());
      await onCall.watchdog();
    }, 120_000);
    afterAll(async () => {
      for (const end of ending.reverse()) await end();
    });

    /** So many that a few that fail make the share low, and do not yet break the promise. */
    const testsAreMany = async (): Promise<true | undefined> => {
      const exposition = await (await fetch(`${url}/metrics`)).text();
      const [, tests = '0'] =
        /^vigie_sla_sample_tests\{[^}]*reading="client"[^}]*\} (\d+)/m.exec(exposition) ?? [];
      return Number(tests) >= 27 || undefined;
    };
    const setFaults = async (faults: readonly string[], isMended = false): Promise<void> => {
      for (const fault of faults) {
        const step = parseDrillStep(fault);
        if ('problem' in step) throw new Error(step.problem);
        await region.box.setFault(step.service, isMended ? undefined : step.fault);
      }
    };
    const enter = async (events: readonly object[]): Promise<void> => {
      const input = events.map((event) => JSON.stringify(event)).join('\n');
      const { code, stderr } = await runVigie(['ticket', 'import', '-', '--config', config], { input });
      expect({ code, stderr }).toMatchObject({ code: 0 });
    };
    /** An alert in all the notifications that it is part of. */
    const tellingsOf = (expected: Expected) =>
      onCall.received
        .filter(({ receiver }) => receiver === RECEIVERS[expected.severity])
        .flatMap(({ alerts, atMs }) => alerts.map((alert) => ({ ...alert, atMs })))
        .filter((alert) => isIt(alert, expected));
    const statusesOf = (expected: Expected) => tellingsOf(expected).map(({ status }) => status);
    const toldAtMs = async (expected: Expected, status: ToldAlert['status']): Promise<number> => {
      const what = `${status}: ${JSON.stringify(expected)}`;
      const { labels, atMs } = await until(
        what,
        () => tellingsOf(expected).find((alert) => alert.status === status),
        WITHIN_MS,
      );
      expect(labels).toMatchObject({ kind: 'sla', region: 'cloudgouv-eu-west-1', ...expected });
      return atMs;
    };
    const allTold = (
      expected: readonly Expected[],
      status: ToldAlert['status'],
    ): Promise<readonly number[]> => Promise.all(expected.map((one) => toldAtMs(one, status)));

    const told: string[] = [];
    /** Breaks, waits until all of it is told, mends, and waits until it is told that all has ended. */
    const drill = async (name: keyof typeof PARTS): Promise<void> => {
      const { faults, told: expected } = PARTS[name];
      const brokenMs = performance.now();
      await setFaults(faults);
      const pages = await allTold(expected, 'firing');
      const mendedMs = performance.now();
      await setFaults(faults, true);
      const ends = await allTold(expected, 'resolved');
      expected.forEach(({ row, scope }, i) =>
        told.push(
          `${row} ${scope}: page ${inSeconds((pages[i] ?? NaN) - brokenMs)} s, end ${inSeconds((ends[i] ?? NaN) - mendedMs)} s`,
        ),
      );
    };

    test(
      'every row that is broken is told of, by its labels, once, and of its end; no other is',
      { timeout: 480_000 },
      async () => {
        const nowMs = Date.now();
        await enter(tickets(nowMs));
        // So that probes have been good, and Prometheus has seen counters grow.
        await pause(6_000);
        await Promise.all([drill('services'), drill('resources'), allTold(SUPPORT, 'firing')]);
        const at = new Date().toISOString();
        const names = [...new Set(tickets(nowMs).map((event) => Reflect.get(event, 'ticket') as string))];
        await enter(names.map((ticket) => ({ ticket, event: 'resolved', at })));
        const regionIsTold = drill('region');
        await toldAtMs(incident('sla1.region', { level: 'region' }), 'resolved');
        await setFaults(LASTING.faults);
        await until('tests of IOPS', testsAreMany, WITHIN_MS);
        await drill('volume');
        await Promise.all([regionIsTold, allTold(SUPPORT, 'resolved'), allTold(LASTING.told, 'firing')]);

        process.stderr.write(
          `a region in a box, thresholds of incidents divided by ${HURRY}:\n${told.join('\n')}\n`,
        );
        const ended = Object.values(PARTS).flatMap((part): readonly Expected[] => part.told);
        expect(ended.map((one) => [one.row, one.scope, ...statusesOf(one)])).toEqual(
          ended.map(({ row, scope }) => [row, scope, 'firing', 'resolved']),
        );
        expect(LASTING.told.map(statusesOf)).toEqual(LASTING.told.map(() => ['firing']));
        const all = [...ended, ...LASTING.told, ...SUPPORT];
        const others = onCall.received
          .filter(({ receiver }) => receiver !== 'watchdog')
          .flatMap(({ receiver, alerts }) => alerts.map((alert) => ({ receiver, alert })))
          .filter(
            ({ receiver, alert }) =>
              !all.some((one) => receiver === RECEIVERS[one.severity] && isIt(alert, one)),
          );
        expect(others.map(({ receiver, alert }) => `${receiver} ${JSON.stringify(alert.labels)}`)).toEqual(
          [],
        );
      },
    );
  },
);

const RECEIVERS = { page: 'pager', ticket: 'tickets' } as const;

function isIt({ labels }: ToldAlert, { alertname, row, scope, severity }: Expected): boolean {
  return (
    labels['alertname'] === alertname &&
    labels['row'] === row &&
    labels['scope'] === scope &&
    labels['severity'] === severity
  );
}

/** The configuration of the drill for a box, its volume and IOPS looked at as often as they may be. */
function configuration({ portOffset, folder }: StartedBox): string {
  return withVolume(withPortOffset(readFileSync(DEFAULT_CONFIG, 'utf8'), portOffset), folder)
    .replace('contracts/outscale-secnumcloud.yaml', 'outscale-secnumcloud')
    .replace('../data/box', './data')
    .replace('port: 9464', 'port: 0')
    .replace('interval: 10s\n    timeout: 7s', 'interval: 7200ms\n    timeout: 7s')
    .replace('interval: 10s\n    timeout: 7s', 'interval: 4500ms\n    timeout: 4400ms');
}

function hurried(rules: string): string {
  return rules.replaceAll('max by (row) (vigie_alert_threshold{alert="incident"})', `$& / ${HURRY}`);
}
