import { describe, expect, it } from 'vitest';
import { objectDurabilityProbe } from '../../probes/object-durability.ts';
import { SNAPSHOT_VALUES } from '../../probes/lib/snapshot-reading.ts';
import { probeKinds } from '../../probes/index.ts';
import type { ValueSpec } from '../../src/core/probe.ts';

/** The values whose expectation, unmet, makes a slot bad with a cause. */
function valuesWith(specs: Readonly<Record<string, ValueSpec>>, cause: string): readonly string[] {
  return Object.entries(specs).flatMap(([name, spec]) => (spec.cause === cause ? [name] : []));
}

describe('durability: `lost` and `altered` are said of a proven loss alone (SLA6, SLA7; sla-math §8)', () => {
  const kinds = [...probeKinds().values()].filter(({ kind }) => /durability|snapshot/.test(kind));
  const durability = objectDurabilityProbe().values({} as never);

  it('by these values, and by no other', () => {
    expect(kinds.map(({ kind }) => kind)).toEqual(['object-durability', 'snapshot']);
    expect(valuesWith(durability, 'lost')).toEqual(['lost', 'lostCount']);
    expect(valuesWith(durability, 'altered')).toEqual(['altered', 'alteredCount']);
    expect(valuesWith(SNAPSHOT_VALUES, 'lost')).toEqual(['lost', 'lostCount']);
    expect(valuesWith(SNAPSHOT_VALUES, 'altered')).toEqual(['altered', 'alteredCount']);
  });

  it('before anything else that may be wrong at the same time: they are the first that the defaults expect', () => {
    for (const { defaults } of kinds)
      expect(Object.keys(defaults).slice(0, 2)).toEqual(['lostCount', 'alteredCount']);
  });
});
