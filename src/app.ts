import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createStatusFeedReader } from '../probes/lib/status-feed-reader.ts';
import type { StatusEntry } from '../probes/wire/status-feed.ts';
import { AlertPushing } from './live/alert-pushing.ts';
import { BlindAlarm } from './live/blind-alarm.ts';
import type { PastVerdicts } from './live/claims.ts';
import type { Config } from './config/config.ts';
import type { Clock } from './core/clock.ts';
import { formatDuration } from './core/duration.ts';
import type { DeclaredExclusion } from './core/exclusion.ts';
import type { ProbeKind } from './core/probe.ts';
import { verdictsJson } from './core/verdict-json.ts';
import { type VerdictEvent, verdictEvents } from './core/verdict-events.ts';
import type { Verdict } from './core/verdict.ts';
import { createMetrics, type Metrics } from './export/metrics.ts';
import type { ClaimSources } from './casework/claim.ts';
import { eventLevel } from './live/event-level.ts';
import { Fleet } from './live/fleet.ts';
import { JudgeDuty } from './live/judge-duty.ts';
import type { JudgeLoop } from './live/judge-loop.ts';
import { coversRegion } from './casework/judging.ts';
import { type JudgedAnswers, judgedAnswers } from './live/judged-answers.ts';
import { LastSeen } from './live/last-seen.ts';
import { latencySource, type LatencyControlOptions } from './live/latency-control.ts';
import { LatencyKeeping } from './live/latency-keeping.ts';
import { LatencyLog } from './live/latency-log.ts';
import type { LeaderLock } from './leader/leader-lock.ts';
import { sharedLock } from './leader/shared-lock.ts';
import { pageControl } from './live/page-control.ts';
import { ownHealth } from './live/own-health.ts';
import { OwnEgress } from './live/own-egress.ts';
import { PromiseTelling } from './live/promise-telling.ts';
import { protectionOf, restartOnly } from './live/protection.ts';
import { periodControl } from './live/period-control.ts';
import { recordControl } from './live/record-control.ts';
import { RecordKeeping } from './live/record-keeping.ts';
import { registerControl } from './live/register-control.ts';
import type { ExclusionCounts } from './live/register-watch.ts';
import type { Role } from './live/roles.ts';
import { RunningRegister } from './live/running-register.ts';
import { type Calendar, daily, scheduleCalendar } from './schedule/calendar.ts';
import type { RunResult, ScheduledCheck } from './schedule/scheduled-check.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { scheduledChecks } from './live/scheduling.ts';
import { shownContract } from './live/shown-contract.ts';
import { StatusFeedWatch } from './live/status-feed.ts';
import type { HealthJson } from './web/health-source.ts';
import type { RecordSource } from './web/record-source.ts';
import { createServer, type WebServer } from './web/server.ts';
import type { CheckStatus, FaultControl } from './web/sources.ts';
import { SubregionWatch } from './live/subregion-watch.ts';
import { WindowStanding } from './live/window-standing.ts';
import type { LatencyStore } from './window/latency-store.ts';
import type { Ledger } from './window/ledger.ts';
import type { RedisStore } from './window/redis.ts';
import type { Retention, WindowStore } from './window/store.ts';
import { openWindows } from './keeping/windows.ts';

const DAY_MS = 86_400_000;
const RETENTION: Retention = { slotsMs: 35 * DAY_MS, transitionsMs: 425 * DAY_MS };
const JUDGE_LOCK = 'judge';
/** Verdicts older than this are no longer those of now. */
const STALE_MS = 15_000;

const ONLY_PROBES = 'this process only probes: verdicts are to be had from one that judges';
const STANDS_BY = 'this judge stands by: another leads, and this one judges the same beside it';

/** What the app is made of besides its configuration. */
export interface AppOptions {
  readonly config: Config;
  readonly kinds: ReadonlyMap<string, ProbeKind>;
  /** What this process does; both when absent. */
  readonly role?: Role;
  /** The vantages that this process looks from; none for one that only judges. */
  readonly vantages: readonly string[];
  /** The name of this process, among all that look from its vantages; `local` when absent. */
  readonly member?: string;
  /** By what one of several judges leads, given a name that is nobody else's; a lock in the shared windows when absent. */
  readonly leaderLock?: (holder: string) => LeaderLock;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly version: string;
  /** The folders that Chromium is looked for in when reports are to be printed, as in `PATH`. */
  readonly programPath?: string | undefined;
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
  /** As they stand when asked for. */
  readonly checks: () => readonly CheckStatus[];
  readonly events: readonly VerdictEvent[];
}

/** vigie running: probes, windows, judge, metrics and web, wired together. */
export class App {
  readonly #options: AppOptions;
  readonly #lastSeen = new LastSeen();
  readonly #latencies = new LatencyLog();
  readonly #subregions = new SubregionWatch();
  readonly #stopping = new AbortController();
  readonly #metrics: Metrics;
  readonly #egress: OwnEgress;
  readonly #standing: WindowStanding;
  readonly #telling: PromiseTelling;
  readonly #answers: JudgedAnswers;
  readonly #server: WebServer;
  readonly #statusFeed: StatusFeedWatch;
  readonly #blindAlarm: BlindAlarm;
  readonly #pushing: AlertPushing;
  readonly #started: { readonly atMs: number; readonly monotonicMs: number };
  #loaded: { readonly atMs: number; readonly isLatest: boolean };
  #config: Config;
  #store: WindowStore | undefined;
  #shared: RedisStore | undefined;
  #kept: { readonly latencies: LatencyStore; readonly keeping: LatencyKeeping } | undefined;
  #scheduler: Scheduler | undefined;
  #scheduled: readonly ScheduledCheck[] = [];
  #running: ReadonlySet<ScheduledCheck> = new Set();
  #duty: JudgeDuty | undefined;
  #fleet: Fleet | undefined;
  #register: RunningRegister | undefined;
  #calendar: Calendar | undefined;
  #keeping: RecordKeeping | undefined;
  /** Another one whenever what is shown may have changed. */
  #revision: object = {};
  #latest: { readonly atMs: number; readonly verdicts: readonly Verdict[] } | undefined;

  constructor(options: AppOptions) {
    const { config, clock, log, version, vantages } = options;
    this.#options = options;
    this.#config = config;
    this.#started = { atMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    this.#loaded = { atMs: clock.wallMs(), isLatest: true };
    this.#metrics = createMetrics({
      clock,
      version,
      onCrash: (error) =>
        log.error({ err: error }, 'the metrics thread crashed; it starts anew at the next scrape'),
    });
    this.#egress = new OwnEgress({
      ...{ clock, log },
      references: config.references.filter((reference) =>
        reference.vantages.some((one) => vantages.includes(one)),
      ),
      signal: this.#stopping.signal,
    });
    this.#blindAlarm = new BlindAlarm(log);
    this.#pushing = new AlertPushing({
      clock,
      log,
      metrics: this.#metrics,
      leads: () => this.#leads,
      checks: () => this.#lastSeen.all(),
    });
    this.#standing = new WindowStanding({
      ...{ log, metrics: this.#metrics },
      health: () => this.#shared?.health,
    });
    this.#telling = new PromiseTelling({
      ...{ clock, log, metrics: this.#metrics, pushing: this.#pushing },
      config: () => this.#config,
      coversRegion: () => coversRegion(this.#config, this.#subregions.told),
      exclusions: () => this.#register?.watch.declared ?? this.#config.exclusions,
      verdictsOf: () => this.#pastVerdicts(),
    });
    this.#answers = judgedAnswers({
      config: () => this.#config,
      loop: () => this.#judgeLoop,
      whyNone: () => (this.#judges ? 'nothing was judged yet' : ONLY_PROBES),
      atMs: () => this.#latest?.atMs ?? clock.wallMs(),
    });
    this.#statusFeed = this.#newStatusFeed();
    this.#server = this.#newServer();
  }

  /** Opens the store, begins to listen, to judge and to probe, in this order. Returns the address. */
  async start(): Promise<string> {
    const { clock, random } = this.#options;
    const store = await this.#openStore();
    this.#register = await this.#openRegister();
    this.#keeping = this.#newKeeping(store, this.#register.ledger);
    const { url } = await this.#server.start();
    this.#fleet = this.#newFleet();
    if (this.#judges) await this.#startJudging(store);
    await this.#fleet?.start();
    this.#scheduler = new Scheduler({
      clock,
      random,
      reserve: (identity) => this.#fleet?.reserve(identity),
      sink: {
        onReading: (_scheduled, reading) => {
          this.#egress.heard(reading);
          if (this.#subregions.note(reading, this.#config)) this.#subregionsTold();
        },
        onResult: (result) => this.#onResult(store, result),
        onSkipped: (slots) => this.#metrics.skipped(slots),
      },
      excuse: (failed) => this.#egress.excuse(failed),
    });
    this.#apply(this.#config);
    this.#calendar = this.#startCalendar(store);
    void this.#egress.prove();
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
    if (restartOnly(config) !== restartOnly(this.#config))
      log.warn({ setting: 'web' }, 'TLS or none, client_auth_type and headers take effect at the next start');
    this.#config = config;
    this.#loaded = { atMs: this.#options.clock.wallMs(), isLatest: true };
    this.#server.reconfigure(protectionOf(config));
    this.#duty?.reconfigure(config);
    this.#fleet?.reconfigure(config);
    this.#register?.reconfigure(config);
    this.#apply(config);
    this.#revision = {};
    this.#metrics.reloaded(true);
    log.info({ checks: config.checks.length }, 'configuration reloaded');
  }

  /** Says that a new configuration was refused and the last good one goes on. */
  reloadFailed(): void {
    this.#loaded = { ...this.#loaded, isLatest: false };
    this.#metrics.reloaded(false);
  }

  /** Ends everything in the order of the data: no new probe, then the judge, then the store. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#calendar?.stop();
    await this.#scheduler?.stop();
    await this.#statusFeed.stop();
    await this.#fleet?.stop();
    await this.#pushing.stop();
    await this.#duty?.stop();
    await this.#server.stop();
    await this.#keeping?.close();
    await this.#kept?.keeping.stop();
    await this.#register?.close();
    await this.#store?.close();
    await this.#metrics.close();
    await Promise.all([...this.#options.kinds.values()].map((kind) => kind.close()));
  }

  #newStatusFeed(): StatusFeedWatch {
    const { clock, random, log, onStatusEntries } = this.#options;
    return new StatusFeedWatch({
      clock,
      random,
      reader: createStatusFeedReader(),
      onEntries: (entries) => {
        void this.#register?.watch.announced(entries);
        onStatusEntries?.(entries);
      },
      onTrouble: (trouble) =>
        trouble === undefined
          ? log.info('the status feed can be read again')
          : log.warn({ trouble }, 'the status feed cannot be read'),
    });
  }

  #newServer(): WebServer {
    const { clock, log, faults } = this.#options;
    const config = this.#config;
    const latencies: LatencyControlOptions = {
      config: () => this.#config,
      log: this.#latencies,
      store: () => this.#kept?.latencies,
      nowMs: () => clock.wallMs(),
      breathe: () => setImmediate(),
    };
    return createServer({
      clock,
      listen: config.listen,
      metrics: this.#metrics,
      notReady: () => this.#notReady(),
      verdicts: () => ({
        ...verdictsJson(this.#latest?.atMs ?? clock.wallMs(), this.#latest?.verdicts ?? []),
        warnings: this.#warnings(),
      }),
      checks: () => this.#lastSeen.all(),
      explain: this.#answers.explain,
      contract: () => shownContract(this.#config, clock.wallMs()),
      health: () => this.#health(),
      verdictsOf: this.#answers.verdictsOf,
      record: this.#recorded(),
      revision: () => this.#revision,
      statusFeed: () => this.#statusFeed.json(),
      register: registerControl({
        watch: () => this.#opened().watch,
        config: () => this.#config,
        claimSources: () => this.#claimSources(),
      }),
      latencies: latencySource(latencies),
      periods: periodControl(() => this.#keeping?.periods),
      pages: pageControl({
        config: () => this.#config,
        tickets: () => this.#opened().watch.tickets,
        latencies,
        store: () => this.#store,
        nowMs: () => clock.wallMs(),
      }),
      ...(faults ? { faults } : {}),
      ...protectionOf(config),
      onAccess: ({ what, ...facts }) => log.warn(facts, what),
      onError: (error) => log.error({ err: error }, 'a request failed'),
    });
  }

  async #openStore(): Promise<WindowStore> {
    const { clock, log } = this.#options;
    const { store, shared, latencies } = await openWindows(this.#config, {
      clock,
      onError: (error) => this.#standing.failed(error),
      onHealth: (health) => this.#standing.changed(health),
    });
    this.#store = store;
    this.#shared = shared;
    const breathe = (): Promise<void> => setImmediate();
    this.#kept = { latencies, keeping: new LatencyKeeping({ clock, log, store: latencies, breathe }) };
    this.#kept.keeping.start();
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
      onTickets: (figures) => {
        if (this.#judges) this.#metrics.support(figures);
        this.#pushing.support(figures);
      },
    });
  }

  #newKeeping(store: WindowStore, ledger: Ledger): RecordKeeping {
    const { clock, log, version, programPath } = this.#options;
    return new RecordKeeping({
      ...{ clock, log, version, programPath, store, ledger, retention: RETENTION },
      config: () => this.#config,
      coversRegion: () => coversRegion(this.#config, this.#subregions.told),
      breathe: () => setImmediate(),
      signal: this.#stopping.signal,
      onArchived: (atMs) => this.#metrics.archived(atMs),
    });
  }

  #opened(): RunningRegister {
    if (!this.#register) throw new Error('the register was asked for before it was opened');
    return this.#register;
  }

  #onExclusions(exclusions: readonly DeclaredExclusion[], counts: ExclusionCounts): void {
    this.#duty?.declare(exclusions);
    this.#metrics.exclusions(counts);
  }

  #claimSources(): ClaimSources | undefined {
    const verdictsOf = this.#pastVerdicts();
    const store = this.#store;
    const breathe = (): Promise<void> => setImmediate();
    return verdictsOf && store && { config: this.#config, store, verdictsOf, breathe };
  }

  #pastVerdicts(): PastVerdicts | undefined {
    const loop = this.#judgeLoop;
    return loop && ((kind, period) => loop.verdictsOf(kind, period));
  }

  get #judges(): boolean {
    return this.#options.role !== 'probe';
  }

  get #judgeLoop(): JudgeLoop | undefined {
    return this.#duty?.loop;
  }

  /** Whether this process is the one that stores verdicts, alerts, closes periods and archives. */
  get #leads(): boolean {
    return this.#duty?.leads ?? false;
  }

  /** With shared windows away, judging begins when they come: probing does not wait for it. */
  async #startJudging(store: WindowStore): Promise<void> {
    const { clock, log, member = 'local', leaderLock } = this.#options;
    const shared = this.#shared;
    const holder = `${member}_${randomUUID()}`;
    this.#duty = new JudgeDuty(
      {
        clock,
        store,
        log,
        shared: shared && {
          windows: shared,
          lock: leaderLock?.(holder) ?? sharedLock(shared, JUDGE_LOCK, holder),
        },
        breathe: () => setImmediate(),
        declared: () => this.#opened().watch.declared,
        onVerdicts: (atMs, verdicts) => this.#onVerdicts(atMs, verdicts),
        onFailure: (error) => this.#standing.failed(error),
        onCommit: (atMs) => this.#metrics.committed(atMs),
        onLeading: (leads) => this.#metrics.leading(leads),
      },
      this.#config,
    );
    await this.#duty.start();
  }

  #newFleet(): Fleet | undefined {
    const { clock, log, kinds, vantages, member = 'local' } = this.#options;
    const windows = this.#shared;
    if (!windows) return undefined;
    const metrics = this.#metrics;
    return new Fleet(
      { clock, log, windows, kinds, vantages, member, metrics, onMoved: () => this.#schedule() },
      this.#config,
    );
  }

  /** Has what is left for this process run, where it has changed. */
  #schedule(): void {
    const now = new Set(this.#scheduled.filter((one) => this.#fleet?.runs(one) ?? true));
    if (now.size === this.#running.size && now.isSubsetOf(this.#running)) return;
    this.#running = now;
    this.#scheduler?.update([...now]);
  }

  #apply(config: Config): void {
    const { kinds, vantages } = this.#options;
    this.#metrics.watched(config.checks);
    if (this.#judges) this.#telling.promises();
    this.#lastSeen.watch(config.checks, vantages);
    this.#latencies.watch(config.checks);
    this.#statusFeed.watch(this.#judges ? config.statusFeed : undefined);
    this.#scheduled = scheduledChecks(config, kinds, vantages);
    this.#schedule();
  }

  #onResult(store: WindowStore, given: RunResult): void {
    const { log } = this.#options;
    const result = this.#fleet?.labelled(given) ?? given;
    this.#metrics.observed(result);
    this.#lastSeen.note(result);
    this.#latencies.note(result);
    this.#kept?.keeping.note(result);
    // A clock that is off is told of once, not by check.
    this.#blindAlarm.note(given);
    void this.#register?.watch.heard(result.check, result.reading);
    if (result.bug)
      log.error({ check: result.check.id, bug: result.bug, detail: result.detail }, 'a bug in a probe');
    // What our clock may not label is refused there, and counted.
    if (given.seen.outcome === 'absent') return;
    store.put([given.seen]).catch((error: unknown) => this.#standing.failed(error));
  }

  #onVerdicts(atMs: number, verdicts: readonly Verdict[]): void {
    const { log, onEvaluated } = this.#options;
    const events = this.#latest ? verdictEvents(this.#latest.verdicts, verdicts) : [];
    const isFirst = !this.#latest;
    this.#latest = { atMs, verdicts };
    this.#revision = {};
    this.#standing.worked();
    this.#metrics.judged(verdicts);
    this.#telling.maintenance(atMs);
    this.#pushing.judged(atMs, verdicts);
    if (isFirst) void this.#telling.claims();
    for (const event of events) {
      const { atMs: _, kind, ...facts } = event;
      log[eventLevel(event)](facts, kind);
    }
    this.#server.publish({ atMs, verdicts, events });
    onEvaluated?.({ atMs, verdicts, checks: () => this.#lastSeen.all(), events });
  }

  #subregionsTold(): void {
    const { told } = this.#subregions;
    if (told) this.#duty?.tellSubregions(told);
    if (this.#judges) this.#telling.promises();
    for (const warning of this.#subregions.warnings(this.#config)) this.#options.log.warn(warning);
  }

  #recorded(): RecordSource {
    return recordControl({
      config: () => this.#config,
      store: () => this.#store,
      links: () => this.#opened().watch.links,
      explain: this.#answers.explain,
      breathe: () => setImmediate(),
    });
  }

  #health(): HealthJson {
    const { clock, version } = this.#options;
    return ownHealth({
      nowMs: clock.wallMs(),
      version,
      startedMs: this.#started.atMs,
      uptimeMs: clock.monotonicMs() - this.#started.monotonicMs,
      reasons: this.#notReady(),
      judged: this.#latest,
      leads: this.#judges ? this.#leads : undefined,
      heard: this.#fleet?.standing,
      windows: this.#standing.shown(),
      config: this.#config,
      loadedMs: this.#loaded.atMs,
      isLatestConfig: this.#loaded.isLatest,
      checks: this.#lastSeen.all(),
      warnings: this.#warnings(),
    });
  }

  #notReady(): readonly string[] {
    const { trouble } = this.#standing;
    return [
      ...(this.#latest || !this.#judges ? [] : ['nothing was judged yet']),
      ...(this.#running.size > 0 && !this.#lastSeen.hasAny ? ['no probe has run yet'] : []),
      ...(trouble === undefined ? [] : [`the window store failed: ${trouble}`]),
    ];
  }

  /** What somebody should know of what is shown here, one line each for people. */
  #warnings(): readonly string[] {
    const nowMs = this.#options.clock.wallMs();
    const ageMs = nowMs - (this.#latest?.atMs ?? nowMs);
    const age = formatDuration(Math.floor(ageMs / 1_000) * 1_000);
    return [
      ...(this.#judges ? [] : [ONLY_PROBES]),
      ...(ageMs > STALE_MS ? [`nothing could be judged for ${age}: these verdicts are as old`] : []),
      ...(this.#judgeLoop && this.#shared && !this.#leads ? [STANDS_BY] : []),
      ...(this.#fleet?.warnings ?? []),
      ...this.#subregions.warnings(this.#config),
      ...(this.#kept?.keeping.trouble === undefined ? [] : [this.#kept.keeping.trouble]),
    ];
  }

  #startCalendar(store: WindowStore): Calendar {
    const { clock, log } = this.#options;
    return scheduleCalendar({
      timezone: this.#config.contract.timezone,
      jobs: [
        { name: 'prove-references', cron: '7 * * * *', run: () => this.#egress.prove() },
        daily('prune', '04:10', async () => {
          if (!this.#leads) return;
          log.info({ dropped: await store.prune(clock.wallMs(), RETENTION) }, 'old windows pruned');
        }),
        daily('tell-promises', '00:00', async () => {
          if (this.#judges) this.#telling.promises();
        }),
        { name: 'keep-record', cron: '* * * * *', run: () => this.#keepRecord() },
        daily('claims', '00:15', () => this.#telling.claims()),
      ],
      onError: (job, error) => log.error({ err: error, job }, 'a calendar job failed'),
    });
  }

  /** Closes periods and archives, where this judge leads and has judged: another one does it otherwise. */
  async #keepRecord(): Promise<void> {
    if (this.#leads && this.#latest) await this.#keeping?.look();
  }
}
