import { closeSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import type { Clock } from '../../src/core/clock.ts';
import { alignedBlocks } from './disk-memory.ts';
import { BLOCK_BYTES } from './disk-messages.ts';
import type { DiskPlace, DiskResult, DiskStep } from './disk-messages.ts';
import { openMarked } from './disk-place.ts';

/** Where the job stands, said before each step; read when a system call throws. */
export type StepTeller = (step: DiskStep) => void;

/**
 * Writes one block of random bytes, brings it to the disk (fsync(2)) and reads it back, each by a call that blocks:
 * what is timed is the disk, not our queues. The place is opened for it and closed after it, so that a volume that is
 * not looked at can be unmounted, and one that has gone is seen to be gone. Throws the system's error.
 */
export function roundTrip(place: DiskPlace, turn: number, clock: Clock, tell: StepTeller): DiskResult {
  tell('open');
  const opened = openMarked(place);
  if (opened.kind !== 'open') return opened;
  try {
    return exchange(opened.fd, place, turn, clock, tell);
  } finally {
    closeSync(opened.fd);
  }
}

function exchange(fd: number, place: DiskPlace, turn: number, clock: Clock, tell: StepTeller): DiskResult {
  const [written = Buffer.alloc(0), seen = Buffer.alloc(0)] = alignedBlocks(2);
  randomFillSync(written);
  const offsetBytes = blockOffset(place, turn);
  const timed = (step: DiskStep, act: () => number): { readonly ms: number; readonly bytes: number } => {
    tell(step);
    const startedMs = clock.monotonicMs();
    const bytes = act();
    return { ms: clock.monotonicMs() - startedMs, bytes };
  };
  const write = timed('write', () => writeSync(fd, written, 0, BLOCK_BYTES, offsetBytes));
  if (write.bytes < BLOCK_BYTES) return { kind: 'short', step: 'write' };
  const sync = timed('sync', () => {
    fsyncSync(fd);
    return 0;
  });
  const read = timed('read', () => readSync(fd, seen, 0, BLOCK_BYTES, offsetBytes));
  if (read.bytes < BLOCK_BYTES) return { kind: 'short', step: 'read' };
  const at = written.findIndex((byte, index) => byte !== seen[index]);
  const differsAt = at < 0 ? undefined : at;
  return {
    kind: 'round-trip',
    roundTrip: { writeMs: write.ms, syncMs: sync.ms, readMs: read.ms, offsetBytes, differsAt },
  };
}

/** Turn by turn through all blocks of the place but the first, which carries the mark. In bytes. */
export function blockOffset({ offsetBytes, sizeBytes }: DiskPlace, turn: number): number {
  const blocks = sizeBytes / BLOCK_BYTES - 1;
  return offsetBytes + (1 + (turn % blocks)) * BLOCK_BYTES;
}
