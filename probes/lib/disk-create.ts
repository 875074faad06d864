import { closeSync, constants, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { dirname } from 'node:path';
import { encodeMark } from './disk-mark.ts';
import { alignedBlocks, alignedRun } from './disk-memory.ts';
import { BLOCK_BYTES } from './disk-messages.ts';
import type { DiskPlace, DiskResult } from './disk-messages.ts';
import { isOccupied, openMarked, openPlace, readBlocks } from './disk-place.ts';

const PIECE_BYTES = 1_048_576;

/**
 * Makes the file, whole and marked or not at all; or marks the span of a device, if every byte of it is zero. Never
 * writes over anything; a place of ours that is there stays as it is. Throws the system's error.
 */
export function createPlace(place: DiskPlace): DiskResult {
  const opened = openMarked(place);
  if (opened.kind === 'refused') return opened;
  if (opened.kind === 'absent') return place.device ? markSpan(place) : createFile(place);
  closeSync(opened.fd);
  return { kind: 'created' };
}

function createFile(place: DiskPlace): DiskResult {
  const unfinished = `${place.path}.new`;
  // What a creation that was cut short has left; nobody has ever used it.
  unlinkIfThere(unfinished);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const fd = openSync(unfinished, flags | (place.direct ? constants.O_DIRECT : 0), 0o600);
  try {
    fill(fd, place);
    fsyncSync(fd);
    // Unlike a rename, a link never replaces what has come to be there meanwhile.
    linkSync(unfinished, place.path);
  } finally {
    closeSync(fd);
    unlinkIfThere(unfinished);
  }
  syncFolder(dirname(place.path));
  return { kind: 'created' };
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Real bytes and not a hole, so that later writes need no space; random ones, so that no store can skip them. */
function fill(fd: number, place: DiskPlace): void {
  const piece = alignedRun(Math.min(PIECE_BYTES, place.sizeBytes));
  for (let at = 0; at < place.sizeBytes; at += piece.length) {
    randomFillSync(piece);
    if (at === 0) encodeMark(place).copy(piece);
    writeAll(fd, piece.subarray(0, Math.min(piece.length, place.sizeBytes - at)), at);
  }
}

function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  fsyncSync(fd);
  closeSync(fd);
}

function markSpan(place: DiskPlace): DiskResult {
  const fd = openPlace(place);
  if (fd === undefined) return { kind: 'absent' };
  try {
    if (isOccupied(fd, place)) return { kind: 'refused', refusal: 'occupied' };
    if (!isBlank(fd, place)) return { kind: 'refused', refusal: 'not-blank' };
    const [block = Buffer.alloc(0)] = alignedBlocks(1);
    encodeMark(place).copy(block);
    writeAll(fd, block, place.offsetBytes);
    fsyncSync(fd);
    return { kind: 'created' };
  } finally {
    closeSync(fd);
  }
}

/** Whether the span is there to its end, and zero throughout. */
function isBlank(fd: number, { offsetBytes, sizeBytes }: DiskPlace): boolean {
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, sizeBytes - at);
    const piece = readBlocks(fd, offsetBytes + at, bytes);
    if (piece.length < bytes || piece.some((byte) => byte !== 0)) return false;
  }
  return true;
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const wrote = writeSync(fd, bytes, done, bytes.length - done, position + done);
    // A direct write that stops within a block cannot be taken up again at that byte.
    done += wrote - (wrote % BLOCK_BYTES);
    if (wrote < BLOCK_BYTES) throw Object.assign(new Error('less than a block written'), { code: 'ENOSPC' });
  }
}
