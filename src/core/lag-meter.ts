/** How late our own event loop was, as far as it shows. */
export interface LagMeter {
  /** The longest that the loop was late between a monotonic instant and now, in milliseconds; 0 when never. */
  worstSince(fromMs: number): number;
  /**
   * The longest that what the loop comes to in this turn may have waited for it, by what shows, since a monotonic instant;
   * in milliseconds, 0 when the loop is in time. A stall that was over before this turn does not count: what had waited
   * for its end was come to then.
   */
  waitedMs(fromMs: number): number;
}
