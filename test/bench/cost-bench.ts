import { setTimeout as pause } from 'node:timers/promises';
import { BLACKBOX, type Blackbox, startBlackbox } from './blackbox.ts';
import { type CheckEntry, checksOf, httpSettings, writeConfiguration } from './configuration.ts';
import { type Bench, type Figure, figure, ratio } from './figure.ts';
import { HelperProcess } from './helper-process.ts';
import { cpuMs } from './process-figures.ts';
import type { ScraperTalk } from './scraper.ts';
import type { TargetTalk } from './targets.ts';
import { RUNTIME_FLAGS } from './vigie-process.ts';
import type { WatcherTalk } from './watcher.ts';

type Kind = 'http' | 'https' | 'tcp' | 'dns';

/** What both sides look at. */
interface Subject {
  readonly checks: readonly CheckEntry[];
  /** The target as blackbox is told it. */
  readonly target: string;
  readonly ca: string;
}

const INTERVAL = '2s';
const INTERVAL_SECONDS = 2;
/** Probes a second; a TLS handshake costs the target about a millisecond, too. */
const RATES: Readonly<Record<Kind, number>> = { http: 1_000, https: 250, tcp: 1_000, dns: 1_000 };
const CA_FILE = 'ca.pem';
const ROUNDS = 3;
/** vigie runs for months: by then what is hot has been compiled. */
const WARM_UP_MS = 40_000;
/** A process that was held comes back with all its checks due at once: after two intervals it is in step. */
const SETTLE_MS = 5_000;
const ROUND_MS = 6_000;

type Targets = HelperProcess<TargetTalk>;

const SUBJECTS: Readonly<Record<Kind, (targets: Targets, checks: number) => Promise<Subject>>> = {
  async http(targets, checks) {
    const { port } = await targets.ask('http', null);
    const origin = `http://127.0.0.1:${port}`;
    return { checks: checksOf('http', httpSettings(origin, checks), INTERVAL), target: `${origin}/`, ca: '' };
  },
  async https(targets, checks) {
    const { port, ca } = await targets.ask('https', null);
    const origin = `https://127.0.0.1:${port}`;
    const settings = httpSettings(origin, checks).map((each) => ({
      ...each,
      tls: { ca: { file: CA_FILE } },
    }));
    return { checks: checksOf('http', settings, INTERVAL), target: `${origin}/`, ca };
  },
  async tcp(targets, checks) {
    const ports = await targets.ask('tcp', checks);
    const settings = ports.map((port) => ({ host: '127.0.0.1', port }));
    return { checks: checksOf('tcp', settings, INTERVAL), target: `127.0.0.1:${ports[0]}`, ca: '' };
  },
  async dns(targets, checks) {
    const { port } = await targets.ask('dns', null);
    const settings = Array.from({ length: checks }, (_, i) => ({
      server: '127.0.0.1',
      port,
      name: `c${i}.bench.example`,
    }));
    return { checks: checksOf('dns', settings, INTERVAL), target: `127.0.0.1:${port}`, ca: '' };
  },
};

/**
 * CPU time per probe, vigie with all that belongs to it (schedule, probe, classification, window and its file,
 * metrics, judge) against blackbox's bare probe at the same rate, in turns. The interval is one at which the guard that
 * keeps identical requests a second apart has nothing to do.
 */
export function costBench(kind: Kind, goal: number): Bench {
  return {
    name: kind,
    summary: `CPU per ${kind} probe, all in, against ${BLACKBOX}`,
    async run() {
      const targets = new HelperProcess<TargetTalk>('./targets.ts');
      try {
        const subject = await SUBJECTS[kind](targets, RATES[kind] * INTERVAL_SECONDS);
        const blackbox = await startBlackbox(subject.ca);
        if (!blackbox) return { skipped: `${BLACKBOX} is not installed` };
        try {
          return await compare(kind, goal, subject, targets, blackbox);
        } finally {
          await blackbox.end();
        }
      } finally {
        await targets.end();
      }
    },
  };
}

async function compare(
  kind: Kind,
  goal: number,
  { checks, target, ca }: Subject,
  targets: Targets,
  blackbox: Blackbox,
): Promise<readonly Figure[]> {
  const configuration = writeConfiguration(checks, ['here'], { [CA_FILE]: ca });
  const watcher = new HelperProcess<WatcherTalk>('./watcher.ts', RUNTIME_FLAGS);
  const scraper = new HelperProcess<ScraperTalk>('./scraper.ts');
  const url = blackbox.probeUrl(kind, target);
  try {
    await watcher.ask('start', { path: configuration.path, record: false });
    await pause(WARM_UP_MS);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      watcher.resume();
      await pause(SETTLE_MS);
      ours.push(await ourCost(watcher, targets, RATES[kind]));
      watcher.pause();
      theirs.push(await theirCost(blackbox, scraper, url, RATES[kind]));
    }
    return [
      figure(`${kind}: vigie, all in`, 'ms CPU/probe', ours),
      figure(`${kind}: ${BLACKBOX}`, 'ms CPU/probe', theirs),
      ratio(`${kind}: vigie by blackbox`, ours, theirs, goal),
    ];
  } finally {
    await scraper.end();
    await watcher.end();
    configuration.remove();
  }
}

async function ourCost(
  watcher: HelperProcess<WatcherTalk>,
  targets: Targets,
  perSecond: number,
): Promise<number> {
  const [cpuBefore, countBefore] = [cpuMs(watcher.pid), await targets.ask('count', null)];
  await pause(ROUND_MS);
  const [cpuAfter, countAfter] = [cpuMs(watcher.pid), await targets.ask('count', null)];
  const probes = countAfter - countBefore;
  if (probes < 0.2 * perSecond * (ROUND_MS / 1000)) throw new Error(`vigie sent ${probes} requests only`);
  return (cpuAfter - cpuBefore) / probes;
}

async function theirCost(
  blackbox: Blackbox,
  scraper: HelperProcess<ScraperTalk>,
  url: string,
  perSecond: number,
): Promise<number> {
  const before = cpuMs(blackbox.pid);
  const scrape = { url, perSecond, forMs: ROUND_MS, expect: 'probe_success 1' };
  const { ok, failed } = await scraper.ask('scrape', scrape);
  if (failed > 0) throw new Error(`${failed} probes of ${BLACKBOX} failed`);
  return (cpuMs(blackbox.pid) - before) / ok;
}
