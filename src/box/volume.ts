import { once } from 'node:events';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { BoxService } from './service.ts';

/** What the probes call their files on the volume, in config/vigie.yaml. */
const FILES = ['vigie-volume.probe', 'vigie-iops.probe'] as const;

/**
 * A volume (SLA7): a folder of this machine, with real files on a real disk. One that is down answers as a disk that was
 * pulled out (ENXIO), which needs no privilege: a socket lies in the place of each file until it is mended.
 */
export const volume = {
  name: 'volume',
  summary: 'volume, a folder of this machine',
  faults: ['down'],
  meanings: { down: 'the disk has gone: it cannot be opened' },
  async settle(fault, { folder }) {
    await mkdir(folder, { recursive: true });
    for (const file of FILES)
      await (fault === undefined ? plugIn(join(folder, file)) : pullOut(folder, join(folder, file)));
  },
} as const satisfies BoxService;

const away = (path: string): string => `${path}.away`;
const marker = (path: string): string => `${path}.gone`;

async function pullOut(folder: string, path: string): Promise<void> {
  if (await isThere(marker(path))) return;
  await mkdir(marker(path));
  if (await isThere(path)) await rename(path, away(path));
  // A short name to be bound to: the paths of sockets may not be long.
  const socket = join(folder, 's');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  await rename(socket, path);
  server.close();
  await once(server, 'close');
}

async function plugIn(path: string): Promise<void> {
  if (!(await isThere(marker(path)))) return;
  await rm(path, { force: true });
  if (await isThere(away(path))) await rename(away(path), path);
  await rm(marker(path), { recursive: true });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
