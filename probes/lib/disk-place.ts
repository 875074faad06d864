import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readMark } from './disk-mark.ts';
import { alignedRun } from './disk-memory.ts';
import { BLOCK_BYTES } from './disk-messages.ts';
import type { DiskPlace, DiskRefusal } from './disk-messages.ts';

/** A place that is open for reading and writing, or why it isn't. */
export type Opened =
  | { readonly kind: 'open'; readonly fd: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly refusal: DiskRefusal };

/** Where file systems, volume managers and partition tables put what they are known by. */
const HEAD_BYTES = 131_072;

/**
 * Opens a place that carries our mark, and nothing else: whatever is written later lies in a span that was blank when
 * we marked it. Throws the system's error.
 */
export function openMarked(place: DiskPlace): Opened {
  // To open a device of another type may already do something.
  if (place.device && !statSync(place.path).isBlockDevice())
    return { kind: 'refused', refusal: 'not-a-device' };
  const fd = openPlace(place);
  if (fd === undefined) return { kind: 'absent' };
  try {
    const opened = inspect(fd, place);
    if (opened.kind !== 'open') closeSync(fd);
    return opened;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * The descriptor of the file or device, without a look into it; undefined when there is no such file. A link is not
 * followed to a file; on a device O_EXCL fails with EBUSY while it, or a partition of it, is mounted or otherwise held
 * by the kernel, and keeps it from being mounted until it is closed.
 */
export function openPlace({ path, device, direct }: DiskPlace): number | undefined {
  const only = device ? constants.O_EXCL : constants.O_NOFOLLOW;
  // Without O_NONBLOCK a pipe by that name would hold us for ever.
  const flags = constants.O_RDWR | constants.O_NONBLOCK | only | (direct ? constants.O_DIRECT : 0);
  try {
    return openSync(path, flags);
  } catch (error) {
    if (!device && error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function inspect(fd: number, place: DiskPlace): Opened {
  const stat = fstatSync(fd);
  if (place.device ? !stat.isBlockDevice() : !stat.isFile())
    return { kind: 'refused', refusal: place.device ? 'not-a-device' : 'not-a-file' };
  if (!place.device && stat.size !== place.sizeBytes) return refusedFile(fd, place, stat.size);
  if (place.device && isOccupied(fd, place)) return { kind: 'refused', refusal: 'occupied' };
  const mark = readMark(readBlocks(fd, place.offsetBytes, BLOCK_BYTES), place);
  if (mark === 'ours') return { kind: 'open', fd };
  if (mark !== 'blank') return { kind: 'refused', refusal: mark };
  return place.device ? { kind: 'absent' } : { kind: 'refused', refusal: 'not-ours' };
}

function refusedFile(fd: number, place: DiskPlace, size: number): Opened {
  if (size < BLOCK_BYTES) return { kind: 'refused', refusal: 'not-ours' };
  const mark = readMark(readBlocks(fd, 0, BLOCK_BYTES), place);
  if (mark === 'blank') return { kind: 'refused', refusal: 'not-ours' };
  return { kind: 'refused', refusal: mark === 'ours' ? 'wrong-size' : mark };
}

/** Whether the head of a device holds anything outside of our span: then somebody else lives there. */
export function isOccupied(fd: number, { offsetBytes }: DiskPlace): boolean {
  const bytes = Math.min(HEAD_BYTES, offsetBytes);
  return bytes > 0 && readBlocks(fd, 0, bytes).some((byte) => byte !== 0);
}

/** Bytes of an open place, as many as asked for or else up to its end. */
export function readBlocks(fd: number, position: number, bytes: number): Buffer {
  const blocks = alignedRun(bytes);
  return blocks.subarray(0, readSync(fd, blocks, 0, bytes, position));
}
