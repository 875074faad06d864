import type { Conduct } from './conduct.ts';
import type { BoxFault } from './fault.ts';
import type { Listener } from './listener.ts';

/** One service of the region in a box: a small real server of its protocol. */
export interface BoxService {
  /** The word in `--fault NAME`. */
  readonly name: string;
  /** What it stands for, in a few words. */
  readonly summary: string;
  /** Its port, before any offset. */
  readonly port: number;
  /** The faults that a client of its protocol can tell from health. */
  readonly faults: readonly BoxFault[];
  /** Begins to listen. Rejects with the system's error, nothing left open. */
  listen(port: number, conduct: Conduct): Promise<Listener>;
}
