import type { Clock } from '../core/clock.ts';
import type { Conduct } from './conduct.ts';
import type { Estate } from './estate.ts';
import type { BoxFault } from './fault.ts';
import type { Listener } from './listener.ts';

/** Begins to listen on a port of the box. Rejects with the system's error, nothing left open. */
export type Door = (port: number, conduct: Conduct) => Promise<Listener>;

interface Breakable {
  /** The word in `--fault NAME`. */
  readonly name: string;
  /** What it stands for, in a few words. */
  readonly summary: string;
  /** The faults that a client can tell from health; the first is meant when none is named. */
  readonly faults: readonly BoxFault[];
  /** What a fault means here, where FAULT_MEANINGS does not say it right. */
  readonly meanings?: Readonly<Partial<Record<BoxFault, string>>>;
}

/** A service with a door of its own: a small real server of its protocol. */
export interface BoxServer extends Breakable {
  /** Its port, before any offset. */
  readonly port: number;
  /** Begins to listen. Rejects with the system's error, nothing left open. */
  readonly listen: (port: number, conduct: Conduct, estate: Estate) => Promise<Listener>;
}

/** A service without a door: it is seen on a disk, or in what the API tells of it. */
export interface BoxResource extends Breakable {
  readonly port?: undefined;
  /** Makes it be as the fault in force wants it; doing so again changes nothing. Throws the system's error. */
  readonly settle: (fault: BoxFault | undefined, estate: Estate, clock: Clock) => Promise<void>;
}

/** One service of the region in a box. */
export type BoxService = BoxServer | BoxResource;
