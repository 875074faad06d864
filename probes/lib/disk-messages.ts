/** Bytes of a block: what every operation reads or writes, at a multiple of as much. */
export const BLOCK_BYTES = 4_096;

/** A file, or a span of a block device, that probes may write to. */
export interface DiskPlace {
  /** Absolute path. */
  readonly path: string;
  /** Whether the path is a block device; else a regular file of our own making. */
  readonly device: boolean;
  /** Where the span begins, in bytes; 0 in a file. A multiple of {@link BLOCK_BYTES}, as is the size. */
  readonly offsetBytes: number;
  /** Bytes of the span, its first block included, which carries our mark and is never written again. */
  readonly sizeBytes: number;
  /** Whether the cache of the machine is passed by (O_DIRECT, open(2)). */
  readonly direct: boolean;
  /** The kind of probe that it belongs to, written in the mark. */
  readonly owner: string;
}

/** Reads and writes of random blocks, at a bounded rate and a bounded number at once. */
export interface BurstPlan {
  /** Operations a second that are asked for at the most. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Operations under way at once, at the most. */
  readonly depth: number;
  /** Share of the operations that are reads, 0 to 1. */
  readonly readShare: number;
}

/** What the disk process is asked to do. One job at a time. */
export type DiskJob =
  | { readonly job: 'create'; readonly place: DiskPlace }
  | { readonly job: 'round-trip'; readonly place: DiskPlace; readonly turn: number }
  | { readonly job: 'burst'; readonly place: DiskPlace; readonly plan: BurstPlan };

/** What the disk process is about to do, told before it does it: where it stands when it hangs. */
export type DiskStep = 'open' | 'create' | 'write' | 'sync' | 'read' | 'burst';

/** One block written, synced and read back. Times in milliseconds. */
export interface RoundTrip {
  readonly writeMs: number;
  readonly syncMs: number;
  readonly readMs: number;
  /** Of the block, in bytes from the begin of the file or device. */
  readonly offsetBytes: number;
  /** The first byte of the block that was not what had been written; undefined when all were. */
  readonly differsAt: number | undefined;
}

/** What came of a burst. */
export interface BurstCount {
  /** Operations a second after the first, from the begin of the burst until the last was done. */
  readonly perSecond: number;
  readonly reads: number;
  readonly writes: number;
  /** From the first operation begun to the last one done, in milliseconds. */
  readonly elapsedMs: number;
  /** Share of that time, 0 to 1, in which our own event loop was at work, or due to be, and not waiting for the disk. */
  readonly busyShare: number;
  /** Share of the time of all operations, 0 to 1, in which their threads waited for a processor; 0 where not known. */
  readonly queuedShare: number;
  /** Mean time of an operation as the process sees it, in milliseconds. */
  readonly meanMs: number;
}

/** Why a place is not written to. Each is for people to put right; none says anything of the volume. */
export type DiskRefusal =
  'not-a-file' | 'not-a-device' | 'not-ours' | 'other-owner' | 'wrong-size' | 'not-blank' | 'occupied';

/** What a job came to. `absent`: there is no such file yet, or the span of the device carries no mark yet. */
export type DiskResult =
  | { readonly kind: 'created' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'round-trip'; readonly roundTrip: RoundTrip }
  | { readonly kind: 'burst'; readonly count: BurstCount }
  | { readonly kind: 'refused'; readonly refusal: DiskRefusal }
  /** An operation moved fewer bytes than a block. */
  | { readonly kind: 'short'; readonly step: DiskStep }
  /** The system's code, like EIO. */
  | { readonly kind: 'failed'; readonly code: string; readonly step: DiskStep };

/** What the disk process says. A job begins with a step, and ends with a result. */
export type DiskMessage =
  { readonly say: 'step'; readonly step: DiskStep } | { readonly say: 'result'; readonly result: DiskResult };
