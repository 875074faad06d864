import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { LagMeter } from '../../src/core/lag-meter.ts';
import type { ProbeKind } from '../../src/core/probe.ts';
import type { Reading } from '../../src/core/reading.ts';
import { Secret } from '../../src/core/secret.ts';

/**
 * How a target behaves: `answers` as the protocol wants it, `silent` takes the request and says nothing, `refused`
 * is a port where nothing listens, `garbage` replies with bytes that are not the protocol.
 */
export type TargetMode = (typeof MODES)[number];

/** All modes. */
export const MODES = ['answers', 'silent', 'refused', 'garbage'] as const;

/** A real server on loopback, made for one test. */
export interface ProbeTarget {
  /** The `with:` block of a check of it, as a configuration file would have it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What has reached it so far: connections, datagrams and chunks of a stream, all counted together. */
  received(): number;
  close(): Promise<void>;
}

/** What the contract needs to know of a kind of probe. */
export interface ProbeHarness<Settings> {
  readonly make: () => ProbeKind<Settings>;
  /** Starts a target; each has a port or address of its own, so two of them differ in identity. */
  readonly target: (mode: TargetMode) => Promise<ProbeTarget>;
  /**
   * What garbage comes to: a `protocol` fault, or `timeout` where whatever does not belong to the exchange must be
   * ignored (datagrams that do not match the request).
   */
  readonly garbage: 'protocol' | 'timeout';
  /**
   * Whether the targets' settings hold a secret, written as a reference like `{ env: 'ANY' }`. The suite resolves
   * every reference to {@link SECRET_MARKER} and looks for it in whatever the probe says.
   */
  readonly secrets: boolean;
  /**
   * Whether the target only tells of what is watched (an API that tells the state of a machine). Then one that can't be
   * talked to is no fault of what is watched: a refused connection and garbage come to blind `skipped`.
   */
  readonly hearsay?: boolean;
}

/** The value of every secret in this suite. A target may send it back to tempt the probe. */
export const SECRET_MARKER = 'S3cr3t-M4rk3r-0f-Th3-Suit3';

/** A probe set up against a target of its own, for the length of one test. */
export interface Probing<Settings> {
  readonly kind: ProbeKind<Settings>;
  readonly target: ProbeTarget;
  readonly settings: Settings;
  readonly identity: string;
  run(signal?: AbortSignal): Promise<Reading>;
  /** Timers asked of the clock that neither fired nor were cancelled. */
  pendingTimers(): number;
}

/** A loop that passes for late at every look. */
const ALWAYS_LATE: LagMeter = { worstSince: () => 2, waitedMs: () => 1 };

/** Runs one test against a fresh kind and a fresh target, and closes both, the kind first. */
export async function probing<Settings>(
  harness: ProbeHarness<Settings>,
  mode: TargetMode,
  use: (probing: Probing<Settings>) => Promise<void>,
): Promise<void> {
  const target = await harness.target(mode);
  const kind = harness.make();
  const { clock, pending } = countingClock();
  try {
    const settings = parse(kind, target.settings);
    const probe = kind.configure(settings);
    const run = (signal = new AbortController().signal): Promise<Reading> =>
      probe.run({ signal, clock, random: systemRandom, lag: ALWAYS_LATE });
    await use({ kind, target, settings, identity: probe.identity, run, pendingTimers: pending });
  } finally {
    await kind.close();
    await target.close();
  }
}

/** Settings as a configuration would come by them: parsed by the kind's schema, every secret resolved. */
export function parse<Settings>(kind: ProbeKind<Settings>, settings: unknown): Settings {
  const parsed = kind.settings.parse(settings);
  resolveSecrets(parsed);
  return parsed;
}

function resolveSecrets(value: unknown): void {
  if (value instanceof Secret) value.resolve(() => SECRET_MARKER);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(resolveSecrets);
}

function countingClock(): { readonly clock: Clock; readonly pending: () => number } {
  const pending = new Set<object>();
  const after: Clock['after'] = (delayMs, fire) => {
    const timer = {};
    pending.add(timer);
    const cancel = systemClock.after(delayMs, () => {
      pending.delete(timer);
      fire();
    });
    return () => {
      pending.delete(timer);
      cancel();
    };
  };
  return { clock: { ...systemClock, after }, pending: () => pending.size };
}
