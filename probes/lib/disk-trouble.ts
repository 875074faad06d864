import type { Fault } from '../../src/core/cause.ts';
import type { Reading } from '../../src/core/reading.ts';
import { formatDuration } from '../../src/core/duration.ts';
import type { DiskPlace, DiskRefusal, DiskStep } from './disk-messages.ts';
import type { DiskEnd } from './disk-process.ts';

/** Codes of errno(3) that speak of the volume. Of the closed set of faults these come nearest. */
const FAULT_CODES: ReadonlyMap<string, Fault> = new Map([
  // What answers so is a disk that does not do what a disk does.
  ['EIO', 'protocol'],
  ['EREMOTEIO', 'protocol'],
  ['EILSEQ', 'protocol'],
  ['ENODATA', 'protocol'],
  // The device has gone.
  ['ENODEV', 'connect'],
  ['ENXIO', 'connect'],
  ['ETIMEDOUT', 'timeout'],
]);

/** Codes that speak of this machine and of what it was told, and what is to be done. */
const OWN_CODES: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'the quota is used up'],
  ['EFBIG', 'files may not be that large'],
  ['EACCES', 'not permitted'],
  ['EPERM', 'not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'no such folder or device'],
  ['ENOTDIR', 'no such folder'],
  ['EISDIR', 'is a folder'],
  ['ELOOP', 'is a symbolic link, which is not followed'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EBUSY', 'the device, or a part of it, is mounted or in use'],
  ['EINVAL', 'direct I/O is not possible there; `direct: false` does without, and proves less'],
  ['EOPNOTSUPP', 'direct I/O is not possible there; `direct: false` does without, and proves less'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
  ['ENOMEM', 'out of memory'],
  ['EAGAIN', 'out of resources'],
  ['EEXIST', 'has just been made by somebody else'],
  ['EMLINK', 'has too many links'],
]);

const REFUSALS: Readonly<Record<DiskRefusal, string>> = {
  'not-a-file': 'is not a regular file',
  'not-a-device': 'is not a block device',
  'not-ours': 'is not a file of ours: its first block does not carry our mark, so it is left alone',
  'other-owner': 'is marked for another kind of probe; each needs a file of its own',
  'wrong-size': 'is marked with another offset or size; remove it, or configure what it was made with',
  'not-blank': 'holds data within the span, so it is left alone; only a span of zeros is taken',
  occupied:
    'begins with something other than zeros, as a file system or partition table would, so it is left alone',
};

/** A job that did not come to what the probe wanted. */
export type DiskTrouble = Exclude<DiskEnd, { readonly kind: 'round-trip' | 'burst' }>;

/**
 * What such a job says of the volume, or of us. Throws on a code that is not in the table: a bug of ours.
 */
export function troubleReading({ path }: DiskPlace, end: DiskTrouble): Reading {
  const fault = (word: Fault, text: string): Reading => ({
    kind: 'fault',
    fault: word,
    detail: clip(`${path}: ${text}`),
  });
  switch (end.kind) {
    case 'aborted':
      return fault('timeout', end.step ? `timeout in ${end.step}` : 'timeout waiting for another run');
    case 'short':
      return fault('protocol', `less than a block moved in ${end.step}`);
    case 'still-hanging':
      if (!end.step) return blind(path, 'the disk process was killed, and has not ended yet');
      return fault('timeout', `the ${end.step} begun ${formatDuration(end.forMs)} ago still hangs`);
    case 'failed':
      return failedReading(path, end.code, end.step);
    case 'refused':
      return blind(path, REFUSALS[end.refusal]);
    case 'no-process':
      return blind(path, 'the disk process did not start in time, or ended before its job was done');
    case 'creating':
      return blind(path, 'being made; the next runs will tell');
    case 'absent':
    case 'created':
      return blind(path, 'was removed the moment it was made');
  }
}

function failedReading(path: string, code: string, step: DiskStep): Reading {
  const fault = FAULT_CODES.get(code);
  if (fault) return { kind: 'fault', fault, detail: clip(`${path}: ${code} in ${step}`), evidence: { code } };
  const text = OWN_CODES.get(code);
  if (text === undefined) throw new Error(`unknown code ${code}`);
  return blind(path, `${code} in ${step}: ${text}`);
}

function blind(path: string, text: string): Reading {
  return { kind: 'blind', blind: 'local-resource', detail: clip(`${path}: ${text}`) };
}

const DETAIL_LENGTH = 300;

function clip(text: string): string {
  return text.length > DETAIL_LENGTH ? `…${text.slice(1 - DETAIL_LENGTH)}` : text;
}
