import { type Box, createBox } from '../../src/box/box.ts';
import { BoxPortError } from '../../src/box/stall.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';

const FIRST_OFFSET = 3_000;
const STEP = 200;
const TRIES = 100;

/** A box that runs on ports that were free, whatever else runs on this machine, and its offset. */
export async function startedBox(
  clock: Clock = systemClock,
): Promise<{ readonly box: Box; readonly portOffset: number }> {
  for (let tried = 0; ; tried++) {
    const portOffset = FIRST_OFFSET + STEP * ((process.pid + tried) % TRIES);
    const box = createBox({ clock, portOffset });
    try {
      await box.start();
      return { box, portOffset };
    } catch (error) {
      if (!(error instanceof BoxPortError) || tried === TRIES) throw error;
    }
  }
}

/** The port of a service of a box. */
export function portOf(box: Box, name: string): number {
  const service = box.services.find((candidate) => candidate.name === name);
  if (!service) throw new Error(`no service ${name}`);
  return service.port;
}
