import { Agent } from 'undici';
import { answer } from './helper-process.ts';

/** What is asked of a process that drives an exporter, as Prometheus would, over kept connections. */
export type ScraperTalk = {
  readonly scrape: {
    readonly ask: {
      readonly url: string;
      readonly perSecond: number;
      readonly forMs: number;
      /** A line that every answer must hold. */
      readonly expect: string;
    };
    readonly answer: { readonly ok: number; readonly failed: number; readonly bytes: number };
  };
};

const BEAT_MS = 10;
const CONNECTIONS = 64;

answer<ScraperTalk>({
  async scrape({ url, perSecond, forMs, expect }) {
    const agent = new Agent({ connections: CONNECTIONS });
    const { origin, pathname, search } = new URL(url);
    const figures = { ok: 0, failed: 0, bytes: 0 };
    const one = async (): Promise<void> => {
      const { body } = await agent.request({ origin, path: pathname + search, method: 'GET' });
      const text = await body.text();
      figures.bytes = text.length;
      if (text.includes(expect)) figures.ok++;
      else figures.failed++;
    };
    const startedMs = performance.now();
    const total = Math.round((perSecond * forMs) / 1000);
    const underWay: Promise<void>[] = [];
    while (underWay.length < total) {
      const due = Math.min(total, Math.floor(((performance.now() - startedMs) * perSecond) / 1000) + 1);
      while (underWay.length < due) underWay.push(one().catch(() => void figures.failed++));
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
    }
    await Promise.all(underWay);
    await agent.close();
    return figures;
  },
});
