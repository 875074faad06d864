import { isAbsolute, normalize } from 'node:path';
import { z } from 'zod';
import { BLOCK_BYTES } from './disk-messages.ts';
import type { DiskPlace } from './disk-messages.ts';

const OWN_NAME = /\/vigie-[A-Za-z0-9._-]*\.probe$/;
const LEAST_BYTES = 16 * BLOCK_BYTES;
const MOST_BYTES = 1_073_741_824;

const pathSchema = z
  .string()
  .max(240)
  .refine((path) => isAbsolute(path) && normalize(path) === path && !path.includes('\0'), {
    error: 'expected an absolute path without "." and ".."',
  });

const blocksSchema = z.int().multipleOf(BLOCK_BYTES, { error: `expected a multiple of ${BLOCK_BYTES}` });

/** Fields of all that write to a volume. */
export const placeFields = {
  file: pathSchema.describe(
    'File on the volume, by a name like /mnt/data/vigie-az-a.probe; it is made when it is not there, in its full size, and no other file is ever written to. Or a block device, with `device`. For one check of one vigie alone.',
  ),
  device: z
    .boolean()
    .prefault(false)
    .describe(
      'The file is a block device that nobody else uses, and no other check: not mounted, no file system or partition table at its begin, and nothing but zeros in the span, which is ours from then on.',
    ),
  offset: blocksSchema
    .min(0)
    .optional()
    .describe('Where the span begins in the device, in bytes; a multiple of 4096. To be said for a device.'),
  size: blocksSchema
    .min(LEAST_BYTES)
    .max(MOST_BYTES)
    .optional()
    .describe(
      'Bytes of the file, or of the span of the device; a multiple of 4096. To be said for a device.',
    ),
  direct: z
    .boolean()
    .prefault(true)
    .describe(
      'Pass by the cache of this machine (O_DIRECT). Without it what is read back may never have left the memory, and only the sync shows the disk: it proves less.',
    ),
} as const;

interface PlaceSettings {
  readonly file: string;
  readonly device: boolean;
  readonly offset?: number | undefined;
  readonly size?: number | undefined;
  readonly direct: boolean;
}

/** What the fields must be together. */
export function checkPlaceSettings(
  { file, device, offset, size }: PlaceSettings,
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  const refuse = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (!device && !OWN_NAME.test(file))
    refuse('file', 'expected a name that begins with "vigie-" and ends with ".probe", or `device: true`');
  if (!device && offset !== undefined) refuse('offset', 'goes with `device: true` alone');
  if (device && offset === undefined) refuse('offset', 'must be said for a device');
  if (device && size === undefined) refuse('size', 'must be said for a device');
}

/** The place that they name. `owner`: the kind of probe. */
export function placeOf(settings: PlaceSettings, owner: string, defaultBytes: number): DiskPlace {
  const { file, device, offset, size, direct } = settings;
  return { path: file, device, offsetBytes: offset ?? 0, sizeBytes: size ?? defaultBytes, direct, owner };
}
