import { setTimeout as pause } from 'node:timers/promises';

/** Looks until something is there, for so long at the most; a look that rejects has found nothing. Rejects after that. */
export async function until<T>(look: () => Promise<T | undefined>, limitMs = 15_000): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; await pause(100)) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error(`it did not come to be so within ${limitMs} ms`);
}
