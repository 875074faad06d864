import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const USER_FIELD = 11;

/** CPU time of a process and all its threads so far, user and system, in milliseconds; in steps of a clock tick. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in parentheses and may hold blanks; the fields after it do not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1]);
  return (ticks / TICKS_PER_SECOND) * 1000;
}

/** Resident memory of a process, in MB (10^6 bytes). */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** The most that the resident memory of a process ever was, in MB (10^6 bytes). */
export function peakMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

function statusMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return (Number(kib) * 1024) / 1e6;
}
