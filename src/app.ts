import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { periodAt } from './contract/periods.ts';
import type { Clock } from './core/clock.ts';
import type { Classification } from './core/expectation.ts';
import type { ProbeKind } from './core/probe.ts';
import { verdictsJson } from './core/verdict-json.ts';
import { type VerdictEvent, verdictEvents } from './core/verdict-events.ts';
import type { Verdict } from './core/verdict.ts';
import { createMetrics, type Metrics, type PromisedRow } from './export/metrics.ts';
import { JudgeLoop } from './judge-loop.ts';
import { LastSeen } from './last-seen.ts';
import { type Calendar, daily, scheduleCalendar } from './schedule/calendar.ts';
import { EgressGuard } from './schedule/egress.ts';
import { askByTcp } from './schedule/reference.ts';
import type { FailedRun, RunResult } from './schedule/scheduled-check.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { scheduledChecks } from './scheduling.ts';
import { createServer, type WebServer } from './web/server.ts';
import type { CheckStatus, FaultControl } from './web/sources.ts';
import { openSqliteStore } from './window/sqlite.ts';
import { WindowStoreError } from './window/store-error.ts';
import type { Retention, WindowStore } from './window/store.ts';

const DAY_MS = 86_400_000;
const RETENTION: Retention = { slotsMs: 35 * DAY_MS, transitionsMs: 425 * DAY_MS };
const EPOCH_FACT = 'judge.epoch';

/** What the app is made of besides its configuration. */
export interface AppOptions {
  readonly config: Config;
  readonly kinds: ReadonlyMap<string, ProbeKind>;
  /** The vantages that this process looks from. */
  readonly vantages: readonly string[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly version: string;
  readonly faults?: FaultControl;
  /** Told of every evaluation; for a live view. */
  readonly onEvaluated?: (state: AppState) => void;
}

/** What there is to see after an evaluation. */
export interface AppState {
  readonly atMs: number;
  readonly verdicts: readonly Verdict[];
  readonly checks: readonly CheckStatus[];
  readonly events: readonly VerdictEvent[];
}

/** vigie running: probes, windows, judge, metrics and web, wired together. */
export class App {
  readonly #options: AppOptions;
  readonly #lastSeen = new LastSeen();
  readonly #stopping = new AbortController();
  readonly #metrics: Metrics;
  readonly #egress: EgressGuard;
  readonly #server: WebServer;
  #config: Config;
  #store: WindowStore | undefined;
  #scheduler: Scheduler | undefined;
  #judgeLoop: JudgeLoop | undefined;
  #calendar: Calendar | undefined;
  #latest: { readonly atMs: number; readonly verdicts: readonly Verdict[] } | undefined;
  #storeTrouble: string | undefined;

  constructor(options: AppOptions) {
    const { config, clock, log, version, vantages, faults } = options;
    this.#options = options;
    this.#config = config;
    this.#metrics = createMetrics({
      clock,
      version,
      onCrash: (error) =>
        log.error({ err: error }, 'the metrics thread crashed; it starts anew at the next scrape'),
    });
    this.#egress = new EgressGuard({
      clock,
      references: config.references.filter((reference) =>
        reference.vantages.some((one) => vantages.includes(one)),
      ),
      ask: askByTcp,
      signal: this.#stopping.signal,
    });
    this.#server = createServer({
      clock,
      listen: config.listen,
      metrics: this.#metrics,
      notReady: () => this.#notReady(),
      verdicts: () => verdictsJson(this.#latest?.atMs ?? clock.wallMs(), this.#latest?.verdicts ?? []),
      checks: () => this.#lastSeen.all(),
      ...(faults ? { faults } : {}),
      onError: (error) => log.error({ err: error }, 'a request failed'),
    });
  }

  /** Opens the store, begins to listen, to judge and to probe, in this order. Returns the address. */
  async start(): Promise<string> {
    const { clock, random } = this.#options;
    const store = await this.#openStore();
    const { url } = await this.#server.start();
    this.#judgeLoop = await this.#startJudging(store);
    this.#scheduler = new Scheduler({
      clock,
      random,
      sink: {
        onReading: (_scheduled, reading) => this.#egress.heard(reading),
        onResult: (result) => this.#onResult(store, result),
        onSkipped: (slots) => this.#metrics.skipped(slots),
      },
      excuse: (failed) => this.#excuse(failed),
    });
    this.#apply(this.#config);
    this.#calendar = this.#startCalendar(store);
    void this.#proveReferences();
    return url;
  }

  /**
   * Goes on with another configuration: unchanged checks keep their schedule and state. What only a restart can
   * change (address, data directory, references) is left as it is and logged.
   */
  reload(config: Config): void {
    const { log } = this.#options;
    for (const name of ['listen', 'dataDir', 'references', 'windowUrl'] as const) {
      if (JSON.stringify(config[name]) !== JSON.stringify(this.#config[name])) {
        log.warn({ setting: name }, 'this setting takes effect at the next start');
      }
    }
    this.#config = config;
    this.#judgeLoop?.reconfigure(config);
    this.#apply(config);
    this.#metrics.reloaded(true);
    log.info({ checks: config.checks.length }, 'configuration reloaded');
  }

  /** Says that a new configuration was refused and the last good one goes on. */
  reloadFailed(): void {
    this.#metrics.reloaded(false);
  }

  /** Ends everything in the order of the data: no new probe, then the judge, then the store. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#calendar?.stop();
    await this.#scheduler?.stop();
    await this.#judgeLoop?.stop();
    await this.#server.stop();
    await this.#store?.close();
    await this.#metrics.close();
    await Promise.all([...this.#options.kinds.values()].map((kind) => kind.close()));
  }

  async #openStore(): Promise<WindowStore> {
    const { clock, log } = this.#options;
    await makeFolder(this.#config.dataDir);
    const store = await openSqliteStore({
      path: join(this.#config.dataDir, 'windows.sqlite'),
      clock,
      onError: (error) => this.#storeFailed(error),
    });
    this.#store = store;
    this.#metrics.windowUp(true);
    log.debug({ dataDir: this.#config.dataDir }, 'window store opened');
    return store;
  }

  async #startJudging(store: WindowStore): Promise<JudgeLoop> {
    const epoch = Number((await store.getFact(EPOCH_FACT)) ?? 0) + 1;
    await store.setFact(EPOCH_FACT, String(epoch));
    const loop = new JudgeLoop(
      {
        clock: this.#options.clock,
        store,
        epoch,
        breathe: () => setImmediate(),
        onVerdicts: (atMs, verdicts) => this.#onVerdicts(atMs, verdicts),
        onFailure: (error) => this.#storeFailed(error),
        onCommit: (atMs) => this.#metrics.committed(atMs),
      },
      this.#config,
    );
    await loop.start();
    return loop;
  }

  #apply(config: Config): void {
    const { kinds, vantages } = this.#options;
    this.#metrics.watched(config.checks);
    this.#metrics.promised(promisedRows(config));
    this.#lastSeen.watch(config.checks, vantages);
    this.#scheduler?.update(scheduledChecks(config, kinds, vantages));
  }

  #onResult(store: WindowStore, result: RunResult): void {
    const { log } = this.#options;
    this.#metrics.observed(result);
    this.#lastSeen.note(result);
    if (result.bug)
      log.error({ check: result.check.id, bug: result.bug, detail: result.detail }, 'a bug in a probe');
    if (result.seen.outcome === 'absent') return;
    store.put([result.seen]).catch((error: unknown) => this.#storeFailed(error));
  }

  #onVerdicts(atMs: number, verdicts: readonly Verdict[]): void {
    const { log, onEvaluated } = this.#options;
    const events = this.#latest ? verdictEvents(this.#latest.verdicts, verdicts) : [];
    this.#latest = { atMs, verdicts };
    this.#storeTrouble = undefined;
    this.#metrics.windowUp(true);
    this.#metrics.judged(verdicts);
    for (const { atMs: _, kind, ...facts } of events) log.warn(facts, kind);
    onEvaluated?.({ atMs, verdicts, checks: this.#lastSeen.all(), events });
  }

  #storeFailed(error: unknown): void {
    this.#storeTrouble = error instanceof Error ? error.message : String(error);
    this.#metrics.windowUp(false);
    this.#options.log.error({ err: error }, 'the window store failed');
  }

  #notReady(): readonly string[] {
    return [
      ...(this.#latest ? [] : ['nothing was judged yet']),
      ...(this.#config.checks.length > 0 && !this.#lastSeen.hasAny ? ['no probe has run yet'] : []),
      ...(this.#storeTrouble === undefined ? [] : [`the window store failed: ${this.#storeTrouble}`]),
    ];
  }

  /** A failure while our own network was gone is a hole of ours. */
  async #excuse({ reading, classification, startedMs, endedMs }: FailedRun): Promise<Classification> {
    if (reading.kind !== 'fault') return classification;
    const verdict = await this.#egress.judge({ fault: reading.fault, startedMs, endedMs });
    if (verdict !== 'ours') return classification;
    return {
      outcome: 'absent',
      blind: 'local-network',
      detail: `our own network was gone: ${reading.detail}`,
    };
  }

  async #proveReferences(): Promise<void> {
    const { log } = this.#options;
    for (const { host, port } of await this.#egress.prove()) {
      log.warn({ host, port }, 'this egress reference does not answer and proves nothing for now');
    }
  }

  #startCalendar(store: WindowStore): Calendar {
    const { clock, log } = this.#options;
    return scheduleCalendar({
      timezone: this.#config.contract.timezone,
      jobs: [
        { name: 'prove-references', cron: '7 * * * *', run: () => this.#proveReferences() },
        daily('prune', '04:10', async () => {
          log.info({ dropped: await store.prune(clock.wallMs(), RETENTION) }, 'old windows pruned');
        }),
        daily('close-periods', '00:05', () => this.#logClosedPeriods()),
      ],
      onError: (job, error) => log.error({ err: error, job }, 'a calendar job failed'),
    });
  }

  /** What the periods that ended yesterday came to, for the log. */
  async #logClosedPeriods(): Promise<void> {
    const { clock, log } = this.#options;
    const { contract } = this.#config;
    for (const kind of ['month', 'year'] as const) {
      const period = periodAt(contract, kind, clock.wallMs() - DAY_MS);
      if (period.name === periodAt(contract, kind, clock.wallMs()).name) continue;
      for (const verdict of (await this.#judgeLoop?.verdictsOf(kind, period)) ?? []) {
        const { row, scope, reading, state, downtimeMs, unknownMs, availability } = verdict;
        const figures = { state, downtimeMs, unknownMs, availability: availability.final };
        log.info({ period: period.name, row, scope, reading, ...figures }, 'a period has ended');
      }
    }
  }
}

/** Throws a WindowStoreError that names the folder and what the system says. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new WindowStoreError('unwritable', `dataDir ${path} cannot be written to (${code})`, {
      cause: error,
    });
  }
}

function promisedRows({ contract, subregions, regionSubregions }: Config): readonly PromisedRow[] {
  const covers = regionSubregions && subregions && regionSubregions.every((one) => subregions.includes(one));
  return contract.rows.map((row) => ({
    row: row.id,
    clause: row.clause,
    target: 'target' in row ? row.target : null,
    period: 'period' in row ? (row.period ?? '') : '',
    eligible: row.requires === undefined ? true : (covers ?? null),
  }));
}
