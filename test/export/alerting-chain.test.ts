import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startVigie } from '../commands/spawn-vigie.ts';
import type { Prometheus } from '../servers/prometheus.ts';
import {
  ALERTING_IS_MISSING,
  checkYaml,
  inSeconds,
  type OnCall,
  startOnCall,
  startRules,
} from './on-call.ts';

/** An incident of a 99.9 % month is told from this on; the check looks every 2 s. */
const API_THRESHOLD_MS = 60_000;
/** From the beginning of an outage of a 99.999 % row to the pager (goal of the pull way). */
const GOAL_MS = 65_000;

describe.skipIf(ALERTING_IS_MISSING)(
  'vigie → Prometheus → Alertmanager → webhook (needs prometheus and prometheus-alertmanager)',
  () => {
    let folder = '';
    let status = 200;
    let target: Server;
    let vigie: Running;
    let onCall: OnCall;
    let prometheus: Prometheus;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'vigie-chain-'));
      target = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
      await once(target, 'listening');
      const config = join(folder, 'vigie.yaml');
      writeFileSync(config, configuration((target.address() as AddressInfo).port));
      vigie = startVigie(['run', '--config', config, '--no-table']);
      const [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
      onCall = await startOnCall();
      const { alertmanager } = onCall;
      prometheus = await startRules({ config, url: url ?? '', alertmanager, everySeconds: 1 });
    });
    afterAll(async () => {
      await prometheus.stop();
      await onCall.stop();
      vigie.kill('SIGTERM');
      await vigie.finished;
      target.closeAllConnections();
      target.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test(
      'an outage, flapping at its end, is told once for each row and resolved once',
      { timeout: 150_000 },
      async () => {
        const { pagesOf, paged, received, watchdog } = onCall;
        await watchdog();

        // So that Prometheus has seen counters grow.
        await pause(5_000);

        const beganMs = performance.now();
        status = 503;
        const scarce = await paged('sla4.internet', 'firing', 30_000);
        const api = await paged('sla4.api', 'firing', API_THRESHOLD_MS + 30_000);
        status = 200;
        await pause(2_200);
        status = 503;
        await pause(4_000);
        status = 200;
        const mendedMs = performance.now();
        const resolved = await paged('sla4.api', 'resolved', 30_000);
        // The incident of the other row ends with its merge gap of 90 s.
        await pause(3_000);

        expect(pagesOf('sla4.api').map((page) => page.status)).toEqual(['firing', 'resolved']);
        expect(pagesOf('sla4.internet').map((page) => page.status)).toEqual(['firing']);
        expect(received.filter(({ receiver }) => receiver === 'escalation')).toEqual([]);
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

        process.stderr.write(
          `alerting chain, checks of 2 s, scrapes and evaluations of 1 s: outage to page ${inSeconds(scarce.atMs - beganMs)} s ` +
            `(99.999 %), ${inSeconds(api.atMs - beganMs)} s (99.9 %, told from 60 s on); end to resolve ${inSeconds(resolved.atMs - mendedMs)} s\n`,
        );
      },
    );
  },
);

function configuration(port: number): string {
  return `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
listen: { port: 0 }
alerting: { url: "https://vigie.example.org/" }
checks:
${checkYaml('internet', 'sla4.internet', port)}
${checkYaml('api', 'sla4.api', port)}
`;
}
