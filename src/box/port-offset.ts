import { join } from 'node:path';
import { BOX_HOST } from './listener.ts';
import { BOX_SERVICES } from './services.ts';

const BOX_PORTS: ReadonlySet<number> = new Set(BOX_SERVICES.flatMap(({ port }) => port ?? []));
const LOWEST_PORT = 1_024;
const HIGHEST_PORT = 65_535;

/** A port behind the box's address, or after `port:`. */
const PORT = new RegExp(`(?<=${RegExp.escape(BOX_HOST)}:|\\bport:\\s*)\\d+\\b`, 'g');

/** Whether every port of the box is a port that anyone may listen on when this is added to it. */
export function isPortOffset(offset: number): boolean {
  const shifted = [...BOX_PORTS].map((port) => port + offset);
  return shifted.every((port) => Number.isInteger(port) && port >= LOWEST_PORT && port <= HIGHEST_PORT);
}

/** The text of a configuration of the box with `offset` added to each of the box's ports; the rest is as it was. */
export function withPortOffset(text: string, offset: number): string {
  return text.replace(PORT, (digits) =>
    BOX_PORTS.has(Number(digits)) ? String(Number(digits) + offset) : digits,
  );
}

/** The address of vigie itself in the configuration of the box. */
const OWN_PORT = /(?<=^listen: .*port: )\d+/m;
/** What the configuration of the box names by a path from its own folder. */
const RELATIVE = /(?<=\b(?:contract|file): )(?:contracts|box)\/[\w.-]+/g;
const DATA_DIR = /(?<=^dataDir: ).*/m;

/** The text of a configuration of the box, as it may lie in a folder of a drill and be used from there. */
export function movedBoxConfig(text: string, from: string, portOffset: number): string {
  return text
    .replace(DATA_DIR, '.')
    .replace(OWN_PORT, (digits) => String(Number(digits) + portOffset))
    .replace(RELATIVE, (path) => `'${join(from, path).replaceAll("'", "''")}'`);
}

/** Where the configuration of the box says that the volume is mounted. */
const VOLUME = '/mnt/box';

/** The text of a configuration of the box with `folder` as the place of the volume. Paths are in single quotes there. */
export function withVolume(text: string, folder: string): string {
  return text.replaceAll(VOLUME, folder.replaceAll("'", "''"));
}
