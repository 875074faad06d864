import { Gauge, Registry } from 'prom-client';
import { systemClock } from '../../src/clock.ts';
import { createMetrics } from '../../src/export/metrics.ts';
import { answer } from './helper-process.ts';

/** What is asked of a process that has series to show. */
export type ExpositionTalk = {
  /** Six series a check. */
  readonly vigie: { readonly ask: { readonly checks: number }; readonly answer: Exposed };
  /** The same number of series in a bare prom-client, rendered in the loop. */
  readonly promClient: { readonly ask: { readonly checks: number }; readonly answer: Exposed };
};

/** What one rendering came to. */
export interface Exposed {
  readonly series: number;
  /** The longest that the event loop was held. */
  readonly heldMs: number;
  readonly tookMs: number;
}

const SERIES_A_CHECK = 6;
const RENDERINGS = 5;

/** Renders a few times, the first ones to warm up, and tells of the last. */
async function measured(render: () => Promise<string>): Promise<Exposed> {
  let exposed: Exposed = { series: 0, heldMs: 0, tookMs: 0 };
  for (let i = 0; i < RENDERINGS; i++) {
    let [isOver, heldMs, lastMs] = [false, 0, performance.now()];
    const turn = (): void => {
      heldMs = Math.max(heldMs, performance.now() - lastMs);
      lastMs = performance.now();
      if (!isOver) setImmediate(turn);
    };
    const startedMs = performance.now();
    setImmediate(turn);
    const text = await render();
    const tookMs = performance.now() - startedMs;
    isOver = true;
    await new Promise((resolve) => setImmediate(resolve));
    exposed = { series: text.split('\n').filter((line) => /^[a-z]/.test(line)).length, heldMs, tookMs };
  }
  return exposed;
}

async function ofVigie({ checks }: { readonly checks: number }): Promise<Exposed> {
  const fail = (error: Error): never => {
    throw error;
  };
  const metrics = createMetrics({ clock: systemClock, version: 'bench', onCrash: fail });
  const ids = Array.from({ length: checks }, (_, i) => `c${String(i).padStart(5, '0')}`);
  metrics.watched(ids.map((id) => ({ id, probe: 'http', row: 'sla9.api', vantages: ['here'] })));
  let slot = 0;
  const exposed = await measured(async () => {
    slot++;
    for (const check of ids) {
      const phases = { connect: slot / 7, ttfb: slot / 11, transfer: slot / 13 };
      metrics.observed({
        seen: { check, intervalMs: 1_000, vantage: 'here', slot, outcome: 'good' },
        reading: { kind: 'answer', latencyMs: slot, phases },
        lateMs: 0.1,
        heldMs: 0,
        lagMs: 0,
      });
    }
    // What is told before the scrape is the probes' cost, not the scrape's.
    await new Promise((resolve) => setImmediate(resolve));
    const rendering = await metrics.render();
    if ('trouble' in rendering) throw new Error(`no exposition: ${rendering.trouble}`);
    return new TextDecoder().decode(rendering.exposition.body);
  });
  await metrics.close();
  return exposed;
}

function ofPromClient({ checks }: { readonly checks: number }): Promise<Exposed> {
  const registry = new Registry();
  const labelNames = ['check', 'vantage', 'phase'];
  const gauge = new Gauge({
    name: 'probe_phase_seconds',
    help: 'Phases.',
    labelNames,
    registers: [registry],
  });
  for (let i = 0; i < checks * SERIES_A_CHECK; i++) {
    const check = `c${String(Math.floor(i / SERIES_A_CHECK)).padStart(5, '0')}`;
    gauge.set({ check, vantage: 'here', phase: `p${i % SERIES_A_CHECK}` }, i / 7);
  }
  return measured(() => registry.metrics());
}

answer<ExpositionTalk>({ vigie: ofVigie, promClient: ofPromClient });
