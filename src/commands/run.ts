import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { relative } from 'node:path';
import type { Logger } from 'pino';
import { probeKinds } from '../../probes/index.ts';
import { App, type AppState } from '../app.ts';
import { systemClock, systemRandom } from '../clock.ts';
import { clusterLease, ClusterLeaseError } from '../live/cluster-lease.ts';
import type { Config, LoadResult } from '../config/config.ts';
import { ConfigWatch } from '../live/config-watch.ts';
import { formatProblem } from '../config/problem.ts';
import type { ProbeKind } from '../core/probe.ts';
import { createLog } from '../export/log.ts';
import type { LogLevel } from '../export/log-level.ts';
import type { Role } from '../live/roles.ts';
import { ListenError } from '../web/server.ts';
import { WindowStoreError } from '../window/store-error.ts';
import type { Drill } from './drill.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { DEFAULT_CONFIG } from './config-files.ts';
import { loadFrom } from './load.ts';
import { openScreen } from './screen.ts';
import { VERSION } from './version.ts';

/** Options of `vigie run`. */
export interface RunOptions {
  readonly config?: string;
  readonly role: Role;
  readonly vantage: readonly string[];
  readonly fault: readonly string[];
  readonly portOffset: number;
  readonly logLevel: LogLevel;
  readonly table: boolean;
  /** A web configuration as exporters of Prometheus read it, in the place of the section `web`. */
  readonly 'web.config.file'?: string;
}

/** Where the configuration comes from, and the region in a box when it is that which is watched. */
interface Source {
  readonly load: () => LoadResult;
  readonly drill?: Drill;
  readonly stop: () => Promise<void>;
}

/** `vigie run`: watches until it is told to stop. Without any configuration it watches a region in a box. */
export async function run(options: RunOptions, io: Io): Promise<ExitCode> {
  if (options.fault.includes('help')) {
    const { drillHelp } = await import('../box/drill.ts');
    io.out(`${drillHelp()}\n`);
    return EXIT.fine;
  }
  const kinds = probeKinds();
  const source = await sourceOf(options, kinds, io);
  try {
    const loaded = source.load();
    // What the shipped configuration leaves unwatched is no news to whoever drills.
    const told = source.drill && loaded.config ? [] : loaded.problems;
    for (const problem of told) io.err(`${formatProblem(problem)}\n`);
    if (!loaded.config) return EXIT.configuration;
    await watch({ options, io, kinds, source, loaded, config: loaded.config });
    return EXIT.fine;
  } catch (error) {
    if (
      error instanceof ListenError ||
      error instanceof WindowStoreError ||
      error instanceof ClusterLeaseError
    )
      throw new UsageError(error.message);
    throw error;
  } finally {
    await source.stop();
  }
}

async function sourceOf(options: RunOptions, kinds: ReadonlyMap<string, ProbeKind>, io: Io): Promise<Source> {
  const path = options.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  if (path === undefined) {
    const { startDrill } = await import('./drill.ts');
    const drill = await startDrill(options, kinds, io);
    return { load: drill.load, drill, stop: drill.stop };
  }
  if (options.fault.length > 0)
    throw new UsageError('--fault breaks the region in a box; there is none with --config');
  if (options.portOffset !== 0)
    throw new UsageError('--port-offset shifts the region in a box; there is none with --config');
  const webConfigFile = options['web.config.file'];
  return { load: () => loadFrom(path, kinds, io, webConfigFile), stop: () => Promise.resolve() };
}

interface Watch {
  readonly options: RunOptions;
  readonly io: Io;
  readonly kinds: ReadonlyMap<string, ProbeKind>;
  readonly source: Source;
  readonly loaded: LoadResult;
  readonly config: Config;
}

async function watch({ options, io, kinds, source, loaded, config }: Watch): Promise<void> {
  const { drill } = source;
  const screen = openScreen({ io, config, wanted: options.table, ...(drill ? { drill } : {}) });
  const log = createLog({
    clock: systemClock,
    level: options.logLevel,
    format: io.isTerminal ? 'text' : 'json',
    ...(screen.logTo ? { destination: screen.logTo } : {}),
  });
  const { role } = options;
  if (role !== 'both' && config.windowUrl === undefined)
    throw new UsageError(`--role ${role} needs shared windows: expected window.url in the configuration`);
  const vantages = vantagesOf(config, role, options.vantage);
  const silent = config.vantages.filter((vantage) => !vantages.includes(vantage));
  if (silent.length > 0 && config.windowUrl === undefined)
    log.warn({ vantages: silent }, 'nothing is heard of these vantages in this process');
  const lease = role === 'probe' ? undefined : clusterLease(io.env, { clock: systemClock, log });
  const app = new App({
    config,
    kinds,
    role,
    vantages,
    member: io.env['VIGIE_MEMBER'] || `${hostname()}-${process.pid}`,
    ...(lease && { leaderLock: lease.lock }),
    clock: systemClock,
    random: systemRandom,
    log,
    version: VERSION,
    programPath: io.env['PATH'],
    ...(drill ? { faults: drill.faults } : {}),
    onEvaluated: (state: AppState) => screen.show(state),
  });
  try {
    const url = await app.start();
    // Before anyone is told: from then on it may be sent a signal.
    const unwatch = followChanges({ app, io, source, log, files: loaded.files });
    log.info({ url, checks: config.checks.length, config: relative('.', config.path) }, 'vigie is watching');
    screen.started(url);
    await Promise.race([ended(io.stopped), screen.quit]);
    unwatch();
    log.info('stopping');
  } finally {
    await app.stop();
    await lease?.close();
    screen.close();
  }
}

function vantagesOf(config: Config, role: Role, wanted: readonly string[]): readonly string[] {
  if (role === 'judge' && wanted.length > 0)
    throw new UsageError('--vantage says where a process looks from; one with --role judge does not look');
  if (role === 'judge') return [];
  const unknown = wanted.find((vantage) => !config.vantages.includes(vantage));
  if (unknown !== undefined) {
    throw new UsageError(`--vantage is ${unknown}, expected one of ${config.vantages.join(', ')}`);
  }
  if (wanted.length > 0) return wanted;
  if (config.vantages.length === 1) return config.vantages;
  throw new UsageError(
    `several vantages are expected: say with --vantage which this is (${config.vantages.join(', ')})`,
  );
}

interface Following {
  readonly app: App;
  readonly io: Io;
  readonly source: Source;
  readonly log: Logger;
  readonly files: readonly string[];
}

/** Reloads at SIGHUP and when a file has changed; a bad file leaves the last good configuration in force. */
function followChanges({ app, io, source, log, files }: Following): () => void {
  const reload = (): void => {
    const { config, problems, files: now } = source.load();
    watcher.watch(now);
    for (const problem of problems)
      log[problem.severity === 'error' ? 'error' : 'warn'](formatProblem(problem));
    if (config) app.reload(config);
    else {
      app.reloadFailed();
      log.error('the new configuration was refused; the last good one goes on');
    }
  };
  const watcher = new ConfigWatch(systemClock, files, reload);
  const unhang = io.onHangup(reload);
  return () => {
    watcher.stop();
    unhang();
  };
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
