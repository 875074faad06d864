import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Observation } from '../../src/core/observation.ts';
import type { AlertRule } from '../../src/export/rules/alert.ts';
import { holds } from '../../src/export/rules/holds.ts';
import { rowGroups } from '../../src/export/rules/row-alerts.ts';
import { alertThresholds } from '../../src/export/rules/thresholds.ts';
import { judgeFor, takeIn } from '../../src/judging.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { environmentWith } from '../config/loading.ts';

const CONTRACT = readFileSync(
  join(import.meta.dirname, '../../config/contracts/outscale-secnumcloud.yaml'),
  'utf8',
);
const SLOT_MS = 10_000;
const DAY_SLOTS = 8640;
const START = Date.parse('2026-06-01T00:00:00Z') / SLOT_MS;

function configOf(vantages: readonly string[]): Config {
  const check = (id: string, row: string, path: string): string =>
    `  - { id: ${id}, probe: http, row: ${row}, interval: 10s, timeout: 3s, with: { url: "http://192.0.2.1/${path}" } }`;
  const text = `
contract: contract.yaml
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [${vantages.join(', ')}]
checks:
${check('internet', 'sla4.internet', 'a')}
${check('api', 'sla4.api', 'b')}
${check('dns', 'sla3.dns', 'c')}
`;
  const { config, problems } = loadConfig(
    'vigie.yaml',
    environmentWith({ 'vigie.yaml': text, 'contract.yaml': CONTRACT }),
  );
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}

/** Runs slots through the judge as they come, and gives the alerts that fire, each at the slot it begins at. */
async function alertsOf(
  vantages: readonly string[],
  slots: number,
  isBad: (slot: number, vantage: string) => boolean,
): Promise<readonly string[]> {
  const config = configOf(vantages);
  const rules = rowGroups(config).flatMap((group) => group.rules);
  const thresholds = alertThresholds(config);
  const store = memoryStore();
  const judge = judgeFor(config);
  const lastTrue = new Map<AlertRule, number>();
  const told: string[] = [];
  for (let i = 0; i < slots; i++) {
    await store.put(
      config.checks.flatMap((check) =>
        vantages.map((vantage): Observation => {
          const about = { check: check.id, intervalMs: SLOT_MS, vantage, slot: START + i };
          return isBad(i, vantage)
            ? { ...about, outcome: 'bad', cause: 'timeout' }
            : { ...about, outcome: 'good' };
        }),
      ),
    );
    const nowMs = (START + i + 1) * SLOT_MS;
    await takeIn(judge, store, nowMs);
    const verdicts = [...judge.verdicts(nowMs)].filter(({ reading }) => reading === 'client');
    for (const rule of rules) {
      const verdict = verdicts.find(({ row }) => row === rule.labels.row);
      if (!verdict) continue;
      const isFiring = ({ alert }: { readonly alert: string }): boolean =>
        [...lastTrue.keys()].some((one) => one.name === alert && one.labels.row === rule.labels.row);
      const isTrue = holds(rule.condition, { verdict, isUnderMaintenance: false, thresholds, isFiring });
      if (isTrue && !lastTrue.has(rule))
        told.push(`${i} ${rule.labels.severity} ${rule.name} ${rule.labels.row}`);
      if (isTrue) lastTrue.set(rule, nowMs);
      else if (nowMs - (lastTrue.get(rule) ?? 0) > rule.keepMs) lastTrue.delete(rule);
    }
  }
  return told;
}

/** A small generator of pseudo-random numbers in [0, 1), the same on every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('alerts over simulated time', () => {
  test('24 hours of 0.1 % random failures of single vantages: no page', { timeout: 120_000 }, async () => {
    const random = seeded(7);
    let failures = 0;
    const told = await alertsOf(['a', 'b', 'c'], DAY_SLOTS, () => {
      const fails = random() < 0.001;
      failures += Number(fails);
      return fails;
    });
    expect(failures).toBeGreaterThan(50);
    expect(told.filter((alert) => alert.includes(' page '))).toEqual([]);
  });

  test('an outage of 30 s pages for the 99.999 % row at its first slot, and for no other', async () => {
    const told = await alertsOf(['a', 'b', 'c'], 60, (slot) => slot >= 30 && slot < 33);
    expect(told).toEqual(['30 page VigieIncident sla4.internet']);
  });

  test('one vantage alone pages for it when the outage is confirmed', async () => {
    const told = await alertsOf(['a'], 60, (slot) => slot >= 30 && slot < 33);
    expect(told).toEqual(['31 page VigieIncident sla4.internet']);
  });

  test('an outage of five minutes: each row once at its threshold, the escalation at half of what there was', async () => {
    const told = await alertsOf(['a', 'b', 'c'], 90, (slot) => slot >= 30 && slot < 60);
    expect(told.filter((alert) => alert.includes(' page '))).toEqual([
      '30 page VigieIncident sla4.internet',
      '35 page VigieIncident sla4.api',
      '40 page VigieIncident sla3.dns',
      '51 page VigieTimeToBreach sla4.internet',
    ]);
  });

  test('half a minute down in every five: no incident pages for 99.9 %, the burn rate does', async () => {
    const told = await alertsOf(['a', 'b', 'c'], 400, (slot) => slot >= 210 && slot % 30 < 3);
    expect(told.filter((alert) => alert.endsWith('sla4.api') && alert.includes(' page '))).toEqual([
      '243 page VigieBudgetBurn sla4.api',
    ]);
  });
});
