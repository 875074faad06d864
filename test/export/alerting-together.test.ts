import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startVigie } from '../commands/spawn-vigie.ts';
import { heldAlerts } from '../servers/alertmanager.ts';
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

/** What each vigie looks at: of the rows of the first two Prometheus tells as well, of the last one's nobody else. */
const ROWS = { steady: ['plain', 'killed', 'amnesic'], deaf: ['deaf'], lonely: ['alone'] } as const;
type Row = (typeof ROWS)[keyof typeof ROWS][number];

/** Rows of which every confirmed outage pages at once, and whose incidents end with them. */
const CONTRACT = `
id: together
version: '1'
timezone: Etc/UTC
period: {}
readings: { text: {} }
rows:
${Object.values(ROWS)
  .flat()
  .map(
    (id) =>
      `  - { id: ${id}, clause: C1, title: Row ${id}, type: availability, target: '99.999', period: year }`,
  )
  .join('\n')}
`;

/** Who tells of the rows of a vigie, and who is told. */
interface Chain {
  readonly url: string;
  readonly prometheus: Prometheus;
  readonly onCall: OnCall;
  /** Kills the vigie, and starts it again. */
  readonly restart: () => Promise<void>;
}

describe.skipIf(ALERTING_IS_MISSING)(
  'rules and push together (needs prometheus and prometheus-alertmanager)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-together-'));
    const ending: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
    const down = new Set<string>();
    let target: Server;
    let steady: Chain;
    let deaf: Chain;

    const start = async (name: keyof typeof ROWS): Promise<Running> => {
      const running = startVigie(['run', '--config', join(folder, `${name}.yaml`), '--no-table']);
      await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
      return running;
    };
    const configure = (name: keyof typeof ROWS, more: Pick<Watched, 'listen' | 'push' | 'alertmanager'>) => {
      const { port } = target.address() as AddressInfo;
      const config = join(folder, `${name}.yaml`);
      writeFileSync(config, configuration({ name, rows: ROWS[name], checked: port, ...more }));
      return config;
    };
    const stop = async (vigie: Running): Promise<void> => {
      vigie.kill('SIGTERM');
      await vigie.finished;
    };
    const startChain = async (name: 'steady' | 'deaf'): Promise<Chain> => {
      const onCall = await startOnCall();
      ending.push(() => onCall.stop());
      const { alertmanager } = onCall;
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const config = configure(name, { listen: port, push: true, alertmanager: alertmanager.url });
      let vigie = await start(name);
      ending.push(() => stop(vigie));
      const prometheus = await startRules({ config, url, alertmanager, everySeconds: HERE.scrape });
      ending.push(() => prometheus.stop());
      await onCall.watchdog();
      const restart = async (): Promise<void> => {
        vigie.kill('SIGKILL');
        await vigie.finished;
        vigie = await start(name);
      };
      return { url, prometheus, onCall, restart };
    };

    beforeAll(async () => {
      target = createServer((request, response) =>
        response.writeHead(down.has((request.url ?? '').slice(1)) ? 503 : 200).end(),
      ).listen(0, '127.0.0.1');
      await once(target, 'listening');
      writeFileSync(join(folder, 'contract.yaml'), CONTRACT);
      [steady, deaf] = await Promise.all([startChain('steady'), startChain('deaf')]);
      configure('lonely', { listen: 0, push: 'alone', alertmanager: deaf.onCall.alertmanager.url });
      const lonely = await start('lonely');
      ending.push(() => stop(lonely));
    }, 60_000);
    afterAll(async () => {
      for (const end of ending.reverse()) await end();
      target.closeAllConnections();
      target.close();
    });

    const told = ({ onCall }: Chain, row: Row, status: Notification['status']): Promise<Notification> =>
      onCall.paged(row, status, 90_000);
    const statusesOf = ({ onCall }: Chain, row: Row) => onCall.pagesOf(row).map(({ status }) => status);
    const firingInPrometheus = async ({ prometheus }: Chain, row: Row): Promise<true | undefined> => {
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

    describe.concurrent('each outage is told once and resolved once', { timeout: 600_000 }, () => {
      test('by both at once, though vigie is killed, and though the Alertmanager forgets', async () => {
        const { url, onCall, restart } = steady;
        const { alertmanager } = onCall;
        const beganMs = performance.now();
        down.add('plain');
        const plain = await told(steady, 'plain', 'firing');
        await until('Prometheus tells it, too', () => firingInPrometheus(steady, 'plain'), 30_000);
        const held = (await heldAlerts(alertmanager.url)).filter(({ labels }) => labels['row'] === 'plain');
        // The fingerprint is that of the labels: of the rule's and of those that are pushed.
        expect(held.filter(({ labels }) => labels['alertname'] === 'VigieIncident')).toHaveLength(1);
        const outcomes = await (await fetch(`${url}/metrics`)).text();
        expect(outcomes).toMatch(/vigie_alert_push_total\{[^}]*result="accepted"[^}]*\} [1-9]/);
        down.delete('plain');
        const mendedMs = performance.now();
        const resolved = await told(steady, 'plain', 'resolved');

        down.add('killed');
        await told(steady, 'killed', 'firing');
        await restart();
        await pause(15_000);
        expect(statusesOf(steady, 'killed')).toEqual(['firing']);
        down.delete('killed');
        await told(steady, 'killed', 'resolved');

        down.add('amnesic');
        await told(steady, 'amnesic', 'firing');
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
        expect(statusesOf(steady, 'amnesic')).toEqual(['firing']);
        down.delete('amnesic');
        await told(steady, 'amnesic', 'resolved');

        await pause(10_000);
        expect(ROWS.steady.map((row) => [row, ...statusesOf(steady, row)])).toEqual(
          ROWS.steady.map((row) => [row, 'firing', 'resolved']),
        );
        const [alert] = plain.alerts;
        expect(alert?.labels).toMatchObject({ alertname: 'VigieIncident', row: 'plain', budget: 'scarce' });

        const either = inSeconds(plain.atMs - beganMs);
        const pulled =
          either +
          SLOTS_TO_BELIEVE * (PRODUCTION.slot - HERE.slot) +
          PRODUCTION.scrape +
          PRODUCTION.evaluation;
        expect(pulled).toBeLessThan(GOALS_S.pull);
        process.stderr.write(
          `rules and push together, slots of 2 s, scrapes and evaluations of 3 s: outage to page ${either} s, ` +
            `end to resolve ${inSeconds(resolved.atMs - mendedMs)} s. With slots of 10 s, scrapes of 15 s and ` +
            `evaluations of 10 s: at most ${pulled.toFixed(1)} s by rules (goal ${GOALS_S.pull}).\n`,
        );
      });

      test('by push, with nobody but the process itself to tell, and while Prometheus is away', async () => {
        // No rules are made for this one.
        const beganMs = performance.now();
        down.add('alone');
        const alone = await told(deaf, 'alone', 'firing');
        await pause(4_000);
        down.delete('alone');
        const mendedMs = performance.now();

        // Five minutes of Prometheus' life are 20 scrapes of 15 s.
        await deaf.prometheus.halt();
        down.add('deaf');
        await told(deaf, 'deaf', 'firing');
        await pause(20 * HERE.scrape * 1000);
        await deaf.prometheus.resume();
        await until('Prometheus tells it again', () => firingInPrometheus(deaf, 'deaf'), 30_000);
        await pause(5_000);
        expect(statusesOf(deaf, 'deaf')).toEqual(['firing']);
        down.delete('deaf');
        await told(deaf, 'deaf', 'resolved');

        const resolved = await told(deaf, 'alone', 'resolved');
        await pause(10_000);
        expect(statusesOf(deaf, 'deaf')).toEqual(['firing', 'resolved']);
        expect(statusesOf(deaf, 'alone')).toEqual(['firing', 'resolved']);
        const text = deaf.onCall.pagesOf('deaf')[0]?.alerts[0]?.annotations['description'];
        expect(text).toContain('C1 promises 99.999 % a year: Row deaf.');
        expect(text).toMatch(/Vantages that last saw it bad: local; good: none\./);

        const push = inSeconds(alone.atMs - beganMs);
        const pushed = push + SLOTS_TO_BELIEVE * (PRODUCTION.slot - HERE.slot);
        expect(pushed).toBeLessThan(GOALS_S.push);
        expect(resolved.atMs - mendedMs).toBeLessThan(ALONE_RESOLVED_MS);
        process.stderr.write(
          `by push alone, slots of 2 s: outage to page ${push} s, end to resolve ${inSeconds(resolved.atMs - mendedMs)} s. ` +
            `With slots of 10 s: at most ${pushed.toFixed(1)} s (goal ${GOALS_S.push}).\n`,
        );
      });
    });
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
