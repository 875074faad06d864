// The global of the same name is looked up through a getter every time.
import { performance } from 'node:perf_hooks';
import type { Clock } from './core/clock.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clocks. The one place in vigie that reads them. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, fire) {
    const due = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = due - performance.now();
      timer = setTimeout(left > 0 ? check : fire, Math.min(Math.max(0, Math.ceil(left)), LONGEST_TIMER_MS));
    };
    // The runtime's timers may fire up to a millisecond early and hold 24.8 days at the most.
    const check = (): void => {
      if (performance.now() >= due) fire();
      else arm();
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Uniform in [0, 1). For identifiers on the wire (DNS ids, cookies); never for a verdict. */
export const systemRandom = (): number => Math.random();
