import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Box, createBox } from '../../src/box/box.ts';
import { BoxPortError } from '../../src/box/stall.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';

const FIRST_OFFSET = 3_000;
const STEP = 200;
const TRIES = 100;

/** A box that runs on ports that were free, whatever else runs on this machine, its offset and where its volume lies. */
export interface StartedBox {
  /** Takes its folder away when it is stopped. */
  readonly box: Box;
  readonly portOffset: number;
  readonly folder: string;
}

/** Starts a box. */
export async function startedBox(clock: Clock = systemClock): Promise<StartedBox> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-box-'));
  for (let tried = 0; ; tried++) {
    const portOffset = FIRST_OFFSET + STEP * ((process.pid + tried) % TRIES);
    const box = createBox({ clock, portOffset, folder });
    try {
      await box.start();
      return { box: leavingNothing(box, folder), portOffset, folder };
    } catch (error) {
      if (!(error instanceof BoxPortError) || tried === TRIES) throw error;
    }
  }
}

function leavingNothing(box: Box, folder: string): Box {
  return {
    ...box,
    async stop() {
      await box.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The port of a service of a box. */
export function portOf(box: Box, name: string): number {
  const service = box.services.find((candidate) => candidate.name === name);
  if (service?.port === undefined) throw new Error(`no service with a door ${name}`);
  return service.port;
}
