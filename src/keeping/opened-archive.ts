import type { ArchivePlace } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { type ArchiveFiles, folderFiles } from '../evidence/archive-files.ts';
import { bucketFiles } from './s3-archive.ts';

/** The files of an archive, and how to let go of them. */
export interface OpenedArchive {
  readonly files: ArchiveFiles;
  readonly close: () => Promise<void>;
}

/** The archive at the place that a configuration names. Nothing is read or written yet. */
export function openArchive(place: ArchivePlace, clock: Clock): OpenedArchive {
  if ('directory' in place) return { files: folderFiles(place.directory), close: () => Promise.resolve() };
  const files = bucketFiles(place.bucket, place.prefix, clock);
  return { files, close: () => files.close() };
}
