import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBit } from '../../src/core/slots.ts';
import { phaseMs } from '../../src/schedule/phase.ts';
import { type Running, runVigie, startVigie } from '../commands/spawn-vigie.ts';
import { openShared } from '../window/redis-subject.ts';
import { becomes } from './redis.ts';

const CONTRACT = `id: mine
version: "1"
timezone: UTC
period: { month: calendar, year: calendar }
readings: { client: {} }
rows:
  - { id: web, clause: A, title: Web, type: availability, target: "99.9", period: month }
`;

const READY_WITHIN_MS = 40_000;
/** How often the target looks whether it is late, and from when on it says so. */
const LOOK_EVERY_MS = 20;
const STALLED_MS = 100;

/** When the target itself did not come to answering. */
interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the target answered to one request, and when it did. */
export interface Answered {
  readonly check: string;
  readonly vantage: string;
  readonly atMs: number;
  readonly outcome: 'good' | 'bad';
}

/** A process of the fleet. */
export interface FleetProcess extends Running {
  readonly url: string;
}

/** What the API tells of one verdict. */
export interface ShownVerdict {
  readonly row: string;
  readonly downtimeMs: {
    readonly best: number;
    readonly estimate: number;
    readonly worst: number;
    readonly raw: number;
  };
  readonly unknownMs: number;
  readonly incidents: readonly { readonly from: string; readonly to: string }[];
}

/** What {@link WatchedFleet.stored} gives. */
export interface StoredSlots {
  readonly slots: readonly string[];
  readonly wrong: readonly string[];
  readonly doubtful: number;
}

/** How a fleet is set up. */
export interface FleetSetup {
  readonly redisUrl: string;
  readonly vantages: readonly string[];
  readonly checks: number;
  readonly intervalMs: number;
  /** Further lines of the configuration. */
  readonly more?: string;
  /** Whether all vantages send the identical request. */
  readonly identical?: boolean;
}

/**
 * Several vigies that share windows and look at one web server, which knows the truth: what it answered to whom, and
 * when. Each process has a folder of its own.
 */
export class WatchedFleet {
  readonly setup: FleetSetup;
  readonly answered: Answered[] = [];
  /** Checks that are answered badly at the moment. */
  readonly broken = new Set<string>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'vigie-fleet-'));
  readonly #target: Server;
  readonly #running: Running[] = [];
  readonly #stalls: Stall[] = [];
  #watch: NodeJS.Timeout | undefined;
  #started = 0;

  private constructor(setup: FleetSetup, target: Server) {
    this.setup = setup;
    this.#target = target;
  }

  static async open(setup: FleetSetup): Promise<WatchedFleet> {
    const target = createServer();
    const fleet = new WatchedFleet(setup, target);
    target.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'http://target');
      const check = url.pathname.slice(1);
      const vantage = url.searchParams.get('from') ?? '';
      const outcome = fleet.broken.has(check) ? 'bad' : 'good';
      const atMs = Date.now();
      response.writeHead(outcome === 'good' ? 200 : 500).end('x', () => {
        fleet.answered.push({ check, vantage, atMs, outcome });
      });
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    fleet.#watchStalls();
    return fleet;
  }

  #watchStalls(): void {
    let lastMs = Date.now();
    this.#watch = setInterval(() => {
      const nowMs = Date.now();
      if (nowMs - lastMs > STALLED_MS) this.#stalls.push({ fromMs: lastMs, toMs: nowMs });
      lastMs = nowMs;
    }, LOOK_EVERY_MS);
  }

  /** Whether the target was held up while a request of that slot may have waited for it: what it came to is not known. */
  #isDoubtful(slot: number): boolean {
    const { intervalMs } = this.setup;
    const [fromMs, toMs] = [slot * intervalMs, (slot + 2) * intervalMs];
    return this.#stalls.some((stall) => stall.fromMs < toMs && stall.toMs > fromMs);
  }

  get checks(): readonly string[] {
    return Array.from({ length: this.setup.checks }, (_, i) => `web-${i}`);
  }

  /** The slot that a request belongs to: the one that was due last when it came. */
  slotOf({ check, vantage, atMs }: Pick<Answered, 'check' | 'vantage' | 'atMs'>): number {
    const { intervalMs, vantages } = this.setup;
    return Math.floor((atMs - phaseMs({ id: check, intervalMs, vantages }, vantage)) / intervalMs);
  }

  /** Starts a process; resolves once it listens. */
  async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<FleetProcess> {
    const cwd = join(this.#folder, `p${this.#started++}`);
    mkdirSync(cwd);
    const vantage = args[args.indexOf('--vantage') + 1] ?? '';
    writeFileSync(join(cwd, 'contract.yaml'), CONTRACT);
    writeFileSync(join(cwd, 'vigie.yaml'), this.configuration(args.includes('--vantage') ? vantage : 'none'));
    const running = startVigie(['run', '--no-table', '--config', 'vigie.yaml', ...args], { cwd, env });
    this.#running.push(running);
    const [url] = await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
    return { ...running, url };
  }

  /** Starts a process that looks from a vantage, and does nothing else. */
  startProbe(vantage: string): Promise<FleetProcess> {
    return this.start(['--role', 'probe', '--vantage', vantage]);
  }

  /** Starts a process that judges, and does nothing else. */
  startJudge(): Promise<FleetProcess> {
    return this.start(['--role', 'judge']);
  }

  /** The configuration of a process that looks from a vantage. */
  configuration(vantage: string): string {
    const { redisUrl, vantages, intervalMs, more = '', identical = false } = this.setup;
    const { port } = this.#target.address() as AddressInfo;
    const query = identical ? '' : `?from=${vantage}`;
    const checks = this.checks.map(
      (id) => `  - { id: ${id}, probe: http, row: web, interval: ${intervalMs / 1_000}s, timeout: 800ms,
      with: { url: 'http://127.0.0.1:${port}/${id}${query}' } }`,
    );
    return `contract: contract.yaml
region: here
vantages: [${vantages.join(', ')}]
window: { url: '${redisUrl}', prefix: 'fleet:' }
listen: { port: 0 }
${more}
checks:
${checks.join('\n')}
`;
  }

  async verdict({
    url,
  }: FleetProcess): Promise<ShownVerdict & { readonly at: string; readonly warnings: readonly string[] }> {
    const shown = (await (await fetch(`${url}/api/verdicts`)).json()) as {
      readonly at: string;
      readonly warnings: readonly string[];
      readonly verdicts: readonly ShownVerdict[];
    };
    const [verdict] = shown.verdicts;
    if (!verdict) throw new Error('nothing was judged yet');
    return { at: shown.at, warnings: shown.warnings, ...verdict };
  }

  async metric({ url }: FleetProcess, name: string): Promise<number | undefined> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  isReady({ url }: FleetProcess): Promise<boolean> {
    return fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  }

  /** Waits until all of these processes say that they are ready. */
  allReady(processes: readonly FleetProcess[]): Promise<void> {
    const are = async () => Promise.all(processes.map((one) => this.isReady(one)));
    return becomes(async () => (await are()).every(Boolean), READY_WITHIN_MS);
  }

  /** Waits until one of the processes leads, and gives it. */
  async leader(processes: readonly FleetProcess[], withinMs = 30_000): Promise<FleetProcess> {
    let leader: FleetProcess | undefined;
    await becomes(async () => {
      for (const one of processes) {
        const leads = await this.metric(one, 'vigie_judge_leading').catch(() => undefined);
        if (leads === 1) leader = one;
      }
      return leader !== undefined;
    }, withinMs);
    if (!leader) throw new Error('nobody leads');
    return leader;
  }

  /** Slots that a process has counted as observed, all outcomes together. */
  async observed({ url }: FleetProcess): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const counts = text.matchAll(/^vigie_probe_observations_total\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /**
   * The slots that the windows hold, as `check vantage slot outcome`, those that are not what the target answered, and how
   * many of these were left out since it was held up itself.
   */
  async stored(): Promise<StoredSlots> {
    const store = await openShared(this.setup.redisUrl, { prefix: 'fleet:' });
    const told = this.answered.map((one) => `${one.check} ${one.vantage} ${this.slotOf(one)} ${one.outcome}`);
    const truth = new Set(told);
    const slots: string[] = [];
    for (const check of this.checks) {
      const key = { check, intervalMs: this.setup.intervalMs };
      const { firstSlot = 0, lastSlot = -1 } = (await store.seen(key)) ?? {};
      const [bits] = await store.read([{ ...key, fromSlot: firstSlot, toSlot: lastSlot + 1 }]);
      for (const { vantage, seen, bad } of bits?.vantages ?? []) {
        for (let slot = firstSlot; slot <= lastSlot; slot++) {
          const i = slot - (bits?.baseSlot ?? 0);
          if (getBit(seen, i)) slots.push(`${check} ${vantage} ${slot} ${getBit(bad, i) ? 'bad' : 'good'}`);
        }
      }
    }
    await store.close();
    const unlike = slots.filter((slot) => !truth.has(slot));
    const wrong = unlike.filter((slot) => !this.#isDoubtful(Number(slot.split(' ')[2])));
    return { slots, wrong, doubtful: unlike.length - wrong.length };
  }

  /** These slots, as {@link stored} gives them, each with the cause that was noted and what came to the target, by due instant. */
  async caused(slots: readonly string[]): Promise<readonly string[]> {
    const store = await openShared(this.setup.redisUrl, { prefix: 'fleet:' });
    const found: string[] = [];
    for (const text of slots) {
      const [check = '', vantage = '', slot = ''] = text.split(' ');
      const fromSlot = Number(slot);
      const key = { check, intervalMs: this.setup.intervalMs };
      const marks = await store.marks({ ...key, fromSlot, toSlot: fromSlot + 1 });
      const own = marks.find((mark) => mark.vantage === vantage);
      const came = this.#cameAround(check, vantage, fromSlot).join();
      found.push(`${text} ${own?.cause ?? '-'} ${JSON.stringify(own?.evidence ?? null)} came ${came}`);
    }
    await store.close();
    return found;
  }

  #cameAround(check: string, vantage: string, slot: number): readonly string[] {
    const { intervalMs, vantages } = this.setup;
    const dueMs = slot * intervalMs + phaseMs({ id: check, intervalMs, vantages }, vantage);
    return this.answered
      .filter((one) => one.check === check && one.vantage === vantage)
      .filter(({ atMs }) => Math.abs(atMs - dueMs) < 3 * intervalMs)
      .map(({ outcome, atMs }) => `${outcome} ${atMs - dueMs} ms`);
  }

  /** The verdict at an instant by `vigie replay` of these slots. */
  async replayed(slots: readonly string[], at: string): Promise<ShownVerdict | undefined> {
    const { cwd, observations } = this.#writeObservations(slots);
    const args = ['--config', 'vigie.yaml', '--observations', observations, '--at', at, '--output', 'json'];
    const { stdout } = await runVigie(['replay', ...args], { cwd });
    return (JSON.parse(stdout) as { readonly verdicts: readonly ShownVerdict[] }).verdicts[0];
  }

  /** Writes slots, each as `check vantage slot outcome`, as `vigie replay` reads them. */
  #writeObservations(slots: readonly string[]): { readonly cwd: string; readonly observations: string } {
    const cwd = join(this.#folder, 'replay');
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'contract.yaml'), CONTRACT);
    writeFileSync(join(cwd, 'vigie.yaml'), this.configuration('none'));
    const lines = slots.map((text) => {
      const [check, vantage, slot, outcome] = text.split(' ');
      const cause = outcome === 'bad' ? { cause: 'status' } : {};
      const at = new Date(Number(slot) * this.setup.intervalMs).toISOString();
      return JSON.stringify({ check, vantage, slot: at, outcome, ...cause });
    });
    writeFileSync(join(cwd, 'observations.jsonl'), `${lines.join('\n')}\n`);
    return { cwd, observations: 'observations.jsonl' };
  }

  async stop(): Promise<void> {
    for (const running of this.#running) {
      running.kill('SIGCONT');
      running.kill('SIGTERM');
    }
    await Promise.all(this.#running.map(({ finished }) => finished));
    clearInterval(this.#watch);
    this.#target.closeAllConnections();
    await new Promise((resolve) => this.#target.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What of a verdict must be the same, whoever judges. */
export function figuresOf(verdict: ShownVerdict | undefined) {
  if (!verdict) throw new Error('no verdict');
  const { downtimeMs, unknownMs, incidents } = verdict;
  return { downtimeMs, unknownMs, incidents };
}
