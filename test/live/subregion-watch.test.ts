import { describe, expect, it } from 'vitest';
import type { Reading, Value } from '../../src/core/reading.ts';
import { coversRegion } from '../../src/casework/judging.ts';
import { SubregionWatch } from '../../src/live/subregion-watch.ts';

const answer = (subregionNames: Value): Reading => ({
  kind: 'answer',
  latencyMs: 1,
  values: { subregionNames },
});
const known = { region: 'eu-1', regionSubregions: ['eu-1a', 'eu-1b'] };

describe('SubregionWatch', () => {
  it('warns of a subregion that the configuration does not know, and tells a change once', () => {
    const watch = new SubregionWatch();
    expect(watch.note(answer(['eu-1b', 'eu-1a']), known)).toBe(true);
    expect(watch.warnings(known)).toEqual([]);
    expect(watch.note(answer(['eu-1c', 'eu-1a', 'eu-1b']), known)).toBe(true);
    expect(watch.note(answer(['eu-1a', 'eu-1b', 'eu-1c']), known)).toBe(false);
    expect(watch.warnings(known)).toEqual([expect.stringMatching(/^eu-1 has eu-1c, which neither /)]);
  });

  it('takes no answer of another region, of another call, or that is none', () => {
    const watch = new SubregionWatch();
    expect(watch.note(answer(['us-2a']), known)).toBe(false);
    expect(watch.note(answer('eu-1a'), known)).toBe(false);
    expect(watch.note({ kind: 'blind', blind: 'bug', detail: '' }, known)).toBe(false);
    expect(watch.told).toBeUndefined();
  });

  it('says nothing against a configuration that leaves it to the API', () => {
    const watch = new SubregionWatch();
    watch.note(answer(['eu-1a', 'eu-1b']), { ...known, regionSubregions: undefined });
    expect(watch.warnings({ ...known, regionSubregions: undefined })).toEqual([]);
    expect(watch.told).toEqual(['eu-1a', 'eu-1b']);
  });
});

describe('coversRegion', () => {
  it.each([
    ['all, by the configuration', ['a', 'b'], ['a', 'b'], ['a', 'b', 'c'], true],
    ['not all, by the configuration', ['a'], ['a', 'b'], ['a'], false],
    ['all, by the API', ['a', 'b'], undefined, ['a', 'b'], true],
    ['not all, by the API', ['a', 'b'], undefined, ['a', 'b', 'c'], false],
    ['nobody says', ['a', 'b'], undefined, undefined, null],
    ['no deployment', undefined, ['a'], ['a'], null],
  ] as const)('%s', (_, subregions, regionSubregions, told, covers) => {
    expect(coversRegion({ subregions, regionSubregions }, told)).toBe(covers);
  });
});
