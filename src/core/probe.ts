import type { z } from 'zod';
import type { Cancel } from './cancellation.ts';
import type { Clock } from './clock.ts';
import type { Unmet } from './cause.ts';
import type { Expectations } from './expectation.ts';
import type { LagMeter } from './lag-meter.ts';
import type { Reading } from './reading.ts';

/** A value that a probe reports and that a check may expect something of. */
export interface ValueSpec {
  readonly type: 'string' | 'number' | 'boolean' | 'list';
  /** What it means, with its unit; shown by `vigie probe --help KIND`. */
  readonly summary: string;
  /** The cause that a slot carries when the expectation is not met. */
  readonly cause: Unmet;
}

/** What the runner lends to one attempt. */
export interface ProbeContext {
  /** Aborted at the deadline or at shutdown. The probe must stop all its traffic at once and resolve soon. */
  readonly signal: AbortSignal;
  /** The same as the signal at a fraction of its cost, for whoever needs no AbortSignal; absent where there is none. */
  readonly cancel?: Cancel | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1); for identifiers on the wire. */
  readonly random: () => number;
  /** By which a probe tells our own lateness from the times that it tells ({@link Answer.ownMs}); absent where nobody measures. */
  readonly lag?: LagMeter | undefined;
}

/** A probe set up for one check. */
export interface ConfiguredProbe {
  /**
   * Names the request as the wire sees it: two probes with equal identities send identical requests, which the
   * guard keeps a second apart. Holds no secret.
   */
  readonly identity: string;
  /** Whether a run takes so little of the event loop's time that more of them may share a turn; not when absent. */
  readonly light?: boolean;
  /**
   * One attempt. Resolves with what was seen; trouble that is known is a value, never a rejection. A rejection is a
   * bug of ours and reads as blind. After an abort it resolves within the turn and sends nothing more; what it then
   * returns is read as a timeout when the deadline caused the abort, and dropped at shutdown.
   */
  run(context: ProbeContext): Promise<Reading>;
}

/**
 * One kind of thing we look at. A factory makes the kind once per process, so that what its probes share (agents,
 * sockets, TLS contexts) lives and ends with it.
 */
export interface ProbeKind<Settings = unknown> {
  /** The word in `probe:`. */
  readonly kind: string;
  /** One sentence: what it looks at and how. */
  readonly summary: string;
  /** Schema of `with:`; strict, with a description on every field. */
  readonly settings: z.ZodType<Settings>;
  /** Phases it may report. */
  readonly phases: readonly string[];
  /** What `expect:` may name besides `latency`; some depend on the settings. */
  values(settings: Settings): Readonly<Record<string, ValueSpec>>;
  /** Expectations that hold unless the check says otherwise for the same value. */
  readonly defaults: Expectations;
  /** The least time, in milliseconds, that a good run takes by its own pauses; the timeout must be longer. */
  leastMs?(settings: Settings): number;
  /** How many objects a good run vouches for; kinds that watch durability have it. */
  sentinels?(settings: Settings): number;
  /** Sets a probe up. Throws an Error, in words for the user and without a secret, when these settings cannot work. */
  configure(settings: Settings): ConfiguredProbe;
  /** Ends what the kind's probes share. Afterwards no handle of its own is open. */
  close(): Promise<void>;
}
