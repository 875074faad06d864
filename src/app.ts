import { access, constants, mkdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createStatusFeedReader } from '../probes/lib/status-feed-reader.ts';
import type { StatusEntry } from '../probes/wire/status-feed.ts';
import { BlindAlarm } from './blind-alarm.ts';
import { claimDeadlines, type PastVerdicts } from './claims.ts';
import type { Config } from './config/config.ts';
import { periodAt } from './contract/periods.ts';
import { contractAt, versionsOf } from './contract/rule-history.ts';
import type { Contract } from './contract/schema.ts';
import type { CancelTimer, Clock } from './core/clock.ts';
import type { DeclaredExclusion } from './core/exclusion.ts';
import type { Classification } from './core/expectation.ts';
import type { ProbeKind } from './core/probe.ts';
import { verdictsJson } from './core/verdict-json.ts';
import { type VerdictEvent, verdictEvents } from './core/verdict-events.ts';
import type { Verdict } from './core/verdict.ts';
import { createMetrics, type Metrics, type PromisedRow } from './export/metrics.ts';
import { activeMaintenance, membersUnderMaintenance } from './export/rules/maintenance.ts';
import { watchedMembers } from './export/rules/setup.ts';
import { alertThresholds } from './export/rules/thresholds.ts';
import type { ClaimSources } from './claim.ts';
import { JudgeLoop } from './judge-loop.ts';
import { coversRegion } from './judging.ts';
import { LastSeen } from './last-seen.ts';
import { registerControl } from './register-control.ts';
import type { ExclusionCounts } from './register-watch.ts';
import { RunningRegister } from './running-register.ts';
import { type Calendar, daily, scheduleCalendar } from './schedule/calendar.ts';
import { EgressGuard } from './schedule/egress.ts';
import { askByTcp } from './schedule/reference.ts';
import type { FailedRun, RunResult } from './schedule/scheduled-check.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { scheduledChecks } from './scheduling.ts';
import { StatusFeedWatch } from './status-feed.ts';
import { createServer, type WebServer } from './web/server.ts';
import type { CheckStatus, ExplainAnswer, ExplainQuery, FaultControl } from './web/sources.ts';
import { SubregionWatch } from './subregion-watch.ts';
import type { RedisHealth } from './window/redis-health.ts';
import type { RedisStore } from './window/redis.ts';
import { WindowStoreError } from './window/store-error.ts';
import type { Retention, WindowStore } from './window/store.ts';
import { openWindows } from './windows.ts';

const DAY_MS = 86_400_000;
const RETENTION: Retention = { slotsMs: 35 * DAY_MS, transitionsMs: 425 * DAY_MS };
const EPOCH_FACT = 'judge.epoch';
const RETRY_JUDGING_MS = 1_000;

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
  /** Told of what the provider's status feed holds, after every reading of it. */
  readonly onStatusEntries?: (entries: readonly StatusEntry[]) => void;
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
  readonly #subregions = new SubregionWatch();
  readonly #stopping = new AbortController();
  readonly #metrics: Metrics;
  readonly #egress: EgressGuard;
  readonly #server: WebServer;
  readonly #statusFeed: StatusFeedWatch;
  readonly #blindAlarm: BlindAlarm;
  #config: Config;
  #store: WindowStore | undefined;
  #shared: RedisStore | undefined;
  #cancelJudging: CancelTimer = () => undefined;
  #scheduler: Scheduler | undefined;
  #judgeLoop: JudgeLoop | undefined;
  #register: RunningRegister | undefined;
  #calendar: Calendar | undefined;
  #latest: { readonly atMs: number; readonly verdicts: readonly Verdict[] } | undefined;
  #storeTrouble: string | undefined;
  #maintenance: { readonly config: Config; readonly key: string } | undefined;

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
    this.#blindAlarm = new BlindAlarm(log);
    this.#statusFeed = new StatusFeedWatch({
      clock,
      random: options.random,
      reader: createStatusFeedReader(),
      onEntries: (entries) => {
        void this.#register?.watch.announced(entries);
        options.onStatusEntries?.(entries);
      },
      onTrouble: (trouble) =>
        trouble === undefined
          ? log.info('the status feed can be read again')
          : log.warn({ trouble }, 'the status feed cannot be read'),
    });
    this.#server = createServer({
      clock,
      listen: config.listen,
      metrics: this.#metrics,
      notReady: () => this.#notReady(),
      verdicts: () => ({
        ...verdictsJson(this.#latest?.atMs ?? clock.wallMs(), this.#latest?.verdicts ?? []),
        warnings: this.#subregions.warnings(this.#config),
      }),
      checks: () => this.#lastSeen.all(),
      explain: (query) => this.#explain(query),
      statusFeed: () => this.#statusFeed.json(),
      register: registerControl({
        watch: () => this.#opened().watch,
        config: () => this.#config,
        claimSources: () => this.#claimSources(),
      }),
      ...(faults ? { faults } : {}),
      onError: (error) => log.error({ err: error }, 'a request failed'),
    });
  }

  /** Opens the store, begins to listen, to judge and to probe, in this order. Returns the address. */
  async start(): Promise<string> {
    const { clock, random } = this.#options;
    const store = await this.#openStore();
    this.#register = await this.#openRegister();
    const { url } = await this.#server.start();
    await this.#startJudging(store);
    this.#scheduler = new Scheduler({
      clock,
      random,
      sink: {
        onReading: (_scheduled, reading) => {
          this.#egress.heard(reading);
          if (this.#subregions.note(reading, this.#config)) this.#subregionsTold();
        },
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
    for (const name of ['listen', 'dataDir', 'references', 'windowUrl', 'windowAccess'] as const) {
      if (JSON.stringify(config[name]) !== JSON.stringify(this.#config[name])) {
        log.warn({ setting: name }, 'this setting takes effect at the next start');
      }
    }
    this.#config = config;
    this.#judgeLoop?.reconfigure(config);
    this.#register?.reconfigure(config);
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
    await this.#statusFeed.stop();
    this.#cancelJudging();
    // With shared windows away the last commit has to wait for the next judge.
    await this.#judgeLoop?.stop().catch((error: unknown) => this.#storeFailed(error));
    await this.#server.stop();
    await this.#register?.close();
    await this.#store?.close();
    await this.#metrics.close();
    await Promise.all([...this.#options.kinds.values()].map((kind) => kind.close()));
  }

  async #openStore(): Promise<WindowStore> {
    const { clock, log } = this.#options;
    await makeFolder(this.#config.dataDir);
    const { store, shared } = await openWindows(this.#config, {
      clock,
      onError: (error) => this.#storeFailed(error),
      onHealth: (health) => this.#windowsStand(health),
    });
    this.#store = store;
    this.#shared = shared;
    this.#metrics.windowUp(shared?.health.isUp ?? true);
    log.debug({ dataDir: this.#config.dataDir }, 'window store opened');
    return store;
  }

  #openRegister(): Promise<RunningRegister> {
    const { clock, log } = this.#options;
    return RunningRegister.open({
      config: this.#config,
      clock,
      log,
      shared: this.#shared,
      onExclusions: (exclusions, counts) => this.#onExclusions(exclusions, counts),
      onTickets: (figures) => this.#metrics.support(figures),
    });
  }

  #opened(): RunningRegister {
    if (!this.#register) throw new Error('the register was asked for before it was opened');
    return this.#register;
  }

  #onExclusions(exclusions: readonly DeclaredExclusion[], counts: ExclusionCounts): void {
    this.#judgeLoop?.declare(exclusions);
    this.#metrics.exclusions(counts);
  }

  #claimSources(): ClaimSources | undefined {
    const loop = this.#judgeLoop;
    const store = this.#store;
    if (!loop || !store) return undefined;
    return {
      config: this.#config,
      store,
      verdictsOf: (kind, period) => loop.verdictsOf(kind, period),
    };
  }

  /** With shared windows away, judging begins when they come: probing does not wait for it. */
  async #startJudging(store: WindowStore): Promise<void> {
    try {
      this.#judgeLoop = await this.#newJudgeLoop(store);
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#storeFailed(error);
      this.#cancelJudging = this.#options.clock.after(RETRY_JUDGING_MS, () => {
        this.#startJudging(store).catch((again: unknown) => this.#storeFailed(again));
      });
    }
  }

  async #newJudgeLoop(store: WindowStore): Promise<JudgeLoop> {
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
    loop.declare(this.#opened().watch.declared);
    await loop.start();
    return loop;
  }

  #apply(config: Config): void {
    const { kinds, vantages } = this.#options;
    this.#metrics.watched(config.checks);
    this.#tellPromises();
    this.#metrics.members(watchedMembers(config));
    this.#metrics.thresholds(alertThresholds(config));
    this.#lastSeen.watch(config.checks, vantages);
    this.#statusFeed.watch(config.statusFeed);
    this.#scheduler?.update(scheduledChecks(config, kinds, vantages));
  }

  #onResult(store: WindowStore, result: RunResult): void {
    const { log } = this.#options;
    this.#metrics.observed(result);
    this.#lastSeen.note(result);
    this.#blindAlarm.note(result);
    void this.#register?.watch.heard(result.check, result.reading);
    if (result.bug)
      log.error({ check: result.check.id, bug: result.bug, detail: result.detail }, 'a bug in a probe');
    if (result.seen.outcome === 'absent') return;
    store.put([result.seen]).catch((error: unknown) => this.#storeFailed(error));
  }

  #onVerdicts(atMs: number, verdicts: readonly Verdict[]): void {
    const { log, onEvaluated } = this.#options;
    const events = this.#latest ? verdictEvents(this.#latest.verdicts, verdicts) : [];
    const isFirst = !this.#latest;
    this.#latest = { atMs, verdicts };
    this.#storeTrouble = undefined;
    this.#metrics.windowUp(true);
    this.#metrics.spilled(this.#shared?.health.spillSlots ?? 0);
    this.#metrics.judged(verdicts);
    this.#tellMaintenance(atMs);
    if (isFirst) void this.#tellClaims();
    for (const { atMs: _, kind, ...facts } of events) log.warn(facts, kind);
    onEvaluated?.({ atMs, verdicts, checks: this.#lastSeen.all(), events });
  }

  /** Past periods are judged anew for it: at the start, and once a day. */
  async #tellClaims(): Promise<void> {
    const loop = this.#judgeLoop;
    if (!loop) return;
    const { clock, log } = this.#options;
    try {
      const verdictsOf: PastVerdicts = (kind, period) => loop.verdictsOf(kind, period);
      this.#metrics.claims(await claimDeadlines(this.#config.contract, clock.wallMs(), verdictsOf));
    } catch (error) {
      log.error({ err: error }, 'what may be claimed is not known');
    }
  }

  /** Told anew only when a span of maintenance has begun or ended: members may be many. */
  #tellMaintenance(atMs: number): void {
    const exclusions = this.#register?.watch.declared ?? this.#config.exclusions;
    const active = activeMaintenance(exclusions, atMs);
    const key = active.map(({ id }) => id).join('\0');
    if (this.#maintenance?.config === this.#config && this.#maintenance.key === key) return;
    this.#maintenance = { config: this.#config, key };
    this.#metrics.maintenance(membersUnderMaintenance(this.#config, active));
  }

  /** The rows of the contract that holds today. */
  #tellPromises(): void {
    const { contract, formerContracts = [] } = this.#config;
    const today = contractAt(versionsOf(contract, formerContracts), this.#options.clock.wallMs());
    this.#metrics.promised(promisedRows(today, coversRegion(this.#config, this.#subregions.told)));
  }

  #subregionsTold(): void {
    const { told } = this.#subregions;
    if (told) this.#judgeLoop?.tellSubregions(told);
    this.#tellPromises();
    for (const warning of this.#subregions.warnings(this.#config)) this.#options.log.warn(warning);
  }

  #storeFailed(error: unknown): void {
    this.#storeTrouble = error instanceof Error ? error.message : String(error);
    this.#metrics.windowUp(false);
    this.#metrics.spilled(this.#shared?.health.spillSlots ?? 0);
    // Shared windows that are away are told of once, when they go.
    if (isAway(error)) return;
    this.#options.log.error({ err: error }, 'the window store failed');
  }

  #windowsStand(health: RedisHealth): void {
    const { log } = this.#options;
    const { isUp, lastCode, spillSlots, droppedSlots, refusedSlots, replacements, clockOffsetMs } = health;
    this.#metrics.windowUp(isUp);
    this.#metrics.spilled(spillSlots);
    const facts = { lastCode, spillSlots, droppedSlots, refusedSlots, replacements, clockOffsetMs };
    if (lastCode === 'CLOCK' && refusedSlots > 0)
      log.error(facts, 'our clock is not that of the shared windows: nothing is written');
    else if (isUp) log.info(facts, 'the shared windows are there; what waited here is merged');
    else log.error(facts, 'the shared windows are away: what is seen is kept here');
  }

  async #explain({ period, ...question }: ExplainQuery): Promise<ExplainAnswer> {
    const explanations = await this.#judgeLoop?.explain(question, period);
    if (!this.#judgeLoop) return { ok: false, detail: 'nothing was judged yet' };
    if (!explanations)
      return { ok: false, detail: `period is ${period}, expected a month like 2026-03 or a year like 2026` };
    if (explanations.length > 0) return { ok: true, explanations };
    return { ok: false, detail: `there is no verdict on ${Object.values(question).join(', ')}` };
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
        daily('tell-promises', '00:00', async () => this.#tellPromises()),
        daily('close-periods', '00:05', () => this.#logClosedPeriods()),
        daily('claims', '00:15', () => this.#tellClaims()),
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

function isAway(error: unknown): boolean {
  return error instanceof WindowStoreError && error.trouble === 'away';
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

function promisedRows(contract: Contract, covers: boolean | null): readonly PromisedRow[] {
  return contract.rows.map((row) => ({
    row: row.id,
    clause: row.clause,
    target: 'target' in row ? row.target : null,
    period: 'period' in row ? (row.period ?? '') : '',
    eligible: row.requires === undefined ? true : covers,
  }));
}
