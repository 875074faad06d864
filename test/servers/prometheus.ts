import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type KeptServer, startKept } from './started-program.ts';

/** A Prometheus of one's own on loopback. */
export type Prometheus = KeptServer;

/** What a Prometheus is to do. */
export interface PrometheusOptions {
  /** Who is scraped, as `host:port`. */
  readonly target: string;
  /** A rule file's text. */
  readonly rules: string;
  /** The Alertmanager that alerts go to, as `host:port`; none when absent. */
  readonly alertmanager?: string;
  /** What every series of the target is labelled with. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How often it scrapes and evaluates. */
  readonly everySeconds: number;
}

/** Starts a Prometheus of one's own, scraping one target and evaluating one rule file. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { target, rules, alertmanager, labels = {}, everySeconds } = options;
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const every = `${everySeconds}s`;
  writeFileSync(join(folder, 'rules.yaml'), rules);
  const configuration = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: [join(folder, 'rules.yaml')],
    scrape_configs: [{ job_name: 'vigie', static_configs: [{ targets: [target], labels }] }],
    ...(alertmanager !== undefined && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    }),
  };
  writeFileSync(join(folder, 'prometheus.yaml'), stringify(configuration));
  return startKept('prometheus', folder, (host) => [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${host}`,
    `--rules.alert.resend-delay=${every}`,
    '--log.level=warn',
  ]);
}
