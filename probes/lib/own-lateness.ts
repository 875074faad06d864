import type { ProbeContext } from '../../src/core/probe.ts';

/** How late our own event loop was about one exchange, in milliseconds. */
export interface OwnLateness {
  /** How long the reply waited to be read, as far as it shows: by that the exchange seems longer. */
  readonly atReplyMs: number;
  /** The worst of the whole exchange. Before the reply that does no harm. */
  readonly worstMs: number;
}

/** An exchange that was timed, in milliseconds; `own` where our lateness is measured. */
export interface TimedExchange {
  readonly ms: number;
  readonly own: OwnLateness | undefined;
}

/** To be called when an exchange departs; what it returns, in the turn in which its reply is read. */
export function watchLateness({ clock, lag }: ProbeContext): () => OwnLateness | undefined {
  if (!lag) return () => undefined;
  const sentMs = clock.monotonicMs();
  return () => ({ atReplyMs: lag.waitedMs(sentMs), worstMs: lag.worstSince(sentMs) });
}

/**
 * The least that each exchange of a series can have taken; undefined where our lateness is not measured. Off each goes how
 * long its reply waited for us, and never less than the worst of the exchange that was disturbed least: a machine that is
 * always slow to wake us is so at every reply, while a reply shows it only when a beat is due just then.
 */
export function leastMs(series: readonly TimedExchange[]): readonly number[] | undefined {
  const watched = series.flatMap(({ ms, own }) => (own ? [{ ms, ...own }] : []));
  if (watched.length < series.length) return undefined;
  const alwaysMs = Math.min(...watched.map(({ worstMs }) => worstMs));
  return watched.map(({ ms, atReplyMs }) => Math.max(0, ms - Math.max(atReplyMs, alwaysMs)));
}
