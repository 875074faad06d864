import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runVigie } from '../commands/spawn-vigie.ts';
import { type Alertmanager, startAlertmanager } from '../servers/alertmanager.ts';
import { findProgram } from '../servers/packages.ts';
import { type Prometheus, startPrometheus } from '../servers/prometheus.ts';
import { type Notification, startWebhook } from '../servers/webhook.ts';

const SAMPLE = readFileSync(join(import.meta.dirname, '../../config/alertmanager/alertmanager.yaml'), 'utf8');

/** Whether the programs are missing that bring alerts to people. */
export const ALERTING_IS_MISSING = !findProgram('prometheus') || !findProgram('prometheus-alertmanager');

/** An alert within a notification. */
export type ToldAlert = Notification['alerts'][number];

/** The people on call, and the Alertmanager that tells them: the sample configuration, all receivers at one webhook. */
export interface OnCall {
  readonly alertmanager: Alertmanager;
  /** All that anyone was told, in order. */
  readonly received: readonly Notification[];
  /** What the pager was told of a row, in order. */
  readonly pagesOf: (row: string) => readonly Notification[];
  /** The first page of a row with this status; rejects when there is none in time. */
  readonly paged: (row: string, status: Notification['status'], limitMs: number) => Promise<Notification>;
  /** Resolves when the watchdog was heard: Prometheus evaluates, and Alertmanager tells. */
  readonly watchdog: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts an Alertmanager with the sample configuration, without the patience that spares people repeated notifications. */
export async function startOnCall(): Promise<OnCall> {
  const webhook = await startWebhook();
  const { received } = webhook;
  const alertmanager = await startAlertmanager(hurried(SAMPLE, webhook.port));
  const pagesOf = (row: string): readonly Notification[] =>
    received.filter(
      ({ receiver, alerts }) => receiver === 'pager' && alerts.some(({ labels }) => labels['row'] === row),
    );
  return {
    alertmanager,
    received,
    pagesOf,
    paged: (row, status, limitMs) =>
      until(`${row} ${status}`, () => pagesOf(row).find((page) => page.status === status), limitMs),
    async watchdog() {
      await until('the watchdog', () => received.find(({ receiver }) => receiver === 'watchdog'), 30_000);
    },
    async stop() {
      await alertmanager.stop();
      await webhook.stop();
    },
  };
}

function hurried(sample: string, port: number): string {
  return sample
    .replaceAll('127.0.0.1:9099', `127.0.0.1:${port}`)
    .replaceAll(/group_wait: (?!0s)\w+/g, 'group_wait: 1s')
    .replaceAll(/group_interval: \w+/g, 'group_interval: 1s');
}

/** What a Prometheus of a vigie is made of. */
export interface RulesOptions {
  /** The configuration whose rules are made. */
  readonly config: string;
  /** Where the vigie listens. */
  readonly url: string;
  readonly alertmanager: Alertmanager;
  /** How often it scrapes, and evaluates every rule. */
  readonly everySeconds: number;
  /** What is made of the text of the rules; nothing when absent. */
  readonly edit?: (rules: string) => string;
}

/** Starts a Prometheus with the rules that `vigie rules` makes of a configuration. */
export async function startRules(options: RulesOptions): Promise<Prometheus> {
  const { config, url, alertmanager, everySeconds, edit = (rules) => rules } = options;
  const generated = await runVigie(['rules', '--config', config]);
  if (generated.code !== 0) throw new Error(generated.stderr);
  return startPrometheus({
    target: new URL(url).host,
    rules: edit(generated.stdout.replace(/^ {4}interval: .*\n/gm, '')),
    alertmanager: new URL(alertmanager.url).host,
    everySeconds,
  });
}

/** The configuration of a check of 2 s that is one row's, of a path of a server on loopback. */
export function checkYaml(id: string, row: string, port: number): string {
  return `  - { id: ${id}, probe: http, row: ${row}, interval: 2s, timeout: 1500ms, with: { url: "http://127.0.0.1:${port}/${id}" } }`;
}

/** Looks until there is something; rejects with what was looked for when there is nothing in time. */
export async function until<T>(
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

/** Milliseconds as seconds, to a tenth. */
export function inSeconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
