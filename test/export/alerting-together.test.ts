import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startVigie } from '../commands/spawn-vigie.ts';
import { type Alertmanager, heldAlerts } from '../servers/alertmanager.ts';
import type { Prometheus } from '../servers/prometheus.ts';
import { freePort } from '../servers/started-program.ts';
import type { Notification } from '../servers/webhook.ts';
import {
  ALERTING_IS_MISSING,
  checkYaml,
  inSeconds,
  type OnCall,
  startOnCall,
  startRules,
  until,
} from './on-call.ts';

/** From the beginning of an outage of a 99.999 % row to the pager. */
const GOALS_S = { pull: 65, push: 40 } as const;
/** Seconds between looks, scrapes and evaluations: here, and where it is meant for. */
const HERE = { slot: 2, scrape: 3, evaluation: 3 } as const;
const PRODUCTION = { slot: 10, scrape: 15, evaluation: 10 } as const;
/** Two slots in a row must be bad before one vantage alone is believed. */
const SLOTS_TO_BELIEVE = 2;

/** An alert is kept for five slots after the last bad one; its end is then told at once by who tells alone. */
const ALONE_RESOLVED_MS = 20_000;

const ROWS = ['plain', 'killed', 'deaf', 'amnesic', 'alone'] as const;
type Row = (typeof ROWS)[number];

/** Rows of which every confirmed outage pages at once, and whose incidents end with them. */
const CONTRACT = `
id: together
version: '1'
timezone: Etc/UTC
period: {}
readings: { text: {} }
rows:
${ROWS.map((id) => `  - { id: ${id}, clause: C1, title: Row ${id}, type: availability, target: '99.999', period: year }`).join('\n')}
`;

describe.skipIf(ALERTING_IS_MISSING)(
  'rules and push together (needs prometheus and prometheus-alertmanager)',
  () => {
    const down = new Set<string>();
    let folder = '';
    let target: Server;
    let onCall: OnCall;
    let alertmanager: Alertmanager;
    let prometheus: Prometheus;
    let vigie: Running;
    let lonely: Running;
    let url = '';

    const start = async (name: string): Promise<Running> => {
      const running = startVigie(['run', '--config', join(folder, `${name}.yaml`), '--no-table']);
      await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
      return running;
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'vigie-together-'));
      target = createServer((request, response) =>
        response.writeHead(down.has((request.url ?? '').slice(1)) ? 503 : 200).end(),
      ).listen(0, '127.0.0.1');
      await once(target, 'listening');
      onCall = await startOnCall();
      alertmanager = onCall.alertmanager;
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      writeFileSync(join(folder, 'contract.yaml'), CONTRACT);
      const checked = (target.address() as AddressInfo).port;
      const of = (name: string, listen: number, push: Watched['push'], rows: readonly Row[]): void =>
        writeFileSync(
          join(folder, `${name}.yaml`),
          configuration({ name, listen, rows, checked, push, alertmanager: alertmanager.url }),
        );
      of('both', port, true, ROWS.slice(0, -1));
      of('lonely', 0, 'alone', ['alone']);
      [vigie, lonely] = await Promise.all([start('both'), start('lonely')]);
      const config = join(folder, 'both.yaml');
      prometheus = await startRules({ config, url, alertmanager, everySeconds: HERE.scrape });
      await onCall.watchdog();
    }, 60_000);
    afterAll(async () => {
      await prometheus.stop();
      for (const one of [vigie, lonely]) one.kill('SIGTERM');
      await Promise.all([vigie.finished, lonely.finished]);
      await onCall.stop();
      target.closeAllConnections();
      target.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const pagesOf = (row: Row): readonly Notification[] => onCall.pagesOf(row);
    const told = (row: Row, status: Notification['status']): Promise<Notification> =>
      onCall.paged(row, status, 90_000);
    const toldOnce = (row: Row): void =>
      expect(pagesOf(row).map(({ status }) => status)).toEqual(['firing', 'resolved']);
    const firingInPrometheus = async (row: Row): Promise<true | undefined> => {
      const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
      const { data } = (await answer.json()) as {
        data: {
          alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
        };
      };
      const isTheIncident = ({ state, labels }: (typeof data.alerts)[number]): boolean =>
        state === 'firing' && labels['row'] === row && labels['alertname'] === 'VigieIncident';
      return data.alerts.some(isTheIncident) || undefined;
    };

    test(
      'each outage is told once and resolved once, whatever happens meanwhile',
      { timeout: 600_000 },
      async () => {
        // Nobody but the process itself tells of this one: no rules are made for it.
        const lonelyBeganMs = performance.now();
        down.add('alone');
        const alone = await told('alone', 'firing');
        await pause(4_000);
        down.delete('alone');
        const lonelyMendedMs = performance.now();

        const beganMs = performance.now();
        down.add('plain');
        const plain = await told('plain', 'firing');
        await until('Prometheus tells it, too', () => firingInPrometheus('plain'), 30_000);
        const held = (await heldAlerts(alertmanager.url)).filter(({ labels }) => labels['row'] === 'plain');
        // The fingerprint is that of the labels: of the rule's and of those that are pushed.
        expect(held.filter(({ labels }) => labels['alertname'] === 'VigieIncident')).toHaveLength(1);
        const outcomes = await (await fetch(`${url}/metrics`)).text();
        expect(outcomes).toMatch(/vigie_alert_push_total\{[^}]*result="accepted"[^}]*\} [1-9]/);
        down.delete('plain');
        const mendedMs = performance.now();
        const resolved = await told('plain', 'resolved');

        down.add('killed');
        await told('killed', 'firing');
        vigie.kill('SIGKILL');
        await vigie.finished;
        vigie = await start('both');
        await pause(15_000);
        expect(pagesOf('killed').map(({ status }) => status)).toEqual(['firing']);
        down.delete('killed');
        await told('killed', 'resolved');

        // Five minutes of Prometheus' life are 20 scrapes of 15 s.
        await prometheus.halt();
        down.add('deaf');
        await told('deaf', 'firing');
        await pause(20 * HERE.scrape * 1000);
        await prometheus.resume();
        await until('Prometheus tells it again', () => firingInPrometheus('deaf'), 30_000);
        await pause(5_000);
        expect(pagesOf('deaf').map(({ status }) => status)).toEqual(['firing']);
        down.delete('deaf');
        await told('deaf', 'resolved');

        down.add('amnesic');
        await told('amnesic', 'firing');
        await alertmanager.halt();
        await pause(2_000);
        await alertmanager.resume();
        await until(
          'the Alertmanager knows of it again',
          async () =>
            (await heldAlerts(alertmanager.url)).some(({ labels }) => labels['row'] === 'amnesic') ||
            undefined,
          60_000,
        );
        await pause(5_000);
        expect(pagesOf('amnesic').map(({ status }) => status)).toEqual(['firing']);
        down.delete('amnesic');
        await told('amnesic', 'resolved');

        const lonelyResolved = await told('alone', 'resolved');
        await pause(10_000);
        for (const row of ROWS) toldOnce(row);

        const [alert] = plain.alerts;
        const begins = pagesOf('deaf')[0]?.alerts[0];
        expect(begins?.annotations['description']).toContain('C1 promises 99.999 % a year: Row deaf.');
        expect(begins?.annotations['description']).toMatch(
          /Vantages that last saw it bad: local; good: none\./,
        );
        expect(alert?.labels).toMatchObject({ alertname: 'VigieIncident', row: 'plain', budget: 'scarce' });

        const push = inSeconds(alone.atMs - lonelyBeganMs);
        const either = inSeconds(plain.atMs - beganMs);
        const pushed = push + SLOTS_TO_BELIEVE * (PRODUCTION.slot - HERE.slot);
        const pulled =
          either +
          SLOTS_TO_BELIEVE * (PRODUCTION.slot - HERE.slot) +
          PRODUCTION.scrape +
          PRODUCTION.evaluation;
        expect(pushed).toBeLessThan(GOALS_S.push);
        expect(pulled).toBeLessThan(GOALS_S.pull);
        expect(lonelyResolved.atMs - lonelyMendedMs).toBeLessThan(ALONE_RESOLVED_MS);
        process.stderr.write(
          `rules and push together, slots of 2 s, scrapes and evaluations of 3 s: outage to page ${either} s, ` +
            `by push alone ${push} s; end to resolve ${inSeconds(resolved.atMs - mendedMs)} s, ` +
            `by push alone ${inSeconds(lonelyResolved.atMs - lonelyMendedMs)} s. With slots of 10 s, scrapes of 15 s and ` +
            `evaluations of 10 s: at most ${pushed.toFixed(1)} s by push (goal ${GOALS_S.push}), ` +
            `${pulled.toFixed(1)} s by rules (goal ${GOALS_S.pull}).\n`,
        );
      },
    );
  },
);

interface Watched {
  readonly name: string;
  readonly listen: number;
  readonly push: true | 'alone';
  readonly rows: readonly Row[];
  readonly checked: number;
  readonly alertmanager: string;
}

function configuration({ name, listen, push, rows, checked, alertmanager }: Watched): string {
  return `
contract: contract.yaml
region: ${name}
dataDir: ./data-${name}
listen: { port: ${listen} }
alerting: { push: ${push}, alertmanagers: ["${alertmanager}"] }
checks:
${rows.map((row) => checkYaml(row, row, checked)).join('\n')}
`;
}
