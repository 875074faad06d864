import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALERT_NAMES } from '../../src/export/rules/alert.ts';
import { type Alertmanager, heldAlerts, startAlertmanager } from '../servers/alertmanager.ts';
import { findProgram } from '../servers/packages.ts';

const ROOT = join(import.meta.dirname, '../..');
const CONFIG = join(ROOT, 'config/alertmanager/alertmanager.yaml');

describe('runbooks', () => {
  const runbooks = readFileSync(join(ROOT, 'config/runbooks/alerts.md'), 'utf8');
  const sections = new Map(
    runbooks
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0], section]),
  );

  test('have a section for every alert and for nothing else', () => {
    expect([...sections.keys()]).toEqual([...ALERT_NAMES]);
  });

  test.each(ALERT_NAMES)('%s: what it means, how to check, what to do', (name) => {
    for (const part of ['**Means:**', '**Check:**', '**Do:**']) expect(sections.get(name)).toContain(part);
  });

  test('alerts about the contract say how to claim', () => {
    const monitor = ALERT_NAMES.indexOf('VigieDown');
    for (const name of ALERT_NAMES.slice(0, monitor)) expect(sections.get(name)).toContain('**Claim:**');
  });
});

describe.skipIf(!findProgram('amtool'))(
  'the sample Alertmanager configuration (needs prometheus-alertmanager)',
  () => {
    const amtool = (...args: readonly string[]) =>
      spawnSync(findProgram('amtool') ?? '', args, { encoding: 'utf8' });

    test('passes amtool check-config', () => {
      const checked = amtool('check-config', CONFIG);
      expect(checked.stdout).toContain('SUCCESS');
      expect(checked.status).toBe(0);
    });

    test.each([
      ['pager', 'alertname=VigieIncident severity=page kind=sla row=sla3.dns'],
      ['pager', 'alertname=VigieIncident severity=page kind=sla row=sla4.internet budget=scarce'],
      ['escalation', 'alertname=VigieTimeToBreach severity=page kind=sla escalate=true budget=scarce'],
      ['tickets', 'alertname=VigieTimeToBreach severity=ticket kind=sla escalate=true'],
      ['tickets', 'alertname=VigieBudgetLow severity=ticket kind=sla'],
      ['pager', 'alertname=VigieBlind severity=page kind=monitor'],
      ['tickets', 'alertname=VigieReloadFailed severity=ticket kind=monitor'],
      ['pager', 'alertname=VigieSupportDeadline severity=page kind=support'],
      ['watchdog', 'alertname=VigieWatchdog severity=none kind=monitor'],
    ])('to %s: %s', (receiver, labels) => {
      const routed = amtool('config', 'routes', 'test', `--config.file=${CONFIG}`, ...labels.split(' '));
      expect(routed.stdout.trim()).toBe(receiver);
    });

    describe('inhibits', () => {
      let alertmanager: Alertmanager;
      beforeAll(async () => {
        alertmanager = await startAlertmanager(readFileSync(CONFIG, 'utf8'));
      });
      afterAll(() => alertmanager.stop());

      /** Which of these alerts are suppressed, by row and name; each case has a region of its own. */
      async function suppressed(region: string, alerts: readonly Readonly<Record<string, string>>[]) {
        const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(alerts.map((labels) => ({ labels: { kind: 'sla', ...labels, region } }))),
        });
        expect(posted.status).toBe(200);
        const held = (await heldAlerts(alertmanager.url)).filter(({ labels }) => labels['region'] === region);
        expect(held).toHaveLength(alerts.length);
        return held
          .filter(({ status }) => status.inhibitedBy.length > 0)
          .map(({ labels }) => `${labels['alertname']} ${labels['scope']}`)
          .sort();
      }

      const incident = (level: string, scope: string, more: Readonly<Record<string, string>> = {}) => ({
        alertname: 'VigieIncident',
        severity: 'page',
        level,
        scope,
        row: `row-of-${level}`,
        ...more,
      });

      test('region over subregion over VM, and a service not at all', async () => {
        const alerts = [
          incident('region', 'region'),
          incident('subregion', 'az-a', { subregion: 'az-a' }),
          incident('resource', 'vm-1', { subregion: 'az-a' }),
          incident('service', 'region', { row: 'sla3.dns' }),
        ];
        expect(await suppressed('one', alerts)).toEqual(['VigieIncident az-a', 'VigieIncident vm-1']);
      });

      test('a subregion over its own VMs, not over those elsewhere or of unknown place', async () => {
        const alerts = [
          incident('subregion', 'az-a', { subregion: 'az-a' }),
          incident('resource', 'vm-1', { subregion: 'az-a' }),
          incident('resource', 'vm-2', { subregion: 'az-b' }),
          incident('resource', 'vm-3'),
        ];
        expect(await suppressed('two', alerts)).toEqual(['VigieIncident vm-1']);
      });

      test('a breach over a low budget of the same member', async () => {
        const of = (alertname: string, scope: string) => ({
          alertname,
          severity: 'ticket',
          row: 'sla9.vm',
          scope,
        });
        const alerts = [
          of('VigieBreached', 'vm-1'),
          of('VigieBudgetLow', 'vm-1'),
          of('VigieBudgetLow', 'vm-2'),
        ];
        expect(await suppressed('three', alerts)).toEqual(['VigieBudgetLow vm-1']);
      });

      test('a blind monitor over rates of what it does not see; incidents and breaches stay told', async () => {
        const of = (alertname: string, scope: string) => ({
          alertname,
          severity: 'page',
          row: 'sla3.dns',
          scope,
        });
        const alerts = [
          { ...of('VigieBlind', 'region'), kind: 'monitor' },
          of('VigieBudgetBurn', 'region'),
          of('VigieBudgetBurn', 'elsewhere'),
          of('VigieIncident', 'region'),
          of('VigieBreached', 'region'),
        ];
        expect(await suppressed('four', alerts)).toEqual(['VigieBudgetBurn region']);
      });

      test('a judge that stands still over blindness everywhere', async () => {
        const of = (alertname: string, scope: string) => ({
          alertname,
          severity: 'page',
          kind: 'monitor',
          scope,
        });
        const alerts = [of('VigieJudgeStale', ''), of('VigieBlind', 'a'), of('VigieVantageBlind', 'b')];
        expect(await suppressed('five', alerts)).toEqual(['VigieBlind a', 'VigieVantageBlind b']);
      });
    });
  },
);
