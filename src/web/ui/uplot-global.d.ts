import type UPlot from 'uplot';

declare global {
  /** The chart library, which a script before ours has loaded. */
  const uPlot: typeof UPlot;
}
