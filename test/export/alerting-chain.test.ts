import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, runVigie, startVigie } from '../commands/spawn-vigie.ts';
import { type Alertmanager, startAlertmanager } from '../servers/alertmanager.ts';
import { findProgram } from '../servers/packages.ts';
import { type Prometheus, startPrometheus } from '../servers/prometheus.ts';
import { type Notification, startWebhook, type Webhook } from '../servers/webhook.ts';

const SAMPLE = readFileSync(join(import.meta.dirname, '../../config/alertmanager/alertmanager.yaml'), 'utf8');
/** An incident of a 99.9 % month is told from this on; the check looks every 2 s. */
const API_THRESHOLD_MS = 60_000;
/** From the beginning of an outage of a 99.999 % row to the pager (goal of the pull way). */
const GOAL_MS = 65_000;

async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs: number,
): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; await pause(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`it did not come to be so: ${what}`);
}

describe.skipIf(!findProgram('prometheus') || !findProgram('prometheus-alertmanager'))(
  'vigie → Prometheus → Alertmanager → webhook (needs prometheus and prometheus-alertmanager)',
  () => {
    let folder = '';
    let status = 200;
    let target: Server;
    let vigie: Running;
    let webhook: Webhook;
    let alertmanager: Alertmanager;
    let prometheus: Prometheus;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'vigie-chain-'));
      target = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
      await once(target, 'listening');
      const config = join(folder, 'vigie.yaml');
      writeFileSync(config, configuration((target.address() as AddressInfo).port));
      vigie = startVigie(['run', '--config', config, '--no-table']);
      const [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
      const generated = await runVigie(['rules', '--config', config]);
      if (generated.code !== 0) throw new Error(generated.stderr);
      webhook = await startWebhook();
      alertmanager = await startAlertmanager(hurried(SAMPLE, webhook.port));
      prometheus = await startPrometheus({
        target: new URL(url).host,
        rules: generated.stdout.replace(/^ {4}interval: .*\n/gm, ''),
        alertmanager: new URL(alertmanager.url).host,
        everySeconds: 1,
      });
    });
    afterAll(async () => {
      await prometheus.stop();
      await alertmanager.stop();
      await webhook.stop();
      vigie.kill('SIGTERM');
      await vigie.finished;
      target.closeAllConnections();
      target.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const pagesOf = (row: string): readonly Notification[] =>
      webhook.received.filter(
        ({ receiver, alerts }) => receiver === 'pager' && alerts.some(({ labels }) => labels['row'] === row),
      );
    const told = (row: string, wanted: Notification['status']) => (): Notification | undefined =>
      pagesOf(row).find((notification) => notification.status === wanted);

    test(
      'an outage, flapping at its end, is told once for each row and resolved once',
      { timeout: 150_000 },
      async () => {
        await until(
          'the watchdog',
          () => webhook.received.find(({ receiver }) => receiver === 'watchdog'),
          30_000,
        );

        // So that Prometheus has seen counters grow.
        await pause(5_000);

        const beganMs = performance.now();
        status = 503;
        const scarce = await until('99.999 % paged', told('sla4.internet', 'firing'), 30_000);
        const api = await until('99.9 % paged', told('sla4.api', 'firing'), API_THRESHOLD_MS + 30_000);
        status = 200;
        await pause(2_200);
        status = 503;
        await pause(4_000);
        status = 200;
        const mendedMs = performance.now();
        const resolved = await until('99.9 % resolved', told('sla4.api', 'resolved'), 30_000);
        // The incident of the other row ends with its merge gap of 90 s.
        await pause(3_000);

        expect(pagesOf('sla4.api').map((page) => page.status)).toEqual(['firing', 'resolved']);
        expect(pagesOf('sla4.internet').map((page) => page.status)).toEqual(['firing']);
        expect(webhook.received.filter(({ receiver }) => receiver === 'escalation')).toEqual([]);
        expect(scarce.atMs - beganMs).toBeLessThan(GOAL_MS);

        const [alert] = scarce.alerts;
        expect(alert?.labels).toMatchObject({
          alertname: 'VigieIncident',
          severity: 'page',
          budget: 'scarce',
          scope: 'region',
        });
        const text = alert?.annotations['description'] ?? '';
        expect(text).toContain('SLA4 promises 99.999 % a year: Availability of Internet access.');
        expect(text).toMatch(/Incident since 20\d\d-.* of it bad\. Causes seen: status\./);
        expect(text).toContain('Vantages that saw it bad in the last 5 minutes: local; good: local.');
        expect(text).toMatch(
          /Budget left: 5m 15s of 5m 15s\. An outage from now on would break the promise after 7m/,
        );
        expect(text).toMatch(/Not known: .* of this year were not seen/);
        expect(alert?.annotations['incident']).toBe(
          'https://vigie.example.org/rows/sla4.internet?scope=region',
        );

        const seconds = (ms: number): string => (ms / 1000).toFixed(1);
        process.stderr.write(
          `alerting chain, checks of 2 s, scrapes and evaluations of 1 s: outage to page ${seconds(scarce.atMs - beganMs)} s ` +
            `(99.999 %), ${seconds(api.atMs - beganMs)} s (99.9 %, told from 60 s on); end to resolve ${seconds(resolved.atMs - mendedMs)} s\n`,
        );
      },
    );
  },
);

function configuration(port: number): string {
  const check = (id: string, row: string, path: string): string =>
    `  - { id: ${id}, probe: http, row: ${row}, interval: 2s, timeout: 1500ms, with: { url: "http://127.0.0.1:${port}/${path}" } }`;
  return `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
listen: { port: 0 }
alerting: { url: "https://vigie.example.org/" }
checks:
${check('internet', 'sla4.internet', 'a')}
${check('api', 'sla4.api', 'b')}
`;
}

/** The sample with its receivers here, and without the patience that spares people repeated notifications. */
function hurried(sample: string, port: number): string {
  return sample
    .replaceAll('127.0.0.1:9099', `127.0.0.1:${port}`)
    .replaceAll(/group_wait: (?!0s)\w+/g, 'group_wait: 1s')
    .replaceAll(/group_interval: \w+/g, 'group_interval: 1s');
}
