import { expect, test } from 'vitest';
import type { Batch } from '../../src/export/batch.ts';
import { createExpositionClient } from '../../src/export/exposition-client.ts';
import { FakeClock } from '../fake-clock.ts';

const PLAIN = { syntax: 'prometheus', gzip: false } as const;

/** Enough work to keep the thread busy for a moment. */
function largeBatch(): Batch {
  const count = 50_000;
  const defined = Array.from({ length: count }, (_, id) => ({
    id,
    metric: 'vigie_probe_phase_seconds' as const,
    labels: { check: `check-${id}`, vantage: 'az-a', phase: 'connect' },
  }));
  const ids = new Uint32Array(count).map((_, i) => i);
  return { dropped: [], defined, ids, values: new Float64Array(count) };
}

test('render: past the deadline the answer is timeout, and no timer is left', async () => {
  const clock = new FakeClock();
  const client = createExpositionClient({ clock, deadlineMs: 8000, onCrash: () => undefined });
  client.post(largeBatch());
  const rendering = client.render(PLAIN);
  await clock.advance(7999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await rendering).toEqual({ trouble: 'timeout' });
  expect(clock.pending).toBe(0);
  await client.close();
});

test('close: a rendering under way resolves as closed, and no timer is left', async () => {
  const clock = new FakeClock();
  const client = createExpositionClient({ clock, deadlineMs: 8000, onCrash: () => undefined });
  const rendering = client.render(PLAIN);
  await client.close();
  expect(await rendering).toEqual({ trouble: 'closed' });
  expect(clock.pending).toBe(0);
  expect(client.revive()).toBe(false);
});
