import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import type { AppState } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { LiveScreen } from '../console/live-screen.ts';
import type { LastSeen, LiveEvent, LiveService, LiveState } from '../console/live-state.ts';
import { liveGist, liveView } from '../console/live-view.ts';
import { memberName } from '../console/reading-groups.ts';
import type { VerdictEvent } from '../core/verdict-events.ts';
import { verdictJson } from '../core/verdict-json.ts';
import type { CheckStatus } from '../web/sources.ts';
import type { Drill } from './drill.ts';
import { type Io, styleOf } from './io.ts';

/** What the live table is made of. */
export interface ScreenOptions {
  readonly io: Io;
  readonly config: Config;
  /** Whether a table is wanted at all. */
  readonly wanted: boolean;
  /** The region in a box, when it is that which is watched. */
  readonly drill?: Drill;
}

/** The live table of `vigie run`; on a terminal with keys. */
export interface Screen {
  /** Where the log is to go while the table has the terminal; undefined means as usual. */
  readonly logTo: DestinationStream | undefined;
  /** Resolves when the user asked by a key to end. */
  readonly quit: Promise<void>;
  started(url: string): void;
  show(state: AppState): void;
  close(): void;
}

const EVENTS_KEPT = 20;
const PRINT_AT_MOST_EVERY_MS = 10_000;
const CTRL_C = '\u0003';
/** Space, the right arrow, and page down. */
const PAGE_KEYS: ReadonlySet<string> = new Set([' ', '\u001b[C', '\u001b[6~']);
/** Of the services of the box in their order; q ends. */
const SERVICE_KEYS = 'abcdefghijklmnoprstuvwxyz';

/** The live table, or nothing at all when none is wanted. */
export function openScreen(options: ScreenOptions): Screen {
  return options.wanted ? new LiveTable(options) : NO_SCREEN;
}

const NO_SCREEN: Screen = {
  logTo: undefined,
  quit: new Promise(() => undefined),
  started: () => undefined,
  show: () => undefined,
  close: () => undefined,
};

class LiveTable implements Screen {
  readonly logTo: DestinationStream | undefined;
  readonly quit: Promise<void>;
  readonly #options: ScreenOptions;
  readonly #screen: LiveScreen;
  readonly #unlisten: () => void;
  #url = '';
  #events: readonly LiveEvent[] = [];
  #page = 0;
  #last: AppState | undefined;

  constructor(options: ScreenOptions) {
    const { io, config } = options;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.quit = promise;
    options.drill?.onFault((service, fault) => {
      this.#note([{ kind: 'fault-set', atMs: systemClock.wallMs(), service, fault }]);
    });
    this.#unlisten = io.onKey((key) => {
      if (key === 'q' || key === CTRL_C) resolve();
      else if (PAGE_KEYS.has(key)) this.#turnPage();
      else this.#toggle(key);
    });
    this.#screen = new LiveScreen({
      write: io.out,
      size: () => (io.isTerminal ? io.size() : undefined),
      quietMs: PRINT_AT_MOST_EVERY_MS,
    });
    this.logTo = io.isTerminal ? logFile(config) : undefined;
  }

  started(url: string): void {
    this.#url = url;
    const { config, io } = this.#options;
    if (!io.isTerminal)
      io.out(`vigie watches ${config.checks.length} checks; status page and API: ${url}\n\n`);
  }

  show(state: AppState): void {
    this.#note(state.events.map(liveEvent));
    this.#last = state;
    this.#paint(state);
  }

  #paint({ atMs, verdicts, checks }: AppState): void {
    const { io, config, drill } = this.#options;
    const state: LiveState = {
      address: this.#url,
      title: drill
        ? `a region in a box, judged by ${config.contract.id}`
        : `${config.region}, judged by ${config.contract.id}`,
      atMs,
      verdicts: verdicts.map(verdictJson),
      checks: checks().map(lastSeen),
      events: this.#events,
      services: this.#services(),
      next: this.#next(),
      keys: io.hasKeys ? this.#keys() : '',
      page: this.#page,
    };
    const height = io.isTerminal ? { height: io.size().rows - 1 } : {};
    const lines = liveView(state, { ...styleOf(io), ...height });
    this.#screen.show({ lines, gist: liveGist(state) }, systemClock.monotonicMs());
  }

  close(): void {
    this.#unlisten();
    this.#screen.release();
  }

  #note(events: readonly LiveEvent[]): void {
    this.#events = [...this.#events, ...events].slice(-EVENTS_KEPT);
  }

  #turnPage(): void {
    this.#page++;
    if (this.#last) this.#paint(this.#last);
  }

  #services(): readonly LiveService[] {
    const services = this.#options.drill?.services() ?? [];
    return services.map(({ name, summary, fault }, index) => ({
      key: (this.#options.io.hasKeys ? SERVICE_KEYS[index] : undefined) ?? ' ',
      name,
      summary,
      fault,
    }));
  }

  #toggle(key: string): void {
    const { drill } = this.#options;
    const service = drill?.services()[key === '' ? -1 : SERVICE_KEYS.indexOf(key)];
    if (!drill || !service) return;
    const fault = service.fault === undefined ? service.faults[0] : undefined;
    drill.faults.set({ fault: `${service.name}=${fault ?? 'none'}` });
  }

  #keys(): string {
    return this.#options.drill ? 'letters: break or mend a service · q: end' : 'q: end';
  }

  /** What to try next. */
  #next(): readonly string[] {
    const { drill, io, config } = this.#options;
    const log = io.isTerminal ? [`log: ${logPath(config)}`] : [];
    if (!drill) return log;
    return [
      ...log,
      `curl -d '{"fault":"dns=slow"}' -H 'content-type: application/json' ${this.#url}/api/faults`,
      `${io.called} run --fault help lists what can be broken, and how`,
      `${io.called} exclude add works --kind maintenance --for 10m --row sla3.dns --reason works`,
      `${io.called} ticket open INC-1 --severity 2 --complete`,
      'undecided: what happened before vigie was there is not known, and counts as the worst case',
      `watch your own region: ${io.called} run --config FILE; begin with config/examples/outside.yaml`,
    ];
  }
}

function liveEvent({ row, scope, ...event }: VerdictEvent): LiveEvent {
  return { ...event, member: memberName({ row, scope }) };
}

function lastSeen({ check, vantage, outcome, cause, latencyMs }: CheckStatus): LastSeen {
  return {
    check,
    vantage,
    outcome: outcome ?? 'waiting',
    ...(cause === null ? {} : { cause }),
    ...(latencyMs === null ? {} : { latencyMs }),
  };
}

function logPath(config: Config): string {
  return join(config.dataDir, 'vigie.log');
}

function logFile(config: Config): DestinationStream {
  mkdirSync(config.dataDir, { recursive: true });
  return pino.destination({ dest: logPath(config), sync: false });
}
