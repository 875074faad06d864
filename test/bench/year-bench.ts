import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Bench, figure } from './figure.ts';
import { cpuMs, peakMb } from './process-figures.ts';
import {
  YEAR_AT,
  yearConfiguration,
  yearContract,
  yearExclusions,
  yearObservations,
  type YearSize,
  yearTickets,
} from './simulated-year.ts';
import { RUNTIME_FLAGS } from './vigie-process.ts';

const SIZE: YearSize = { checks: 1_000, tickets: 500 };
const ROUNDS = 3;
const MOST_SECONDS = 60;
const MOST_MB = 1_000;
const LOOK_EVERY_MS = 100;

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A simulated year of all rows from files, in one command: verdicts, penalties and tickets. */
export const replayYearBench: Bench = {
  name: 'replay-year',
  summary: `a year of ${SIZE.checks} checks over all rows, 3 vantages, ${SIZE.tickets} tickets, replayed in one command`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'vigie-year-'));
    try {
      writeYear(folder);
      const [seconds, cpu, mb]: [number[], number[], number[]] = [[], [], []];
      for (let i = 0; i < ROUNDS; i++) {
        const round = await replay(folder);
        seconds.push(round.seconds);
        cpu.push(round.cpuMs / 1_000);
        mb.push(round.peakMb);
      }
      return [
        figure('replay of a year: to the last byte', 's', seconds, MOST_SECONDS),
        figure('replay of a year: CPU', 's', cpu),
        figure('replay of a year: most memory', 'MB', mb, MOST_MB),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function writeYear(folder: string): void {
  writeFileSync(join(folder, 'contract.yaml'), yearContract());
  writeFileSync(join(folder, 'vigie.yaml'), yearConfiguration(SIZE));
  writeLines(join(folder, 'exclusions.jsonl'), yearExclusions());
  writeLines(join(folder, 'tickets.jsonl'), yearTickets(SIZE));
  writeLines(join(folder, 'observations.jsonl'), yearObservations(SIZE));
}

const LINES_A_WRITE = 10_000;

function writeLines(path: string, lines: Iterable<string>): void {
  const file = openSync(path, 'w');
  let some: string[] = [];
  const write = (): void => {
    writeSync(file, some.map((line) => `${line}\n`).join(''));
    some = [];
  };
  for (const line of lines) {
    some.push(line);
    if (some.length === LINES_A_WRITE) write();
  }
  write();
  closeSync(file);
}

interface Round {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

const ARGS = ['replay', '--observations', 'observations.jsonl', '--tickets', 'tickets.jsonl'];
const MORE_ARGS = ['--exclusions', 'exclusions.jsonl', '--at', YEAR_AT, '--output', 'json'];

/** With the flags that package.json runs vigie with; breaches are what it is to find. */
async function replay(folder: string): Promise<Round> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...RUNTIME_FLAGS, MAIN, ...ARGS, ...MORE_ARGS], {
    cwd: folder,
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new AbortController();
  const watching = watch(child.pid ?? 0, ended.signal);
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - startedMs) / 1_000;
  ended.abort();
  if (code !== 1) throw new Error(`the replay ended with ${String(code)}, and was to find breaches`);
  return { seconds, ...(await watching) };
}

/** Undefined of a process that has ended; without memory of one that nobody has waited for yet. */
function figuresOf(pid: number): Omit<Round, 'seconds'> | undefined {
  try {
    return { cpuMs: cpuMs(pid), peakMb: peakMb(pid) };
  } catch {
    return undefined;
  }
}

/** What a process came to when it was last looked at. */
async function watch(pid: number, ended: AbortSignal): Promise<Omit<Round, 'seconds'>> {
  let last = { cpuMs: 0, peakMb: 0 };
  while (!ended.aborted) {
    await pause(LOOK_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
    const now = figuresOf(pid);
    if (now && !Number.isNaN(now.peakMb)) last = now;
  }
  return last;
}
