import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Observation } from '../../src/core/observation.ts';
import { AlertBook } from '../../src/export/alerting/alert-book.ts';
import type { TrackedAlert } from '../../src/export/alerting/watched.ts';
import { factsOf, memberKey, thresholdTable } from '../../src/export/alerting/facts.ts';
import { activeMaintenance, membersUnderMaintenance } from '../../src/export/rules/maintenance.ts';
import { alertThresholds } from '../../src/export/rules/thresholds.ts';
import { judgeFor, takeIn } from '../../src/casework/judging.ts';
import { memoryStore } from '../../src/window/memory.ts';
import { environmentWith } from '../config/loading.ts';

const CONTRACT = readFileSync(
  join(import.meta.dirname, '../../config/contracts/outscale-secnumcloud.yaml'),
  'utf8',
);

/** One slot of a simulation. */
export const SLOT_MS = 10_000;
const START = Date.parse('2026-06-01T00:00:00Z') / SLOT_MS;

/** When a slot of a simulation begins. */
export const slotMs = (slot: number): number => (START + slot) * SLOT_MS;

/** What a vantage sees of a check in a slot; nothing when absent, the loss of an object when `lost`. */
export type Seeing = (slot: number, vantage: string, check: string) => 'good' | 'bad' | 'lost' | undefined;

/** A configuration of checks of 10 s of these rows, each by the name of its row. */
export function simulated(rows: readonly string[], vantages: readonly string[], more: object = {}): Config {
  const document = {
    contract: 'contract.yaml',
    region: 'cloudgouv-eu-west-1',
    deployment: { subregions: ['a', 'b', 'c'].map((letter) => `cloudgouv-eu-west-1${letter}`) },
    vantages,
    checks: rows.map((row) => ({
      id: row,
      probe: 'http',
      row,
      interval: '10s',
      timeout: '3s',
      with: { url: `http://192.0.2.1/${row}` },
    })),
    ...more,
  };
  const { config, problems } = loadConfig(
    'vigie.yaml',
    environmentWith({ 'vigie.yaml': stringify(document), 'contract.yaml': CONTRACT }),
  );
  if (!config) throw new Error(JSON.stringify(problems));
  return config;
}

/** An alert that began to fire in a slot, or ended in it. */
export interface Told {
  readonly slot: number;
  readonly what: 'fires' | 'ends';
  readonly severity: string;
  readonly name: string;
  readonly row: string;
  readonly alert: TrackedAlert;
}

/** One line for each, to compare with. */
export const lineOf = ({ slot, what, severity, name, row }: Told): string =>
  [slot, ...(what === 'fires' ? [] : [what]), severity, name, row].join(' ');

/**
 * Judges slots as they come and decides the alerts after each; `restartAt`: a new process takes over before that slot,
 * which knows nothing but the windows.
 */
export async function simulate(
  config: Config,
  slots: number,
  see: Seeing,
  restartAt?: number,
): Promise<readonly Told[]> {
  const store = memoryStore();
  const thresholdOf = thresholdTable(alertThresholds(config));
  let judge = judgeFor(config);
  let book = new AlertBook(config);
  let before = new Map<string, TrackedAlert>();
  const told: Told[] = [];
  for (let slot = 0; slot < slots; slot++) {
    if (slot === restartAt) {
      judge = judgeFor(config);
      book = new AlertBook(config);
    }
    await store.put(config.checks.flatMap(({ id, vantages }) => observed(id, vantages, slot, see)));
    const nowMs = slotMs(slot + 1);
    await takeIn(judge, store, nowMs);
    const members = membersUnderMaintenance(config, activeMaintenance(config.exclusions, nowMs));
    for (const _slice of book.update(
      factsOf({
        atMs: nowMs,
        verdicts: [...judge.verdicts(nowMs)],
        reading: 'client',
        thresholdOf,
        maintained: new Set(
          members.filter(({ isActive }) => isActive).map(({ row, scope }) => memberKey(row, scope)),
        ),
        support: { elapsed: [], warnings: [] },
        claims: [],
      }),
    ));
    const after = new Map(
      book
        .alerts(nowMs)
        .filter(({ state }) => state.phase === 'firing')
        .map((alert) => [JSON.stringify(alert.labels), alert]),
    );
    for (const [key, alert] of after) if (!before.has(key)) told.push(toldOf(slot, 'fires', alert));
    for (const [key, alert] of before) if (!after.has(key)) told.push(toldOf(slot, 'ends', alert));
    before = after;
  }
  return told;
}

function observed(
  check: string,
  vantages: readonly string[],
  slot: number,
  see: Seeing,
): readonly Observation[] {
  return vantages.flatMap((vantage): readonly Observation[] => {
    const outcome = see(slot, vantage, check);
    const about = { check, intervalMs: SLOT_MS, vantage, slot: START + slot };
    if (outcome === undefined) return [];
    if (outcome === 'good') return [{ ...about, outcome }];
    return [{ ...about, outcome: 'bad', cause: outcome === 'lost' ? 'lost' : 'timeout' }];
  });
}

function toldOf(slot: number, what: Told['what'], alert: TrackedAlert): Told {
  const { severity = '', alertname: name = '', row = '' } = alert.labels;
  return { slot, what, severity, name, row, alert };
}
